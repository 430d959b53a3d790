/* The rule that was published for microcontrollers, on a network: the baseline of budgets of RAM and flash. */
#ifndef TETRA_SIM_ALLOCATE_GREEDY_H
#define TETRA_SIM_ALLOCATE_GREEDY_H

#include "commands/allocate/costs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs the rule (tetra_mcu_greedy) on the network's layers as a chain, which it takes them for, and judges the result.
 * *found: 1 where the rule finds bits that are among the choices; then *p has them. TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int allocate_greedy(struct allocate_costs *s, struct allocate_point *p, int *found,
                                    struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
