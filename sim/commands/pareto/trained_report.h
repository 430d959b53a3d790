/* The table, the verdict, the CSV and the figure of trained networks. */
#ifndef TETRA_SIM_PARETO_TRAINED_REPORT_H
#define TETRA_SIM_PARETO_TRAINED_REPORT_H

#include "commands/pareto/options.h"
#include "commands/pareto/trained_point.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Prints table and verdict and writes o->csv and, where it is given, o->plot. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int pareto_trained_report(const struct pareto_trained *t, int n, const struct pareto_options *o,
                                          struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
