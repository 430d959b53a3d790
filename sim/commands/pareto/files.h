/* What `./sim pareto` writes of networks of the user's. */
#ifndef TETRA_PARETO_FILES_H
#define TETRA_PARETO_FILES_H

#include <stdio.h>

#include "commands/pareto/options.h"

/* The table by csv(arg, out) into o->csv, the figure by draw(arg, image, out), a program for gnuplot, into o->plot
 * where one is wanted; then says so. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int pareto_write_files(const struct pareto_options *o, void (*csv)(const void *arg, FILE *out),
                                       void (*draw)(const void *arg, const char *image, FILE *out), const void *arg,
                                       struct tetra_error *err);

#endif
