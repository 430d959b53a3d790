/* `./sim pareto --trained`: the paper's figure of networks that `./sim train` trained. */
#ifndef TETRA_SIM_PARETO_TRAINED_H
#define TETRA_SIM_PARETO_TRAINED_H

#include "commands/pareto/options.h"
#include "commands/pareto/trained_point.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sets front and near. */
void pareto_trained_fronts(struct pareto_trained *t, int n);
/* Reads every report of `./sim train --json` in the folder o->trained and the network that it names, in the same
 * folder; prints the table and the verdict, writes o->csv and o->plot. Returns an exit code. */
int pareto_of_trained(const struct pareto_options *o);

#ifdef __cplusplus
}
#endif
#endif
