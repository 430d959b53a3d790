/* GPFQ: a greedy walk along the inputs (Lybrand and Saab, "A Greedy Algorithm for Quantizing Neural Networks", JMLR 22,
 * 2021; Zhang, Zhou and Saab, arXiv 2201.11113). With X_t the values of input t over m rows in the float network and
 * Y_t those in the network quantized so far: u = 0; for each t: u += w_t X_t; q_t = round(<Y_t, u> / (scale |Y_t|^2)),
 * 0 where Y_t is 0; u -= scale q_t Y_t. All channels at once: u is [cout][m]. */
#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "methods/methods.h"

struct walk {
  const struct method_layer *l;
  struct method_codes *c;
  const double *weights;
  float *u, *w, *dot; /* [cout][m], [cout], [cout] */
  int m;
};

/* Input t, whose values are x in the float network and y in the quantized one. */
static void input(const struct walk *k, size_t t, const float *x, const float *y) {
  const int cout = k->l->cout;
  const size_t inputs = method_inputs(k->l);
  const double norm = (double)cblas_sdot(k->m, y, 1, y, 1);
  for (size_t o = 0; o < (size_t)cout; o++) k->w[o] = (float)k->weights[o * inputs + t];
  cblas_sger(CblasRowMajor, cout, k->m, 1.0f, k->w, 1, x, 1, k->u, k->m);
  cblas_sgemv(CblasRowMajor, CblasNoTrans, cout, k->m, 1.0f, k->u, k->m, y, 1, 0.0f, k->dot, 1);
  for (size_t o = 0; o < (size_t)cout; o++) {
    const double s = (double)k->c->scale[o];
    const int q = norm > 0 ? method_round((double)k->dot[o] / norm, s, k->l->top) : 0;
    k->c->q[o * inputs + t] = (int8_t)q;
    k->w[o] = (float)(s * q);
  }
  cblas_sger(CblasRowMajor, cout, k->m, -1.0f, k->w, 1, y, 1, k->u, k->m);
}

/* [m][k] as [k][m]. */
static void turn(const float *x, size_t m, size_t k, float *y) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < k; j++) y[j * m + i] = x[i * k + j];
}

int method_gpfq(const struct method_layer *l, const double *weights, const float *rows_f, const float *rows_q, size_t m,
                struct method_codes *c) {
  const size_t k = method_inputs(l), cout = (size_t)l->cout;
  struct walk walk = {l, c, weights, calloc(cout * m, sizeof(float)), malloc(2 * cout * sizeof(float)), NULL, (int)m};
  float *x = malloc(2 * m * k * sizeof *x);
  const int rc = walk.u == NULL || walk.w == NULL || x == NULL ? TETRA_ENOMEM : TETRA_OK;
  if (rc == TETRA_OK) {
    walk.dot = walk.w + cout;
    turn(rows_f, m, k, x);
    turn(rows_q, m, k, x + m * k);
    for (size_t t = 0; t < k; t++) input(&walk, t, x + t * m, x + (k + t) * m);
  }
  free(walk.u);
  free(walk.w);
  free(x);
  return rc;
}
