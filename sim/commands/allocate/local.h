/* Small changes of an assignment, each judged by the exact costs. */
#ifndef TETRA_SIM_ALLOCATE_LOCAL_H
#define TETRA_SIM_ALLOCATE_LOCAL_H

#include "commands/allocate/costs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Improves *p, which keeps the limits, until no change of one layer and no exchange of two (with those tied to them)
 * is better and keeps them, or s->most_evaluations have been spent. */
TETRA_NODISCARD int allocate_local(struct allocate_costs *s, const double limit[ALLOCATE_RESOURCES],
                                   struct allocate_point *p, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
