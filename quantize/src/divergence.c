/* The divergence of two softmaxes. */
#include <math.h>

#include "tetra/divergence.h"

/* log(sum(exp(x))) without overflow. */
static double log_sum(const float *x, size_t classes) {
  size_t best = 0;
  double others = 0;
  for (size_t c = 1; c < classes; c++) best = x[c] > x[best] ? c : best;
  for (size_t c = 0; c < classes; c++) others += c == best ? 0 : exp((double)x[c] - (double)x[best]);
  return (double)x[best] + log1p(others);
}

double tetra_softmax_divergence(const float *real, const float *other, int n, size_t classes) {
  double sum = 0;
  if (classes == 0) return 0;
  for (int i = 0; i < n; i++, real += classes, other += classes) {
    const double lr = log_sum(real, classes), lo = log_sum(other, classes);
    for (size_t c = 0; c < classes; c++) {
      const double p = (double)real[c] - lr, q = (double)other[c] - lo;
      sum += exp(p) * (p - q);
    }
  }
  return sum;
}
