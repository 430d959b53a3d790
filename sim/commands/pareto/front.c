/* Pareto sets, and what they say. */
#include "commands/pareto/front.h"

#include <math.h>
#include <stdio.h>

static int beats(const struct pareto_point *a, const struct pareto_point *b, enum pareto_axis axis) {
  return a->axis[axis] <= b->axis[axis] && a->top1 >= b->top1 && (a->axis[axis] < b->axis[axis] || a->top1 > b->top1);
}

static int in_front(const struct pareto_point points[PARETO_POINTS], int i, enum pareto_axis axis) {
  if (isnan(points[i].axis[axis])) return 0;
  for (int k = 0; k < PARETO_POINTS; k++) {
    if (!isnan(points[k].axis[axis]) && beats(&points[k], &points[i], axis)) return 0;
  }
  return 1;
}

void pareto_fronts(struct pareto_point points[PARETO_POINTS]) {
  for (int i = 0; i < PARETO_POINTS; i++) {
    const uint64_t cycles = points[i].modelled.cycles;
    points[i].axis[PARETO_CYCLES] = cycles != 0 ? (double)cycles : NAN;
    points[i].axis[PARETO_ENERGY] = points[i].modelled.mj > 0 ? points[i].modelled.mj : NAN;
    points[i].front = 0;
  }
  for (int i = 0; i < PARETO_POINTS; i++) {
    for (int a = 0; a < PARETO_AXES; a++) points[i].front |= (unsigned)in_front(points, i, (enum pareto_axis)a) << a;
  }
}

/* What the verdict is made of. */
struct tally {
  int front[PARETO_SERIES], n_front;         /* points in the set under the cost */
  int paper, kept;                           /* mostly 4-bit: in the set under linear cost, and under this one too */
  const struct pareto_point *first8, *last4; /* cheapest 8-bit, most accurate mostly 4-bit point of the set */
  const struct pareto_point *one4, *one8;    /* width 1 */
};

static struct tally count(const struct pareto_point points[PARETO_POINTS], enum pareto_axis axis) {
  struct tally t = {0};
  for (int i = 0; i < PARETO_POINTS; i++) {
    const struct pareto_point *p = &points[i];
    const int linear = p->front >> PARETO_LINEAR & 1, here = p->front >> axis & 1;
    t.front[p->series] += here;
    t.n_front += here;
    if (p->series == PARETO_MOSTLY4) {
      t.paper += linear;
      t.kept += linear && here;
      if (here) t.last4 = p;
      if (p->m == 1.0) t.one4 = p;
    }
    if (p->series == PARETO_ALL8) {
      if (here && t.first8 == NULL) t.first8 = p;
      if (p->m == 1.0) t.one8 = p;
    }
  }
  return t;
}

/* How a cost is spoken of. */
struct words {
  const char *cost, *unit, *less;
  double scale; /* of the axis, in the unit */
};

static struct words words_of(enum pareto_axis axis) {
  if (axis == PARETO_ENERGY) return (struct words){"energy", "mJ", "times less energy", 1};
  return (struct words){"cycles", "M cycles", "times fewer cycles", 1e-6};
}

void pareto_verdict(const struct pareto_point points[PARETO_POINTS], enum pareto_axis axis, char *text, size_t size) {
  const struct tally t = count(points, axis);
  const struct words w = words_of(axis);
  const char *verdict = "does not stay optimal";
  char last4[80] = "", first8[100] = "";
  if (t.kept == t.paper && t.paper != 0) {
    verdict = "stays optimal";
  } else if (2 * t.kept >= t.paper && t.kept != 0) {
    verdict = "stays optimal in part";
  }
  if (t.last4 != NULL) snprintf(last4, sizeof last4, ", up to %.2f %s", t.last4->axis[axis] * w.scale, w.unit);
  if (t.first8 != NULL) {
    snprintf(first8, sizeof first8, ", its cheapest 8-bit point being m = %g at %.2f %s", t.first8->m,
             t.first8->axis[axis] * w.scale, w.unit);
  }
  snprintf(text, size,
           "With %s as the cost \"mostly 4-bit\" %s: of its %d points in the paper's Pareto set (linear cost) %d stay "
           "in the set of %d (%d mostly 4-bit%s, %d all 4-bit, %d all 8-bit%s); at m = 1 it takes %.2f %s "
           "than 8 bits for %.2f points of top-1.",
           w.cost, verdict, t.paper, t.kept, t.n_front, t.front[PARETO_MOSTLY4], last4, t.front[PARETO_ALL4],
           t.front[PARETO_ALL8], first8, t.one8->axis[axis] / t.one4->axis[axis], w.less, t.one8->top1 - t.one4->top1);
}
