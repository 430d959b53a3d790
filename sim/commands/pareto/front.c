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
    points[i].front = 0;
  }
  for (int i = 0; i < PARETO_POINTS; i++) {
    for (int a = 0; a < PARETO_AXES; a++) points[i].front |= (unsigned)in_front(points, i, (enum pareto_axis)a) << a;
  }
}

/* What the verdict is made of. */
struct tally {
  int front[PARETO_SERIES], n_front;         /* points in the set under cycles */
  int paper, kept;                           /* mostly 4-bit: in the set under linear cost, and under cycles too */
  const struct pareto_point *first8, *last4; /* cheapest 8-bit, most accurate mostly 4-bit point of the set */
  const struct pareto_point *one4, *one8;    /* width 1 */
};

static struct tally count(const struct pareto_point points[PARETO_POINTS]) {
  struct tally t = {0};
  for (int i = 0; i < PARETO_POINTS; i++) {
    const struct pareto_point *p = &points[i];
    const int linear = p->front >> PARETO_LINEAR & 1, cycles = p->front >> PARETO_CYCLES & 1;
    t.front[p->series] += cycles;
    t.n_front += cycles;
    if (p->series == PARETO_MOSTLY4) {
      t.paper += linear;
      t.kept += linear && cycles;
      if (cycles) t.last4 = p;
      if (p->m == 1.0) t.one4 = p;
    }
    if (p->series == PARETO_ALL8) {
      if (cycles && t.first8 == NULL) t.first8 = p;
      if (p->m == 1.0) t.one8 = p;
    }
  }
  return t;
}

void pareto_verdict(const struct pareto_point points[PARETO_POINTS], char *text, size_t size) {
  const struct tally t = count(points);
  const char *verdict = "does not stay optimal";
  char last4[80] = "", first8[100] = "";
  if (t.kept == t.paper && t.paper != 0) {
    verdict = "stays optimal";
  } else if (2 * t.kept >= t.paper && t.kept != 0) {
    verdict = "stays optimal in part";
  }
  if (t.last4 != NULL) snprintf(last4, sizeof last4, ", up to %.2f M cycles", t.last4->axis[PARETO_CYCLES] / 1e6);
  if (t.first8 != NULL) {
    snprintf(first8, sizeof first8, ", its cheapest 8-bit point being m = %g at %.2f M cycles", t.first8->m,
             t.first8->axis[PARETO_CYCLES] / 1e6);
  }
  snprintf(
      text, size,
      "With cycles as the cost \"mostly 4-bit\" %s: of its %d points in the paper's Pareto set (linear cost) %d stay "
      "in the set of %d (%d mostly 4-bit%s, %d all 4-bit, %d all 8-bit%s); at m = 1 it takes %.2f times fewer "
      "cycles than 8 bits for %.2f points of top-1.",
      verdict, t.paper, t.kept, t.n_front, t.front[PARETO_MOSTLY4], last4, t.front[PARETO_ALL4], t.front[PARETO_ALL8],
      first8, t.one8->axis[PARETO_CYCLES] / t.one4->axis[PARETO_CYCLES], t.one8->top1 - t.one4->top1);
}
