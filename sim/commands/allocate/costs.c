/* Additive costs of a network's layers, from exact ones of whole networks. */
#include "commands/allocate/costs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void allocate_point_free(struct allocate_point *p) {
  free(p->choice);
  memset(p, 0, sizeof *p);
}

static int cheapest_choice(const struct allocate_options *o) {
  int best = 0;
  for (int c = 1; c < o->n_choices; c++) {
    const struct tetra_layer_bits *a = &o->choices[c], *b = &o->choices[best];
    if (a->weights + a->acts < b->weights + b->acts) best = c;
  }
  return best;
}

/* The cost that additive row `row` is: cycles, bytes and flash, then ram of each layer. */
static double *row_cost(struct allocate_costs *s, int row, int l, int c) {
  const size_t n = (size_t)s->a.p.n_layers, k = (size_t)s->a.p.n_choices;
  return &s->a.cost[((size_t)row * n + (size_t)l) * k + (size_t)c];
}

enum { ROW_RAM = ALLOCATE_ADDITIVE };
static const enum allocate_resource kRows[ROW_RAM] = {ALLOCATE_CYCLES, ALLOCATE_BYTES, ALLOCATE_FLASH};

static int name_rows(struct allocate_costs *s, struct tetra_error *err) {
  char name[TETRA_NAME_MAX + 8];
  int rc = TETRA_OK;
  for (int i = 0; rc == TETRA_OK && i < s->a.n_costs; i++) {
    if (i < ROW_RAM) {
      snprintf(name, sizeof name, "%s", allocate_resource_name((int)kRows[i]));
    } else {
      snprintf(name, sizeof name, "ram:%s", s->machine->layers[i - ROW_RAM].name);
    }
    rc = allocate_problem_name(&s->a.cost_names[i], name, err);
  }
  for (int c = 0; rc == TETRA_OK && c < s->o->n_choices; c++) {
    rc = allocate_problem_name(&s->a.choice_names[c], tetra_layer_bits_text(&s->o->choices[c]), err);
  }
  return rc;
}

static void add_difference(struct allocate_costs *s, const struct allocate_cost *base, const struct allocate_cost *with,
                           int l, int c) {
  const int n = s->a.p.n_layers;
  for (int row = 0; row < ROW_RAM; row++) {
    *row_cost(s, row, l, c) = base->layer[kRows[row]][l] + with->total[kRows[row]] - base->total[kRows[row]];
  }
  for (int k = 0; k < n; k++) {
    const double at = base->layer[ALLOCATE_RAM][k];
    *row_cost(s, ROW_RAM + k, l, c) = (k == l ? at : 0) + with->layer[ALLOCATE_RAM][k] - at;
  }
}

static int measure_costs(struct allocate_costs *s, struct tetra_error *err) {
  const int base_choice = cheapest_choice(s->o);
  struct allocate_cost base, with;
  for (int l = 0; l < s->a.p.n_layers; l++) s->bits[l] = s->o->choices[base_choice];
  int rc = allocate_evaluate(s->machine, s->bits, &base, err);
  if (rc != TETRA_OK) return rc;
  for (int l = 0; rc == TETRA_OK && l < s->a.p.n_layers; l++) {
    for (int c = 0; rc == TETRA_OK && c < s->a.p.n_choices; c++) {
      if (c == base_choice) {
        add_difference(s, &base, &base, l, c);
        continue;
      }
      s->bits[l] = s->o->choices[c];
      rc = allocate_evaluate(s->machine, s->bits, &with, err);
      if (rc != TETRA_OK) break;
      add_difference(s, &base, &with, l, c);
      allocate_cost_free(&with);
    }
    s->bits[l] = s->o->choices[base_choice];
  }
  allocate_cost_free(&base);
  return rc;
}

