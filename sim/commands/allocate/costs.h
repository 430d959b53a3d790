/* A network's allocation problem: additive costs of its layers, and assignments judged by them and exactly. */
#ifndef TETRA_SIM_ALLOCATE_COSTS_H
#define TETRA_SIM_ALLOCATE_COSTS_H

#include "commands/allocate/machine.h"
#include "commands/allocate/problem.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ALLOCATE_EXTRA = 64 };
enum { ALLOCATE_ADDITIVE = 3 }; /* rows of costs in front of ram's: cycles, bytes, flash */

/* An assignment and what it costs. */
struct allocate_point {
  int *choice; /* [layers]; owned */
  double objective;
  double predicted[ALLOCATE_RESOURCES]; /* by additive costs */
  double exact[ALLOCATE_RESOURCES];
};
void allocate_point_free(struct allocate_point *p);

/* A network's problem. The additive cost of a layer in a choice is the exact cost of the network with that layer so and
 * all others in the cheapest choice, less that of the cheapest network, plus the layer's own part in that one. */
struct allocate_costs {
  const struct allocate_options *o;
  struct allocate_machine *machine;
  struct allocate_problem a; /* all costs: cycles, bytes, flash, then ram layer by layer; limits are set as needed */
  struct tetra_layer_bits *bits; /* [layers], scratch; owned */
  struct allocate_problem now;   /* the problem under certain limits */
  /* Constraints beside the budgets: sums of extra[row][layer][choice] are at most extra_limit[row]. Set and owned by
   * who has them. */
  const double *extra, *extra_limit;
  int n_extra;           /* at most ALLOCATE_EXTRA */
  int unproved;          /* problems whose solution was not proved to be the best */
  long most_evaluations; /* of one search */
};

/* Fills in costs, names and ties; sensitivities are the caller's to fill. TETRA_EINVAL, TETRA_ENOMEM; closed by the
 * caller in any case. */
TETRA_NODISCARD int allocate_costs_open(struct allocate_costs *s, const struct allocate_options *o,
                                        struct allocate_machine *m, struct tetra_error *err);
void allocate_costs_close(struct allocate_costs *s);
/* The problem as it is under these limits (0: none), for a file. */
TETRA_NODISCARD int allocate_costs_limits(struct allocate_costs *s, const double limit[ALLOCATE_RESOURCES],
                                          struct tetra_error *err);
/* Fills objective, predicted and exact of p->choice. */
TETRA_NODISCARD int allocate_costs_judge(struct allocate_costs *s, struct allocate_point *p, struct tetra_error *err);
/* Does the assignment keep the extra constraints? */
int allocate_costs_keeps(const struct allocate_costs *s, const int *choice);
/* Does it keep these limits (0: none) exactly? */
int allocate_point_fits(const struct allocate_point *p, const double limit[ALLOCATE_RESOURCES]);
/* *to becomes a copy, in memory of its own, which it may have already. TETRA_ENOMEM. */
TETRA_NODISCARD int allocate_point_copy(const struct allocate_point *from, int layers, struct allocate_point *to,
                                        struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
