/* `./sim pareto --models`: accuracy over exact cycles of the user's own networks. */
#ifndef TETRA_SIM_PARETO_MODELS_H
#define TETRA_SIM_PARETO_MODELS_H

#include "commands/pareto/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs every file that o->models names over the images, on the C model's fast path, whose results are the hardware's,
 * and through the cycle model; prints the table, writes o->csv and o->plot. Returns an exit code. */
int pareto_models(const struct pareto_options *o);

#ifdef __cplusplus
}
#endif
#endif