int allocate_costs_open(struct allocate_costs *s, const struct allocate_options *o, struct allocate_machine *m,
                        struct tetra_error *err) {
  memset(s, 0, sizeof *s);
  s->o = o;
  s->machine = m;
  s->most_evaluations = 400;
  s->bits = calloc((size_t)m->n_layers, sizeof *s->bits);
  if (s->bits == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d layers", m->n_layers);
  if (m->n_layers > TETRA_ALLOCATE_BUDGETS - ROW_RAM - ALLOCATE_EXTRA) {
    return tetra_fail(err, TETRA_EINVAL, "the network has %d layers; %d are accepted", m->n_layers,
                      TETRA_ALLOCATE_BUDGETS - ROW_RAM - ALLOCATE_EXTRA);
  }
  const int costs = ROW_RAM + m->n_layers;
  int rc = allocate_problem_init(&s->a, m->n_layers, o->n_choices, costs, err);
  if (rc == TETRA_OK) rc = allocate_problem_init(&s->now, m->n_layers, o->n_choices, costs + ALLOCATE_EXTRA, err);
  for (int l = 0; rc == TETRA_OK && o->tie && l < m->n_layers; l++) {
    for (int e = l - 1; e >= 0; e--) {
      if (m->layers[e].reads == m->layers[l].reads) s->a.tie[l] = s->a.tie[e];
    }
  }
  if (rc == TETRA_OK) rc = name_rows(s, err);
  return rc == TETRA_OK ? measure_costs(s, err) : rc;
}

void allocate_costs_close(struct allocate_costs *s) {
  if (s->a.sensitivity != NULL) allocate_problem_free(&s->a);
  if (s->now.sensitivity != NULL) allocate_problem_free(&s->now);
  free(s->bits);
  memset(s, 0, sizeof *s);
}

static int take_row(struct allocate_costs *s, int row, double limit, struct tetra_error *err) {
  const size_t size = (size_t)s->a.p.n_layers * (size_t)s->a.p.n_choices;
  const int k = s->now.p.n_budgets;
  memcpy(s->now.cost + (size_t)k * size, s->a.cost + (size_t)row * size, size * sizeof *s->now.cost);
  s->now.limit[k] = limit;
  s->now.p.n_budgets++;
  return allocate_problem_name(&s->now.cost_names[k], s->a.cost_names[row], err);
}

/* The most that a row can come to. */
static double dearest(struct allocate_costs *s, int row) {
  double sum = 0;
  for (int l = 0; l < s->a.p.n_layers; l++) {
    double most = -INFINITY;
    for (int c = 0; c < s->a.p.n_choices; c++) most = fmax(most, *row_cost(s, row, l, c));
    sum += most;
  }
  return sum;
}

int allocate_costs_limits(struct allocate_costs *s, const double limit[ALLOCATE_RESOURCES], struct tetra_error *err) {
  const size_t size = (size_t)s->a.p.n_layers * (size_t)s->a.p.n_choices;
  int rc = TETRA_OK;
  memcpy(s->now.sensitivity, s->a.sensitivity, size * sizeof *s->now.sensitivity);
  memcpy(s->now.tie, s->a.tie, (size_t)s->a.p.n_layers * sizeof *s->now.tie);
  s->now.p.n_budgets = 0;
  for (int c = 0; rc == TETRA_OK && c < s->a.p.n_choices; c++) {
    rc = allocate_problem_name(&s->now.choice_names[c], s->a.choice_names[c], err);
  }
  for (int row = 0; rc == TETRA_OK && row < s->a.n_costs; row++) {
    const double most = limit[row < ROW_RAM ? kRows[row] : ALLOCATE_RAM];
    if (most > 0 && (row < ROW_RAM || dearest(s, row) > most)) rc = take_row(s, row, most, err);
  }
  for (int row = 0; rc == TETRA_OK && row < s->n_extra; row++) {
    const int k = s->now.p.n_budgets++;
    memcpy(s->now.cost + (size_t)k * size, s->extra + (size_t)row * size, size * sizeof *s->now.cost);
    s->now.limit[k] = s->extra_limit[row];
    rc = allocate_problem_name(&s->now.cost_names[k], "counterexample", err);
  }
  return rc;
}

int allocate_costs_judge(struct allocate_costs *s, struct allocate_point *p, struct tetra_error *err) {
  struct allocate_cost cost;
  p->objective = 0;
  memset(p->predicted, 0, sizeof p->predicted);
  for (int l = 0; l < s->a.p.n_layers; l++) {
    p->objective += s->a.sensitivity[(size_t)l * (size_t)s->a.p.n_choices + (size_t)p->choice[l]];
    s->bits[l] = s->o->choices[p->choice[l]];
  }
  for (int row = 0; row < s->a.n_costs; row++) {
    const double sum = allocate_problem_used(&s->a, row, p->choice);
    double *to = &p->predicted[row < ROW_RAM ? kRows[row] : ALLOCATE_RAM];
    if (row < ROW_RAM || sum > *to) *to = sum;
  }
  const int rc = allocate_evaluate(s->machine, s->bits, &cost, err);
  if (rc != TETRA_OK) return rc;
  memcpy(p->exact, cost.total, sizeof p->exact);
  allocate_cost_free(&cost);
  return TETRA_OK;
}

int allocate_costs_keeps(const struct allocate_costs *s, const int *choice) {
  const size_t n = (size_t)s->a.p.n_layers, k = (size_t)s->a.p.n_choices;
  for (int row = 0; row < s->n_extra; row++) {
    double sum = 0;
    for (size_t l = 0; l < n; l++) sum += s->extra[((size_t)row * n + l) * k + (size_t)choice[l]];
    if (sum > s->extra_limit[row]) return 0;
  }
  return 1;
}

int allocate_point_fits(const struct allocate_point *p, const double limit[ALLOCATE_RESOURCES]) {
  for (int r = 0; r < ALLOCATE_RESOURCES; r++) {
    if (limit[r] > 0 && p->exact[r] > limit[r]) return 0;
  }
  return 1;
}

int allocate_point_copy(const struct allocate_point *from, int layers, struct allocate_point *to,
                        struct tetra_error *err) {
  const size_t bytes = (size_t)layers * sizeof *from->choice;
  int *choice = to->choice != NULL ? to->choice : malloc(bytes);
  if (choice == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the choices of %d layers", layers);
  memcpy(choice, from->choice, bytes);
  *to = *from;
  to->choice = choice;
  return TETRA_OK;
}
