/* SQuant: rounding without data (Guo et al., "SQuant: On-the-Fly Data-Free Quantization via Diagonal Hessian
 * Approximation", arXiv 2202.07471).
 *
 * In units of the scale, e = q - x is a code's error. Nearest codes; then in each kernel (one input channel's taps) the
 * round(|sum e|) elements with the largest errors of the sum's sign go one step the other way, so that |sum e| <= 1/2.
 * Then the channel: each kernel has one element that may still move, and the same is done with these: where the kernel
 * was corrected too far the last one that moved, which moves back, else the next one in order. Without taps (1x1) all
 * elements are the channel's. Codes at the end of their range do not move. */
#include <math.h>
#include <stdlib.h>

#include "methods/methods.h"

/* An element that may move: by `step` if chosen. */
struct candidate {
  double e; /* its error now; 0: may not move */
  size_t at;
  int step;
};

static int by_size(const void *a, const void *b) {
  const struct candidate *x = a, *y = b;
  const double ex = fabs(x->e), ey = fabs(y->e);
  return ex < ey ? 1 : ex > ey ? -1 : x->at < y->at ? -1 : x->at > y->at;
}

static int may_move(double e, double sum, int q, int lo, int hi) {
  return (e > 0 && sum > 0 && q > lo) || (e < 0 && sum < 0 && q < hi);
}

static void move(const struct candidate *c, int8_t *q) { q[c->at] = (int8_t)(q[c->at] + c->step); }

/* Those of list[n] that go against `sum`, the largest first, to the front; returns how many. */
static size_t choose(struct candidate *list, size_t n, double sum) {
  size_t m = 0;
  for (size_t i = 0; i < n; i++)
    if (list[i].e * sum > 0) list[m++] = list[i];
  qsort(list, m, sizeof *list, by_size);
  return m;
}

/* Moves round(|sum|) of the candidates; *left is what the group may still do, error 0 where that is nothing. */
static void pass(struct candidate *list, size_t n, double sum, int8_t *q, struct candidate *left) {
  const size_t m = choose(list, n, sum);
  size_t flips = (size_t)floor(fabs(sum) + 0.5);
  *left = (struct candidate){0, 0, 0};
  if (flips > m) flips = m;
  for (size_t i = 0; i < flips; i++) move(&list[i], q);
  if (flips > 0 && (double)flips >= fabs(sum)) {
    const struct candidate *last = &list[flips - 1];
    *left = (struct candidate){last->e + last->step, last->at, -last->step};
  } else if (flips < m) {
    *left = list[flips];
  }
}

/* One kernel: cin apart. */
static double kernel(const double *x, int taps, int cin, int ci, int lo, int hi, int8_t *q, struct candidate *list,
                     struct candidate *left) {
  double sum = 0, after = 0;
  size_t n = 0;
  for (int t = 0; t < taps; t++) sum += q[t * cin + ci] - x[t * cin + ci];
  for (int t = 0; t < taps; t++) {
    const size_t at = (size_t)t * (size_t)cin + (size_t)ci;
    const double e = q[at] - x[at];
    if (may_move(e, sum, q[at], lo, hi)) list[n++] = (struct candidate){e, at, e > 0 ? -1 : 1};
  }
  pass(list, n, sum, q, left);
  for (int t = 0; t < taps; t++) after += q[t * cin + ci] - x[t * cin + ci];
  return after;
}

static void channel(const double *x, int taps, int cin, int lo, int hi, enum method_squant_passes passes, int8_t *q,
                    struct candidate *list, struct candidate *lefts) {
  struct candidate left;
  double sum = 0;
  size_t n = 0;
  if (taps > 1) {
    for (int ci = 0; ci < cin; ci++) sum += kernel(x, taps, cin, ci, lo, hi, q, list, &lefts[n++]);
  } else {
    for (int i = 0; i < cin; i++) sum += q[i] - x[i];
    for (int i = 0; i < cin; i++) {
      const double e = q[i] - x[i];
      if (may_move(e, sum, q[i], lo, hi)) lefts[n++] = (struct candidate){e, (size_t)i, e > 0 ? -1 : 1};
    }
  }
  if (passes == METHOD_SQUANT_BOTH) pass(lefts, n, sum, q, &left);
}

int method_squant_channel(const double *x, int taps, int cin, int lo, int hi, enum method_squant_passes passes,
                          int8_t *q) {
  struct candidate *list = malloc((size_t)(taps + cin) * sizeof *list);
  if (list == NULL) return TETRA_ENOMEM;
  for (int i = 0; i < taps * cin; i++) {
    const double code = nearbyint(x[i]);
    q[i] = (int8_t)(code < lo ? lo : code > hi ? hi : code);
  }
  channel(x, taps, cin, lo, hi, passes, q, list, list + taps);
  free(list);
  return TETRA_OK;
}

int method_squant(const struct method_layer *l, struct method_codes *c) {
  const size_t k = method_inputs(l);
  double *x = malloc(k * sizeof *x);
  int rc = x == NULL ? TETRA_ENOMEM : TETRA_OK;
  for (size_t o = 0; rc == TETRA_OK && o < (size_t)l->cout; o++) {
    for (size_t i = 0; i < k; i++) x[i] = l->target[o * k + i] / (double)c->scale[o];
    rc = method_squant_channel(x, l->taps, l->cin, -l->top, l->top, METHOD_SQUANT_BOTH, c->q + o * k);
  }
  free(x);
  return rc;
}
