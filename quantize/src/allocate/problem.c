/* From the problem as it is put to the items and units that the search works on. */
#include <math.h>
#include <stdlib.h>

#include "allocate/core.h"

void alloc_close(struct alloc_search *s) {
  free(s->k.item);
  free(s->k.value);
  free(s->k.choice);
  free(s->allowed);
}

/* Layers that choose alike become one item; items in the order of their first layers. */
static int number_items(struct alloc_core *k) {
  const struct tetra_allocate_problem *p = k->p;
  for (int l = 0; l < p->n_layers; l++) {
    k->item[l] = -1;
    for (int e = 0; p->tie && e < l && k->item[l] < 0; e++)
      if (p->tie[e] == p->tie[l]) k->item[l] = k->item[e];
    if (k->item[l] < 0) k->item[l] = k->n++;
  }
  return k->n;
}

static void add_layer(struct alloc_core *k, int l) {
  const struct tetra_allocate_problem *p = k->p;
  for (int c = 0; c < k->c; c++) {
    const size_t from = (size_t)l * (size_t)k->c + (size_t)c, to = (size_t)k->item[l] * (size_t)k->c + (size_t)c;
    k->value[to] += p->sensitivity[from];
    for (int b = 0; b < p->n_budgets; b++)
      k->cost[to * (size_t)k->m + (size_t)b] += p->cost[(size_t)b * (size_t)p->n_layers * (size_t)k->c + from];
  }
}

/* Costs of budget b above each item's cheapest choice, in units of what they are on average. */
static void measure(struct alloc_core *k, int b) {
  double sum = 0, magnitude = fabs(k->p->limit[b]), spread = 0;
  for (int i = 0; i < k->n; i++) {
    double *cost = k->cost + (size_t)i * (size_t)k->c * (size_t)k->m + b, least = INFINITY;
    for (int c = 0; c < k->c; c++) least = fmin(least, cost[c * k->m]);
    for (int c = 0; c < k->c; c++) spread += cost[c * k->m] -= least;
    sum += least;
    magnitude += fabs(least);
  }
  const double unit = spread > 0 ? spread / ((double)k->n * k->c) : 1;
  for (int i = 0; i < k->n * k->c; i++) k->cost[(size_t)i * (size_t)k->m + (size_t)b] /= unit;
  k->room[b] = (k->p->limit[b] - sum + 1e-15 * k->n * magnitude) / unit + 1e-12 * k->n * k->c;
}

static double largest_value(const struct alloc_core *k) {
  double sum = 0;
  for (int i = 0; i < k->n; i++) {
    double most = 0;
    for (int c = 0; c < k->c; c++) most = fmax(most, fabs(k->value[(size_t)i * (size_t)k->c + (size_t)c]));
    sum += most;
  }
  return sum;
}

/* Without a budget there is one that nothing costs anything of. */
int alloc_open(struct alloc_search *s, const struct tetra_allocate_problem *p, struct tetra_error *err) {
  struct alloc_core *k = &s->k;
  k->p = p;
  k->c = p->n_choices;
  k->m = p->n_budgets ? p->n_budgets : 1;
  k->item = calloc((size_t)p->n_layers, sizeof *k->item);
  if (!k->item) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d layers", p->n_layers);
  const size_t n = (size_t)number_items(k), c = (size_t)k->c, m = (size_t)k->m;
  /* value, cost, room, least, used, slope, trial (2), the multipliers of every depth */
  k->value = calloc(n * c + n * c * m + 6 * m + (n + 2) * m, sizeof *k->value);
  k->choice = calloc(3 * n, sizeof *k->choice);
  s->allowed = calloc((n + 2) * n, sizeof *s->allowed);
  if (!k->value || !k->choice || !s->allowed)
    return tetra_fail(err, TETRA_ENOMEM, "no memory for %zu layers of %zu choices", n, c);
  k->cost = k->value + n * c;
  k->room = k->cost + n * c * m;
  s->least = k->room + m;
  k->used = s->least + m;
  k->slope = k->used + m;
  k->trial = k->slope + m;
  s->lambda = k->trial + 2 * m;
  k->pick = k->choice + n;
  k->repair = k->pick + n;
  for (int l = 0; l < p->n_layers; l++) add_layer(k, l);
  for (int b = 0; b < p->n_budgets; b++) measure(k, b);
  k->tolerance = 1e-11 * largest_value(k);
  for (size_t i = 0; i < n; i++) s->allowed[i] = c == 64 ? UINT64_MAX : (UINT64_C(1) << c) - 1;
  return TETRA_OK;
}
