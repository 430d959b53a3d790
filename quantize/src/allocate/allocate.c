/* Which choice for which layer: the library's front. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "allocate/core.h"

/* The least that budget b can come to, with the others kept where `others`; 0 where they exclude one another. */
static int least_budget(const struct tetra_allocate_problem *p, int b, int others, double *least) {
  const size_t size = (size_t)p->n_layers * (size_t)p->n_choices;
  struct tetra_allocate_problem q = *p;
  struct alloc_search s = {.most_nodes = 100000, .open = INFINITY};
  struct tetra_error ignored;
  double *cost = malloc((size_t)p->n_budgets * size * sizeof *cost),
         *limit = malloc((size_t)p->n_budgets * sizeof *limit);
  int ok = 0;
  q.sensitivity = p->cost + (size_t)b * size;
  q.n_budgets = 0;
  for (int i = 0; cost && limit && others && i < p->n_budgets; i++) {
    if (i == b) continue;
    memcpy(cost + (size_t)q.n_budgets * size, p->cost + (size_t)i * size, size * sizeof *cost);
    limit[q.n_budgets++] = p->limit[i];
  }
  q.cost = cost;
  q.limit = limit;
  if (cost && limit && alloc_open(&s, &q, &ignored) == TETRA_OK) {
    alloc_visit(&s, 0);
    ok = s.k.found;
    *least = s.k.best;
  }
  alloc_close(&s);
  free(cost);
  free(limit);
  return ok;
}

/* Which budget is to blame? */
static int refuse(const struct tetra_allocate_problem *p, struct tetra_error *err) {
  double least;
  for (int b = 0; b < p->n_budgets; b++)
    if (least_budget(p, b, 0, &least) && least > p->limit[b])
      return tetra_fail(err, TETRA_ERANGE,
                        "budget %s = %.10g is below the cheapest choices' %.10g; it must be at least that",
                        p->budget_names[b], p->limit[b], least);
  for (int b = 0; b < p->n_budgets; b++)
    if (least_budget(p, b, 1, &least))
      return tetra_fail(err, TETRA_ERANGE,
                        "the budgets exclude one another: with the others kept, %s = %.10g must be at least %.10g",
                        p->budget_names[b], p->limit[b], least);
  return tetra_fail(err, TETRA_ERANGE,
                    "the %d budgets exclude one another, any two of them more than once; raise several", p->n_budgets);
}

static int check_numbers(const double *x, size_t n, size_t width, const char *what, struct tetra_error *err) {
  for (size_t i = 0; i < n; i++)
    if (!(fabs(x[i]) <= TETRA_ALLOCATE_LARGEST))
      return tetra_fail(err, TETRA_EINVAL, "%s of layer %zu, choice %zu is %g; finite numbers up to %g are accepted",
                        what, i / width, i % width, x[i], TETRA_ALLOCATE_LARGEST);
  return TETRA_OK;
}

static int check_range(const char *what, int n, int least, int most, struct tetra_error *err) {
  if (n >= least && n <= most) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "%d %s; %d to %d are accepted", n, what, least, most);
}

static int check(const struct tetra_allocate_problem *p, struct tetra_error *err) {
  int rc = check_range("layers", p->n_layers, 1, TETRA_ALLOCATE_LAYERS, err);
  if (!rc) rc = check_range("choices", p->n_choices, 1, TETRA_ALLOCATE_CHOICES, err);
  if (!rc) rc = check_range("budgets", p->n_budgets, 0, TETRA_ALLOCATE_BUDGETS, err);
  if (rc) return rc;
  const size_t width = (size_t)p->n_choices, size = (size_t)p->n_layers * width;
  rc = check_numbers(p->sensitivity, size, width, "sensitivity", err);
  for (int b = 0; !rc && b < p->n_budgets; b++) {
    rc = check_numbers(p->cost + (size_t)b * size, size, width, p->budget_names[b], err);
    if (!rc && !(fabs(p->limit[b]) <= TETRA_ALLOCATE_LARGEST))
      rc = tetra_fail(err, TETRA_EINVAL, "budget %s is %g; finite numbers up to %g are accepted", p->budget_names[b],
                      p->limit[b], TETRA_ALLOCATE_LARGEST);
  }
  for (int l = 0; !rc && p->tie && l < p->n_layers; l++)
    if (p->tie[l] < 0 || p->tie[l] >= p->n_layers)
      rc = tetra_fail(err, TETRA_EINVAL, "layer %d is tied by number %d; 0 to %d are accepted", l, p->tie[l],
                      p->n_layers - 1);
  return rc;
}

/* The sums are those by which the search judged it. */
static int deliver(const struct alloc_search *s, struct tetra_allocation *a, struct tetra_error *err) {
  const struct tetra_allocate_problem *p = s->k.p;
  const size_t width = (size_t)p->n_choices, size = (size_t)p->n_layers * width;
  a->choice = calloc((size_t)p->n_layers, sizeof *a->choice);
  a->used = calloc((size_t)p->n_budgets + 1, sizeof *a->used);
  if (!a->choice || !a->used) {
    tetra_allocation_free(a);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for the choices of %d layers", p->n_layers);
  }
  for (int l = 0; l < p->n_layers; l++) {
    a->choice[l] = s->k.choice[s->k.item[l]];
    const size_t at = (size_t)l * width + (size_t)a->choice[l];
    a->objective += p->sensitivity[at];
    for (int b = 0; b < p->n_budgets; b++) a->used[b] += p->cost[(size_t)b * size + at];
  }
  a->nodes = s->nodes;
  a->proved = s->open >= a->objective - s->k.tolerance;
  a->bound = a->proved ? a->objective : s->open;
  return TETRA_OK;
}

int tetra_allocate(const struct tetra_allocate_problem *p, uint64_t most_nodes, struct tetra_allocation *a,
                   struct tetra_error *err) {
  struct alloc_search s = {.most_nodes = most_nodes ? most_nodes : 100000000, .open = INFINITY};
  memset(a, 0, sizeof *a);
  int rc = check(p, err);
  if (rc) return rc;
  rc = alloc_open(&s, p, err);
  if (!rc) {
    alloc_visit(&s, 0);
    if (s.k.found)
      rc = deliver(&s, a, err);
    else if (s.nodes > s.most_nodes)
      rc = tetra_fail(err, TETRA_ERANGE,
                      "no choice that fits all %d budgets was found among %llu; larger ones are easier", p->n_budgets,
                      (unsigned long long)s.nodes);
    else
      rc = refuse(p, err);
  }
  alloc_close(&s);
  return rc;
}

void tetra_allocation_free(struct tetra_allocation *a) {
  free(a->choice);
  free(a->used);
  memset(a, 0, sizeof *a);
}
