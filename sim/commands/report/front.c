/* Pareto fronts, one for each kind of work. */
#include "commands/report/front.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kWork[] = {"network", "width", "size", "batch"};

int front_larger_is_better(const char *column) {
  static const char *const larger[] = {"utilization", "accuracy", "top1", "top5"};
  for (size_t i = 0; i < sizeof larger / sizeof *larger; i++) {
    if (strcmp(column, larger[i]) == 0) return 1;
  }
  return 0;
}

void front_choose_axes(const struct study *s, struct front *f) {
  static const char *const over[] = {"sram_bytes", "dram_bytes_per_cycle", "array", "dram_latency", "id"};
  const struct study_column *accuracy = study_column(s, "accuracy");
  f->x = f->y = study_column(s, "cycles");
  if (study_distinct(s, accuracy, 2) == 2) {
    f->y = accuracy;
    return;
  }
  for (size_t i = 0; i < sizeof over / sizeof *over; i++) {
    f->x = study_column(s, over[i]);
    if (study_distinct(s, f->x, 2) == 2) return;
  }
}

static int is_same_work(const struct study *s, int a, int b) {
  char p[32], q[32];
  for (size_t i = 0; i < sizeof kWork / sizeof *kWork; i++) {
    const struct study_column *c = study_column(s, kWork[i]);
    if (strcmp(study_text(c, a, p), study_text(c, b, q)) != 0) return 0;
  }
  return 1;
}

/* Numbers the kinds of work; first[k] is a row of kind k. */
static void number_works(const struct study *s, struct front *f, int *first) {
  for (int row = 0; row < s->n_rows; row++) {
    f->work[row] = -1;
    if (!study_is_done(s, row) || isnan(study_number(f->x, row)) || isnan(study_number(f->y, row))) continue;
    int k = f->n_works - 1;
    while (k >= 0 && !is_same_work(s, first[k], row)) k--;
    if (k < 0) first[k = f->n_works++] = row;
    f->work[row] = k;
  }
}

/* A point to sort: the smaller x and y, the better. */
struct place {
  int row, work;
  double x, y;
};

static double badness(const struct study_column *c, int row) {
  return front_larger_is_better(c->name) ? -c->v[row] : c->v[row];
}

/* By work, then along x, then y. */
static int compare(const void *a, const void *b) {
  const struct place *p = a, *q = b;
  if (p->work != q->work) return p->work < q->work ? -1 : 1;
  if (p->x != q->x) return p->x < q->x ? -1 : 1;
  if (p->y != q->y) return p->y < q->y ? -1 : 1;
  return p->row < q->row ? -1 : 1;
}

static int list_places(const struct study *s, const struct front *f, struct place *places) {
  int n = 0;
  for (int row = 0; row < s->n_rows; row++) {
    if (f->work[row] < 0) continue;
    places[n++] = (struct place){row, f->work[row], badness(f->x, row), badness(f->y, row)};
  }
  return n;
}

/* In order: a point is on its front where it is better on y than all before it, or equal to the one that is. */
static void walk(struct front *f, const struct place *places, int n) {
  const struct place *best = NULL;
  for (const struct place *p = places; p < places + n; p++) {
    const int begins = best == NULL || best->work != p->work;
    f->on_front[p->row] = begins || p->y < best->y || (p->x == best->x && p->y == best->y);
    if (f->on_front[p->row]) best = p;
  }
}

int front_find(const struct study *s, struct front *f, struct tetra_error *err) {
  const size_t n = (size_t)s->n_rows + 1;
  struct place *places = calloc(n, sizeof *places);
  int *first = calloc(n, sizeof *first);
  f->work = calloc(n, sizeof *f->work);
  f->on_front = calloc(n, sizeof *f->on_front);
  const int ok = places != NULL && first != NULL && f->work != NULL && f->on_front != NULL;
  if (ok) {
    number_works(s, f, first);
    const int points = list_places(s, f, places);
    qsort(places, (size_t)points, sizeof *places, compare);
    walk(f, places, points);
  }
  free(places);
  free(first);
  return ok ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory for the Pareto front of %d points", s->n_rows);
}

void front_free(struct front *f) {
  free(f->work);
  free(f->on_front);
}

void front_work_name(const struct study *s, int row, char *text, size_t size) {
  char number[32];
  size_t n = (size_t)snprintf(text, size, "%s", study_text(study_column(s, kWork[0]), row, number));
  for (size_t i = 1; i < sizeof kWork / sizeof *kWork && n < size; i++) {
    const char *value = study_text(study_column(s, kWork[i]), row, number);
    if (value[0] != '\0') n += (size_t)snprintf(text + n, size - n, ", %s %s", kWork[i], value);
  }
}
