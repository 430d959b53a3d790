/* The paper's figure. */
#ifndef TETRA_SIM_PARETO_PLOT_H
#define TETRA_SIM_PARETO_PLOT_H

#include <stdio.h>

#include "commands/pareto/options.h"
#include "commands/pareto/points.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A gnuplot program that draws top-1 over linear cost and over cycles, or energy, into `image` (.svg or .png). */
void pareto_plot_program(const struct pareto_point points[PARETO_POINTS], const struct pareto_options *o,
                         const char *image, FILE *out);
/* Has gnuplot draw o->plot. TETRA_EIO: gnuplot is missing or failed, or the file cannot be written. */
TETRA_NODISCARD int pareto_plot(const struct pareto_point points[PARETO_POINTS], const struct pareto_options *o,
                                struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
