/* Allocations between the cheapest and the dearest. */
#include "commands/allocate/front.h"

#include <stdlib.h>
#include <string.h>

/* The exact costs where every layer has the same choice; the least and the most of them. */
static int find_ends(struct allocate_costs *s, enum allocate_resource axis, double *least, double *most,
                     struct tetra_error *err) {
  struct allocate_point p = {.choice = calloc((size_t)s->a.p.n_layers, sizeof *p.choice)};
  int rc = p.choice == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for %d choices", s->a.p.n_layers) : TETRA_OK;
  for (int c = 0; rc == TETRA_OK && c < s->a.p.n_choices; c++) {
    for (int l = 0; l < s->a.p.n_layers; l++) p.choice[l] = c;
    rc = allocate_costs_judge(s, &p, err);
    const double x = p.exact[axis];
    if (c == 0 || x < *least) *least = x;
    if (c == 0 || x > *most) *most = x;
  }
  allocate_point_free(&p);
  return rc;
}

static int by_cost(const struct allocate_point *a, const struct allocate_point *b, enum allocate_resource axis) {
  if (a->exact[axis] != b->exact[axis]) return a->exact[axis] < b->exact[axis] ? -1 : 1;
  return a->objective < b->objective ? -1 : a->objective > b->objective;
}

/* By cost, without those that are no better than a cheaper one. */
static void keep_front(struct allocate_front *f) {
  for (int i = 1; i < f->n; i++) {
    const struct allocate_point p = f->points[i];
    int k = i;
    for (; k > 0 && by_cost(&p, &f->points[k - 1], f->axis) < 0; k--) f->points[k] = f->points[k - 1];
    f->points[k] = p;
  }
  int kept = 0;
  for (int i = 0; i < f->n; i++) {
    if (kept > 0 && f->points[i].objective >= f->points[kept - 1].objective) {
      allocate_point_free(&f->points[i]);
    } else {
      f->points[kept++] = f->points[i];
    }
  }
  f->n = kept;
}

static int solve_points(struct allocate_costs *s, struct allocate_front *f, double least, double most,
                        struct tetra_error *err) {
  double limit[ALLOCATE_RESOURCES];
  memcpy(limit, s->o->limit, sizeof limit);
  for (int i = 0; i < s->o->points; i++) {
    struct tetra_error why = {0, ""};
    limit[f->axis] = least + (most - least) * i / (s->o->points > 1 ? s->o->points - 1 : 1);
    const int rc = allocate_solve(s, limit, 0, NULL, &f->points[f->n], &why);
    if (rc == TETRA_ERANGE) continue; /* the other budgets do not let the axis be so small */
    if (rc != TETRA_OK) return tetra_fail(err, rc, "%s", why.msg);
    f->n++;
  }
  return TETRA_OK;
}

int allocate_front(struct allocate_costs *s, const struct allocate_point *chosen, struct allocate_front *f,
                   struct tetra_error *err) {
  double least = 0, most = 0;
  memset(f, 0, sizeof *f);
  while (f->axis < ALLOCATE_FLASH && s->o->limit[f->axis] <= 0) f->axis++;
  f->points = calloc((size_t)s->o->points + 1, sizeof *f->points);
  if (f->points == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d points", s->o->points);
  int rc = s->o->points > 0 ? find_ends(s, f->axis, &least, &most, err) : TETRA_OK;
  if (rc == TETRA_OK) rc = solve_points(s, f, least, most, err);
  if (rc == TETRA_OK) rc = allocate_point_copy(chosen, s->a.p.n_layers, &f->points[f->n], err);
  if (rc != TETRA_OK) return rc;
  f->n++;
  keep_front(f);
  return TETRA_OK;
}

void allocate_front_free(struct allocate_front *f) {
  for (int i = 0; f->points != NULL && i < f->n; i++) allocate_point_free(&f->points[i]);
  free(f->points);
  memset(f, 0, sizeof *f);
}
