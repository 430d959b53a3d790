/* The objective that methods share: J = sum of (scale q - t) H (scale q - t)'. */
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "methods/methods.h"

size_t method_inputs(const struct method_layer *l) { return (size_t)l->taps * (size_t)l->cin; }

int method_round(double x, double scale, int top) {
  const double code = floor(x / scale + 0.5);
  return code < -top ? -top : code > top ? top : (int)code;
}

void method_times_h(const struct method_layer *l, const double *x, double *xh) {
  const int k = (int)method_inputs(l);
  if (l->h == NULL)
    memcpy(xh, x, (size_t)l->cout * (size_t)k * sizeof *xh);
  else
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, l->cout, k, k, 1.0, x, k, l->h, k, 0.0, xh, k);
}

double method_objective(const struct method_layer *l, const struct method_codes *c, double *j) {
  const size_t k = method_inputs(l), cout = (size_t)l->cout;
  double *e = malloc(2 * cout * k * sizeof *e), sum = 0;
  if (e == NULL) return NAN;
  double *eh = e + cout * k;
  for (size_t i = 0; i < cout * k; i++) e[i] = (double)c->scale[i / k] * c->q[i] - l->target[i];
  method_times_h(l, e, eh);
  for (size_t o = 0; o < cout; o++) {
    j[o] = cblas_ddot((int)k, e + o * k, 1, eh + o * k, 1);
    sum += j[o];
  }
  free(e);
  return sum;
}

/* Of channels from..to-1: the better of the two. */
static void keep(size_t k, size_t from, size_t to, const double *j, const double *j_before,
                 const struct method_codes *before, struct method_codes *c) {
  double now = 0, then = 0;
  for (size_t o = from; o < to; o++) {
    now += j[o];
    then += j_before[o];
  }
  if (now < then) return;
  memcpy(c->q + from * k, before->q + from * k, (to - from) * k);
  memcpy(c->scale + from, before->scale + from, (to - from) * sizeof *c->scale);
}

int method_keep_better(const struct method_layer *l, const struct method_codes *before, struct method_codes *c) {
  const size_t cout = (size_t)l->cout, share = (size_t)l->share;
  double *j = malloc(2 * cout * sizeof *j);
  if (j == NULL) return TETRA_ENOMEM;
  const double now = method_objective(l, c, j), then = method_objective(l, before, j + cout);
  if (isnan(now) || isnan(then)) {
    free(j);
    return TETRA_ENOMEM;
  }
  for (size_t o = 0; o < cout; o += share)
    keep(method_inputs(l), o, o + share < cout ? o + share : cout, j, j + cout, before, c);
  free(j);
  return TETRA_OK;
}
