/* `./sim pareto --supernet`: the figure of a supernet's subnets. */
#ifndef TETRA_SIM_PARETO_SUPERNET_H
#define TETRA_SIM_PARETO_SUPERNET_H

#include "commands/pareto/options.h"

/* Slices every subnet out of the file o->supernet, gives it statistics from o->data, measures it on both sets and in
 * the cycle model; prints the table and the verdict, writes o->csv and o->plot, and into o->subnets the networks.
 * Returns an exit code. */
int pareto_of_supernet(const struct pareto_options *o);

#endif
