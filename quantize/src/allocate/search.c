/* The exact allocation: branch and bound. */
#include <math.h>
#include <string.h>

#include "allocate/core.h"

enum { ROOT_ROUNDS = 600, NODE_ROUNDS = 40 }; /* steps of the dual; one budget needs none */

static double cost_of(const struct alloc_core *k, int i, int c, int b) {
  return k->cost[((size_t)i * (size_t)k->c + (size_t)c) * (size_t)k->m + (size_t)b];
}

static double least_cost(const struct alloc_core *k, uint64_t allowed, int i, int b) {
  double least = INFINITY;
  for (int c = 0; c < k->c; c++)
    if (allowed >> c & 1) least = fmin(least, cost_of(k, i, c, b));
  return least;
}

/* Forbids choices that no solution within the budgets can have; 0 where there is no solution. */
static int keep_affordable(struct alloc_search *s, uint64_t *allowed) {
  const struct alloc_core *k = &s->k;
  for (int b = 0; b < k->m; b++) {
    s->least[b] = 0;
    for (int i = 0; i < k->n; i++) s->least[b] += least_cost(k, allowed[i], i, b);
    if (s->least[b] > k->room[b]) return 0;
  }
  for (int i = 0; i < k->n; i++)
    for (int b = 0; b < k->m; b++) {
      const double left = k->room[b] - s->least[b] + least_cost(k, allowed[i], i, b);
      for (int c = 0; c < k->c; c++)
        if ((allowed[i] >> c & 1) && cost_of(k, i, c, b) > left) allowed[i] &= ~(UINT64_C(1) << c);
      if (!allowed[i]) return 0;
    }
  return 1;
}

static double cheapest_price(const struct alloc_core *k, const double *lambda, uint64_t allowed, int i) {
  double least = INFINITY;
  for (int c = 0; c < k->c; c++)
    if (allowed >> c & 1) least = fmin(least, alloc_priced(k, lambda, i, c));
  return least;
}

/* Forbids choices that cost too much at the dual's prices for a better solution; the item to branch on, -1 where every
 * item is left one choice: the one whose second choice is nearest to its first, which the budgets are divided by. */
static int keep_promising(const struct alloc_core *k, const double *lambda, double bound, uint64_t *allowed) {
  int branch = -1;
  double nearest = INFINITY, widest = 0;
  for (int i = 0; i < k->n; i++) {
    const double least = cheapest_price(k, lambda, allowed[i], i);
    double second = INFINITY, width = 0;
    int left = 0;
    for (int c = 0; c < k->c; c++) {
      if (!(allowed[i] >> c & 1)) continue;
      const double more = alloc_priced(k, lambda, i, c) - least;
      if (k->found && more > 0 && bound + more >= k->best - k->tolerance) {
        allowed[i] &= ~(UINT64_C(1) << c);
        continue;
      }
      if (left++ && more < second) second = more;
      width = fmax(width, fabs(k->value[(size_t)i * (size_t)k->c + (size_t)c]));
    }
    if (left < 2 || second > nearest || (second == nearest && width <= widest)) continue;
    nearest = second;
    widest = width;
    branch = i;
  }
  return branch;
}

/* The choice of the item that the dual prefers among those left, of which there is one at least. */
static int preferred(const struct alloc_core *k, const double *lambda, uint64_t left, int item) {
  int best = 0;
  double least = INFINITY;
  for (int c = 0; c < k->c; c++) {
    const double v = left >> c & 1 ? alloc_priced(k, lambda, item, c) : INFINITY;
    if (v >= least) continue;
    least = v;
    best = c;
  }
  return best;
}

/* The choices of one item, those first that the dual prefers. */
static void branch(struct alloc_search *s, int depth, int item) {
  const struct alloc_core *k = &s->k;
  const size_t n = (size_t)k->n, m = (size_t)k->m, below = (size_t)depth + 1;
  const uint64_t *allowed = s->allowed + (size_t)depth * n;
  const double *lambda = s->lambda + (size_t)depth * m;
  for (uint64_t left = allowed[item]; left;) {
    const uint64_t one = UINT64_C(1) << preferred(k, lambda, left, item);
    left &= ~one;
    memcpy(s->allowed + below * n, allowed, n * sizeof *allowed);
    memcpy(s->lambda + below * m, lambda, m * sizeof *lambda);
    s->allowed[below * n + (size_t)item] = one;
    alloc_visit(s, depth + 1);
  }
}

static void offer_last(struct alloc_search *s, const uint64_t *allowed) {
  struct alloc_core *k = &s->k;
  for (int i = 0; i < k->n; i++)
    for (int c = 0; c < k->c; c++)
      if (allowed[i] >> c & 1) k->pick[i] = c;
  alloc_offer(k, k->pick);
}

void alloc_visit(struct alloc_search *s, int depth) {
  struct alloc_core *k = &s->k;
  uint64_t *allowed = s->allowed + (size_t)depth * (size_t)k->n;
  double *lambda = s->lambda + (size_t)depth * (size_t)k->m;
  if (!keep_affordable(s, allowed)) return;
  const double bound = alloc_bound(k, allowed, lambda, depth ? NODE_ROUNDS : ROOT_ROUNDS);
  if (k->found && bound >= k->best - k->tolerance) return;
  if (++s->nodes > s->most_nodes) {
    s->open = fmin(s->open, bound);
    return;
  }
  const int item = keep_promising(k, lambda, bound, allowed);
  if (item >= 0)
    branch(s, depth, item);
  else
    offer_last(s, allowed);
}
