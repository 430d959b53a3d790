/* GPTQ: codes one input after another, each passing its rounding error on (Frantar et al., "GPTQ", arXiv 2210.17323,
 * section 3). With U the upper Cholesky factor of the inverse of H + damping, inverse = U' U, the error of input i is
 * e = (t_i - w_q,i) / U_ii, and t_j -= e U_ij for the inputs j behind it. Errors go to inputs of the same block at
 * once, to those behind the block by one matrix product. */
#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "methods/methods.h"

/* LAPACK, by its Fortran names: Cholesky factor of a symmetric matrix, and the inverse from that. */
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info);

enum { block = 64 };

/* In place: moments -> upper Cholesky factor U of their inverse, row by row. What Fortran calls the lower half by
 * columns is the upper half by rows. 0 where the matrix is not positive definite. */
static int inverse_factor(double *m, size_t k) {
  const int n = (int)k;
  int info = 0;
  double trace = 0;
  for (size_t i = 0; i < k; i++) trace += m[i * k + i];
  const double damping = 0.01 * trace / (double)k;
  for (size_t i = 0; i < k; i++) m[i * k + i] += damping > 0 ? damping : 1;
  dpotrf_("L", &n, m, &n, &info);
  if (!info) dpotri_("L", &n, m, &n, &info);
  if (!info) dpotrf_("L", &n, m, &n, &info);
  return info == 0;
}

/* Channel o, inputs from..to-1; errors[block] are what inputs behind will take. */
static void choose(const struct method_layer *l, const double *u, size_t o, size_t from, size_t to, double *rest,
                   double *errors, struct method_codes *c) {
  const size_t k = method_inputs(l);
  const double s = (double)c->scale[o];
  for (size_t i = from; i < to; i++) {
    const int q = method_round(rest[i], s, l->top);
    const double e = (rest[i] - q * s) / u[i * k + i];
    c->q[o * k + i] = (int8_t)q;
    errors[i - from] = e;
    for (size_t j = i + 1; j < to; j++) rest[j] -= e * u[i * k + j];
  }
}

static void pass_on(const struct method_layer *l, const double *u, double *rest, double *errors,
                    struct method_codes *c) {
  const size_t k = method_inputs(l), cout = (size_t)l->cout;
  for (size_t from = 0; from < k; from += block) {
    const size_t to = from + block < k ? from + block : k;
    for (size_t o = 0; o < cout; o++) choose(l, u, o, from, to, rest + o * k, errors + o * block, c);
    if (to < k)
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, l->cout, (int)(k - to), (int)(to - from), -1.0, errors,
                  block, u + from * k + to, (int)k, 1.0, rest + to, (int)k);
  }
}

int method_gptq(const struct method_layer *l, struct method_codes *c) {
  const size_t k = method_inputs(l), cout = (size_t)l->cout;
  double *u = malloc(k * k * sizeof *u), *rest = malloc(cout * (k + block) * sizeof *rest);
  const int rc = u == NULL || rest == NULL ? TETRA_ENOMEM : TETRA_OK;
  if (rc == TETRA_OK) {
    memcpy(u, l->h, k * k * sizeof *u);
    memcpy(rest, l->target, cout * k * sizeof *rest);
    if (inverse_factor(u, k))
      pass_on(l, u, rest, rest + cout * k, c);
    else
      method_nearest(l, c);
  }
  free(u);
  free(rest);
  return rc;
}
