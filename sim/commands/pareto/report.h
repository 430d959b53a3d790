/* The table of all points, for people and for programs. */
#ifndef TETRA_SIM_PARETO_REPORT_H
#define TETRA_SIM_PARETO_REPORT_H

#include <stdio.h>

#include "commands/pareto/options.h"
#include "commands/pareto/points.h"

#ifdef __cplusplus
extern "C" {
#endif

void pareto_print(const struct pareto_point points[PARETO_POINTS], const struct pareto_options *o, FILE *out);
/* A line per point, keys in the first one; numbers of the C locale, empty where there is none. */
void pareto_csv(const struct pareto_point points[PARETO_POINTS], const struct pareto_options *o, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
