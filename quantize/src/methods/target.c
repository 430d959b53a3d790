/* The asymmetric target: weights for the inputs that the quantized network has, so that the layer's sums come as near
 * as they can to what the float network has there (Li et al., "GPTAQ", arXiv 2504.02692; the same least squares as
 * Qronos', arXiv 2505.11695). With y = w u_f, minimising E |y - t u_q|^2 gives t H = E[y u_q'] = D; damped, t = w + (D
 * - w H) (H + 0.01 mean(diag H) I)^-1. */
#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "methods/methods.h"

/* LAPACK, by its Fortran names: solves a x = b for a symmetric positive definite matrix. */
void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b, const int *ldb,
            int *info);

/* t's rows are columns to Fortran, and the matrix is symmetric: t (H + damping) = b. 0 where it is not definite. */
static int solve(int cout, size_t k, const double *h, double *a, double *t) {
  const int n = (int)k;
  int info = 0;
  double trace = 0;
  memcpy(a, h, k * k * sizeof *a);
  for (size_t i = 0; i < k; i++) trace += h[i * k + i];
  const double damping = 0.01 * trace / (double)k;
  for (size_t i = 0; i < k; i++) a[i * k + i] += damping > 0 ? damping : 1;
  dposv_("L", &n, &cout, a, &n, t, &n, &info);
  return info == 0;
}

int method_asymmetric_target(int cout, size_t k, const double *w, const double *h, const double *d, double *t) {
  double *a = malloc(k * k * sizeof *a);
  if (a == NULL) return TETRA_ENOMEM;
  memcpy(t, d, (size_t)cout * k * sizeof *t);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, cout, (int)k, (int)k, -1.0, w, (int)k, h, (int)k, 1.0, t,
              (int)k);
  if (!solve(cout, k, h, a, t)) memset(t, 0, (size_t)cout * k * sizeof *t);
  for (size_t i = 0; i < (size_t)cout * k; i++) t[i] += w[i];
  free(a);
  return TETRA_OK;
}
