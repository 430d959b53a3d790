/* The table, the CSV and the figure of the user's own networks. */
#ifndef TETRA_SIM_PARETO_MODELS_REPORT_H
#define TETRA_SIM_PARETO_MODELS_REPORT_H

#include "commands/pareto/model.h"
#include "commands/pareto/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The network's cost, by which the Pareto set is: mJ or cycles of an image, as o->by says. */
double pareto_model_cost(const struct pareto_options *o, const struct pareto_model *m);
/* Prints the table and writes o->csv and, where it is given, o->plot. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int pareto_models_report(const struct pareto_model *m, int n, const struct pareto_options *o,
                                         struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
