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
/* Costs of a quantized network from its file; t->name is for messages. TETRA_EINVAL, TETRA_ERANGE, TETRA_ENOMEM. */
TETRA_NODISCARD int pareto_trained_costs(const struct pareto_options *o, const uint8_t *bytes, size_t size,
                                         struct pareto_trained *t, struct tetra_error *err);
/* Reads every report of `./sim train --json` in the folder o->trained and the network that it names, in the same
 * folder; prints the table and the verdict, writes o->csv and o->plot. Returns an exit code. */
int pareto_of_trained(const struct pareto_options *o);

#ifdef __cplusplus
}
#endif
#endif
