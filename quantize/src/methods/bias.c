/* Biases that keep the channels' means (Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias
 * Correction", arXiv 1906.04721, section 4.2), from first moments: b = E[y] - scale q E[u]. */
#include "methods/methods.h"

void method_correct_bias(const struct method_layer *l, const double *mean_y, const double *mean_u,
                         const struct method_codes *c, double *bias) {
  const size_t k = method_inputs(l);
  for (size_t o = 0; o < (size_t)l->cout; o++) {
    bias[o] = mean_y[o];
    for (size_t i = 0; i < k; i++) bias[o] -= (double)c->scale[o] * c->q[o * k + i] * mean_u[i];
  }
}
