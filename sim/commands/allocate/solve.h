/* From limits to the best bits: the exact solver on additive costs, and a search with the exact ones. */
#ifndef TETRA_SIM_ALLOCATE_SOLVE_H
#define TETRA_SIM_ALLOCATE_SOLVE_H

#include "commands/allocate/costs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The best within the limits by additive costs; where the exact ones exceed them, or leave room, again with limits that
 * make up for the difference; then, where `local`, single changes and exchanges of two layers, judged exactly. `start`
 * may be NULL: an assignment that the result must not be worse than, if it keeps the limits. TETRA_ERANGE: nothing
 * fits, the message says how small a budget may be. */
TETRA_NODISCARD int allocate_solve(struct allocate_costs *s, const double limit[ALLOCATE_RESOURCES], int local,
                                   const struct allocate_point *start, struct allocate_point *best,
                                   struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
