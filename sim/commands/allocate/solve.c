/* Additive costs and the exact solver; what they leave is for the exact costs to decide. */
#include "commands/allocate/solve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands/allocate/local.h"

enum { NODES = 2000000, MANY_NODES = 50000 }; /* of a search tree; where there are many budgets a node takes longer */
enum { ROUNDS = 8 };                          /* of limits that make up for what additive costs get wrong */

/* Solves under `aim`, judges, keeps the best that fits `limit`. */
static int solve_once(struct allocate_costs *s, const double *aim, const double *limit, struct allocate_point *p,
                      struct allocate_point *best, struct tetra_error *err) {
  struct tetra_allocation answer;
  int rc = allocate_costs_limits(s, aim, err);
  if (rc == TETRA_OK) rc = tetra_allocate(&s->now.p, s->now.p.n_budgets > 4 ? MANY_NODES : NODES, &answer, err);
  if (rc != TETRA_OK) return rc;
  s->unproved += !answer.proved;
  free(p->choice);
  p->choice = answer.choice;
  answer.choice = NULL;
  tetra_allocation_free(&answer);
  rc = allocate_costs_judge(s, p, err);
  if (rc != TETRA_OK || !allocate_point_fits(p, limit) || (best->choice != NULL && best->objective <= p->objective))
    return rc;
  return allocate_point_copy(p, s->a.p.n_layers, best, err);
}

/* The choice of layer l, and of those tied to it, with the least additive cost `row`. */
static int cheapest(const struct allocate_costs *s, int row, int l) {
  const size_t n = (size_t)s->a.p.n_layers, k = (size_t)s->a.p.n_choices;
  int best = 0;
  double least = INFINITY;
  for (int c = 0; c < s->a.p.n_choices; c++) {
    double sum = 0;
    for (int e = 0; e < s->a.p.n_layers; e++) {
      if (s->a.tie[e] == s->a.tie[l]) sum += s->a.cost[((size_t)row * n + (size_t)e) * k + (size_t)c];
    }
    if (sum >= least) continue;
    least = sum;
    best = c;
  }
  return best;
}

/* The least that each resource was seen to come to, exactly: by the cheapest choices of every additive cost, and by
 * every choice for all layers. */
static int find_least(struct allocate_costs *s, double least[ALLOCATE_RESOURCES], struct tetra_error *err) {
  struct allocate_point p = {.choice = calloc((size_t)s->a.p.n_layers, sizeof *p.choice)};
  int rc = p.choice == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for %d choices", s->a.p.n_layers) : TETRA_OK;
  for (int r = 0; r < ALLOCATE_RESOURCES; r++) least[r] = INFINITY;
  for (int i = 0; rc == TETRA_OK && i < s->a.p.n_choices + ALLOCATE_ADDITIVE; i++) {
    for (int l = 0; l < s->a.p.n_layers; l++) {
      p.choice[l] = i < s->a.p.n_choices ? i : cheapest(s, i - s->a.p.n_choices, l);
    }
    rc = allocate_costs_judge(s, &p, err);
    for (int r = 0; rc == TETRA_OK && r < ALLOCATE_RESOURCES; r++) least[r] = fmin(least[r], p.exact[r]);
  }
  allocate_point_free(&p);
  return rc;
}

/* Which budget is too small, and how small it may be. `why` is what the solver said. */
static int explain(struct allocate_costs *s, const double *limit, const struct tetra_error *why,
                   struct tetra_error *err) {
  double least[ALLOCATE_RESOURCES];
  const int rc = find_least(s, least, err);
  if (rc != TETRA_OK) return rc;
  for (int r = 0; r < ALLOCATE_RESOURCES; r++) {
    if (limit[r] <= 0 || least[r] <= limit[r]) continue;
    return tetra_fail(err, TETRA_ERANGE, "--budget: %s = %.0f is too small for this network; it must be at least %.0f",
                      allocate_resource_name(r), limit[r], least[r]);
  }
  return tetra_fail(err, TETRA_ERANGE, "--budget: %s", why->msg);
}

/* Additive costs are wrong by a few per cent: the limits are moved by as much as they were wrong last time. */
static int solve(struct allocate_costs *s, const double limit[ALLOCATE_RESOURCES], struct allocate_point *best,
                 struct tetra_error *err) {
  struct allocate_point p = {0};
  struct tetra_error why = {0, ""};
  double aim[ALLOCATE_RESOURCES], gap[ALLOCATE_RESOURCES] = {0};
  memcpy(aim, limit, sizeof aim);
  int rc = TETRA_OK;
  for (int round = 0; rc == TETRA_OK && round < ROUNDS; round++) {
    rc = solve_once(s, aim, limit, &p, best, &why);
    int moved = 0;
    for (int r = 0; rc == TETRA_OK && r < ALLOCATE_RESOURCES; r++) {
      const double now = p.exact[r] - p.predicted[r];
      moved |= limit[r] > 0 && fabs(now - gap[r]) > 0;
      gap[r] = p.exact[r] > limit[r] && now <= gap[r] ? gap[r] + 0.002 * limit[r] : now;
      aim[r] = limit[r] > 0 ? fmax(limit[r] - gap[r], limit[r] * 0.01) : 0;
    }
    if (!moved && allocate_point_fits(&p, limit)) break;
  }
  allocate_point_free(&p);
  if (best->choice != NULL) return TETRA_OK; /* a later aim may have been too small */
  if (rc != TETRA_OK && rc != TETRA_ERANGE) return tetra_fail(err, rc, "%s", why.msg);
  if (rc == TETRA_OK)
    tetra_fail(&why, TETRA_ERANGE, "no bits were found that keep them exactly; larger ones are needed");
  return explain(s, limit, &why, err);
}

int allocate_solve(struct allocate_costs *s, const double limit[ALLOCATE_RESOURCES], int local,
                   const struct allocate_point *start, struct allocate_point *best, struct tetra_error *err) {
  memset(best, 0, sizeof *best);
  int rc = TETRA_OK;
  const int has_start = start != NULL && start->choice != NULL && allocate_point_fits(start, limit);
  if (has_start) rc = allocate_point_copy(start, s->a.p.n_layers, best, err);
  if (rc == TETRA_OK) rc = solve(s, limit, best, err);
  if (rc == TETRA_OK && local) rc = allocate_local(s, limit, best, err);
  if (rc != TETRA_OK) allocate_point_free(best);
  return rc;
}
