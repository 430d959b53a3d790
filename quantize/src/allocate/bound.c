/* Bounds of an allocation: the Lagrangian dual, and the solutions that lie on its way. */
#include <math.h>
#include <string.h>

#include "allocate/core.h"

double alloc_priced(const struct alloc_core *k, const double *lambda, int i, int c) {
  const size_t at = (size_t)i * (size_t)k->c + (size_t)c;
  double v = k->value[at];
  for (int b = 0; b < k->m; b++) v += lambda[b] * k->cost[at * (size_t)k->m + (size_t)b];
  return v;
}

/* Sums layer by layer, as the result says them. */
static void sums(const struct alloc_core *k, const int *pick, double *objective, double *used) {
  const struct tetra_allocate_problem *p = k->p;
  const size_t layer_costs = (size_t)p->n_layers * (size_t)p->n_choices;
  *objective = 0;
  memset(used, 0, (size_t)k->m * sizeof *used);
  for (int l = 0; l < p->n_layers; l++) {
    const size_t at = (size_t)l * (size_t)p->n_choices + (size_t)pick[k->item[l]];
    *objective += p->sensitivity[at];
    for (int b = 0; b < p->n_budgets; b++) used[b] += p->cost[(size_t)b * layer_costs + at];
  }
}

void alloc_offer(struct alloc_core *k, const int *pick) {
  double objective;
  sums(k, pick, &objective, k->trial);
  for (int b = 0; b < k->p->n_budgets; b++)
    if (k->trial[b] > k->p->limit[b]) return;
  if (k->found && objective >= k->best) return;
  k->found = 1;
  k->best = objective;
  memcpy(k->choice, pick, (size_t)k->n * sizeof *pick);
}

static double cost_of(const struct alloc_core *k, int i, int c, int b) {
  return k->cost[((size_t)i * (size_t)k->c + (size_t)c) * (size_t)k->m + (size_t)b];
}

/* The cheapest choice of each item at these prices, its costs to used; returns the dual's value. Among equals the one
 * that costs less of budget `among`. */
static double evaluate(const struct alloc_core *k, const uint64_t *allowed, const double *lambda, int among, int *pick,
                       double *used) {
  double sum = 0;
  memset(used, 0, (size_t)k->m * sizeof *used);
  for (int i = 0; i < k->n; i++) {
    double least = INFINITY;
    int best = -1;
    for (int c = 0; c < k->c; c++) {
      if (!(allowed[i] >> c & 1)) continue;
      const double v = alloc_priced(k, lambda, i, c);
      if (best >= 0 && (v > least || (v == least && cost_of(k, i, c, among) >= cost_of(k, i, best, among)))) continue;
      least = v;
      best = c;
    }
    pick[i] = best;
    sum += least;
    for (int b = 0; b < k->m; b++) used[b] += cost_of(k, i, best, b);
  }
  for (int b = 0; b < k->m; b++) sum -= lambda[b] * k->room[b];
  return sum;
}

static double value_of(const struct alloc_core *k, const int *pick) {
  double v = 0;
  for (int i = 0; i < k->n; i++) v += k->value[(size_t)i * (size_t)k->c + (size_t)pick[i]];
  return v;
}

/* The cheapest choices of the one budget, among equals those of the least value. */
static void cheapest(const struct alloc_core *k, const uint64_t *allowed, int *pick, double *used, double *value) {
  *used = 0;
  for (int i = 0; i < k->n; i++) {
    int best = -1;
    for (int c = 0; c < k->c; c++) {
      if (!(allowed[i] >> c & 1)) continue;
      const size_t at = (size_t)i * (size_t)k->c;
      const double d = best < 0 ? -1 : k->cost[at + (size_t)c] - k->cost[at + (size_t)best];
      if (d < 0 || (d == 0 && k->value[at + (size_t)c] < k->value[at + (size_t)best])) best = c;
    }
    pick[i] = best;
    *used += k->cost[(size_t)i * (size_t)k->c + (size_t)best];
  }
  *value = value_of(k, pick);
}

/* One budget: the dual is a concave function of one price, whose top is where the lines of a solution that costs too
 * much and of one that fits meet with no other below them. */
