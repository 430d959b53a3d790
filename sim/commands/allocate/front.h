/* The Pareto front between the cheapest and the dearest allocation. */
#ifndef TETRA_SIM_ALLOCATE_FRONT_H
#define TETRA_SIM_ALLOCATE_FRONT_H

#include "commands/allocate/solve.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Allocations of which none is as cheap and as good as another, by exact costs of `axis`, the cheapest first. */
struct allocate_front {
  enum allocate_resource axis; /* the first resource with a budget */
  struct allocate_point *points;
  int n;
};

/* Solves o->points problems, the limit of the axis going from the least to the most that it can come to; other budgets
 * are kept. `chosen` is the answer, which is one of them. TETRA_EINVAL, TETRA_ENOMEM. Freed also after an error. */
TETRA_NODISCARD int allocate_front(struct allocate_costs *s, const struct allocate_point *chosen,
                                   struct allocate_front *f, struct tetra_error *err);
void allocate_front_free(struct allocate_front *f);

#ifdef __cplusplus
}
#endif
#endif
