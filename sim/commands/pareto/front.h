/* Pareto sets, and what they say. */
#ifndef TETRA_SIM_PARETO_FRONT_H
#define TETRA_SIM_PARETO_FRONT_H

#include <stddef.h>

#include "commands/pareto/points.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sets axis[PARETO_CYCLES] and axis[PARETO_ENERGY] from the modelled runs, and front: a point is in the set if none is
 * as cheap and as accurate and better in one of the two. */
void pareto_fronts(struct pareto_point points[PARETO_POINTS]);
/* One sentence: does "mostly 4-bit" stay optimal when the cost is `axis`, cycles or energy? Computed from the fronts.
 */
void pareto_verdict(const struct pareto_point points[PARETO_POINTS], enum pareto_axis axis, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