static double bound_of_one(struct alloc_core *k, const uint64_t *allowed, double *lambda) {
  double dear, cheap, cheap_value;
  *lambda = 0;
  double best = evaluate(k, allowed, lambda, 0, k->pick, &dear);
  alloc_offer(k, k->pick);
  if (dear <= k->room[0]) return best;
  double dear_value = value_of(k, k->pick);
  cheapest(k, allowed, k->pick, &cheap, &cheap_value);
  alloc_offer(k, k->pick);
  for (int step = 0; step < 200 && dear > cheap; step++) {
    double used;
    const double price = (cheap_value - dear_value) / (dear - cheap);
    if (!(price >= 0)) break;
    const double sum = evaluate(k, allowed, &price, 0, k->pick, &used);
    alloc_offer(k, k->pick);
    if (sum > best) {
      best = sum;
      *lambda = price;
    }
    const double on_line = cheap_value + price * (cheap - k->room[0]);
    if (sum >= on_line - 1e-15 * (fabs(on_line) + fabs(cheap_value)) || used == dear || used == cheap) break;
    if (used > k->room[0]) {
      dear = used;
      dear_value = value_of(k, k->pick);
    } else {
      cheap = used;
      cheap_value = value_of(k, k->pick);
    }
  }
  return best;
}

/* Which change of one item takes most of the excess away for what it adds to the priced value? 0 where none helps. */
static int repair_once(const struct alloc_core *k, const uint64_t *allowed, const double *lambda, int *pick,
                       double *used) {
  double best = INFINITY;
  int item = -1, choice = -1;
  for (int i = 0; i < k->n; i++) {
    for (int c = 0; c < k->c; c++) {
      if (c == pick[i] || !(allowed[i] >> c & 1)) continue;
      double gain = 0;
      for (int b = 0; b < k->m; b++) {
        const double over = fmax(used[b] - k->room[b], 0), d = cost_of(k, i, c, b) - cost_of(k, i, pick[i], b);
        gain += over - fmax(used[b] + d - k->room[b], 0);
      }
      if (gain <= 0) continue;
      const double rate = (alloc_priced(k, lambda, i, c) - alloc_priced(k, lambda, i, pick[i])) / gain;
      if (rate >= best) continue;
      best = rate;
      item = i;
      choice = c;
    }
  }
  if (item < 0) return 0;
  for (int b = 0; b < k->m; b++) used[b] += cost_of(k, item, choice, b) - cost_of(k, item, pick[item], b);
  pick[item] = choice;
  return 1;
}

static int fits(const struct alloc_core *k, const double *used) {
  for (int b = 0; b < k->m; b++)
    if (used[b] > k->room[b]) return 0;
  return 1;
}

/* Makes a solution of what the dual chose, by changes of single items. */
static void repair(struct alloc_core *k, const uint64_t *allowed, const double *lambda) {
  double *used = k->trial + k->m;
  memcpy(k->repair, k->pick, (size_t)k->n * sizeof *k->repair);
  memcpy(used, k->used, (size_t)k->m * sizeof *used);
  for (int i = 0; i < 2 * k->n && !fits(k, used); i++)
    if (!repair_once(k, allowed, lambda, k->repair, used)) return;
  alloc_offer(k, k->repair);
}

/* Several budgets: steps along the subgradient, which is what each budget is exceeded by. */
static double bound_of_several(struct alloc_core *k, const uint64_t *allowed, double *lambda, int rounds) {
  double best = -INFINITY, size = 1;
  double *at = k->slope;
  int idle = 0;
  memcpy(at, lambda, (size_t)k->m * sizeof *at);
  for (int r = 0; r < rounds; r++) {
    const double sum = evaluate(k, allowed, at, r % k->m, k->pick, k->used);
    alloc_offer(k, k->pick);
    if (r % 16 == 0) repair(k, allowed, at);
    idle = sum > best + k->tolerance ? 0 : idle + 1;
    if (sum > best) {
      best = sum;
      memcpy(lambda, at, (size_t)k->m * sizeof *at);
    }
    if (k->found && best >= k->best - k->tolerance) break;
    if (idle == 4) {
      size /= 2;
      idle = 0;
      memcpy(at, lambda, (size_t)k->m * sizeof *at);
      evaluate(k, allowed, at, 0, k->pick, k->used);
    }
    double norm = 0;
    for (int b = 0; b < k->m; b++) {
      const double g = k->used[b] - k->room[b];
      if (at[b] > 0 || g > 0) norm += g * g;
    }
    if (norm == 0 || size < 1e-6) break;
    const double goal = k->found ? k->best - best : 0.1 * (fabs(best) + 1e3 * k->tolerance);
    for (int b = 0; b < k->m; b++) at[b] = fmin(1e60, fmax(0, at[b] + size * goal / norm * (k->used[b] - k->room[b])));
  }
  return best;
}

double alloc_bound(struct alloc_core *k, const uint64_t *allowed, double *lambda, int rounds) {
  return k->m == 1 ? bound_of_one(k, allowed, lambda) : bound_of_several(k, allowed, lambda, rounds);
}
