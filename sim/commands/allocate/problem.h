/* Allocation problems as JSON files, and their answers. */
#ifndef TETRA_SIM_ALLOCATE_PROBLEM_H
#define TETRA_SIM_ALLOCATE_PROBLEM_H

#include "tetra/allocate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A problem and the names in it. Costs without a budget are kept behind those with one: their sums are reported. */
struct allocate_problem {
  struct tetra_allocate_problem p; /* its arrays are the ones below */
  int n_costs;                     /* of which the first p.n_budgets have a limit */
  char **choice_names;             /* [p.n_choices] */
  char **cost_names;               /* [n_costs] */
  double *sensitivity, *cost, *limit;
  int *tie;
};

/* An empty one of this size; all numbers 0, no names, no ties. Names are set by allocate_problem_name. TETRA_ENOMEM. */
TETRA_NODISCARD int allocate_problem_init(struct allocate_problem *a, int layers, int choices, int costs,
                                          struct tetra_error *err);
void allocate_problem_free(struct allocate_problem *a);
/* Replaces a name by a copy of text. TETRA_ENOMEM. */
TETRA_NODISCARD int allocate_problem_name(char **name, const char *text, struct tetra_error *err);

/* Reads {"choices": [names], "sensitivity": [[one per choice] per layer], "cost": {name: [[one per choice] per layer]},
 * "ties": [[layers that choose alike]], "budget": {name: limit}}; cost, ties and budget may be left out. TETRA_EIO,
 * TETRA_EINVAL: nothing is owned then. */
TETRA_NODISCARD int allocate_problem_read(const char *path, struct allocate_problem *a, struct tetra_error *err);
/* Writes such a file. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int allocate_problem_write(const char *option, const char *path, const struct allocate_problem *a,
                                           struct tetra_error *err);
/* Writes {"choice": [index per layer], "objective": sum, "cost": {name: used}}. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int allocate_answer_write(const char *option, const char *path, const struct allocate_problem *a,
                                          const struct tetra_allocation *answer, struct tetra_error *err);
/* The sum of cost k over the layers. */
double allocate_problem_used(const struct allocate_problem *a, int k, const int *choice);

#ifdef __cplusplus
}
#endif
#endif
