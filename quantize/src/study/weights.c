/* What few bits make of a layer's weights. */
#include <math.h>

#include "study/internal.h"
#include "tetra/quantize.h"

static float nearest(const float *w, size_t k, enum tetra_fmt fmt, float bound, float *out, double *error) {
  const float s = tetra_aqt_scale(fmt, bound);
  *error = 0;
  for (size_t i = 0; i < k; i++) {
    const float q = (float)tetra_aqt_quantize(fmt, s, w[i]) / s;
    *error += (double)(q - w[i]) * (double)(q - w[i]);
    if (out) out[i] = q;
  }
  return s;
}

/* By channel: nearest codes, 4-bit ones at the bound of the least squared error. */
int study_weights(const struct tetra_float_node *node, int bits, float *out, struct tetra_error *err) {
  enum { tries = 50, fewest = 15 };
  const enum tetra_fmt fmt = bits == 4 ? TETRA_S4 : TETRA_S8;
  const size_t k = tetra_window_elements(&node->win, node->cin);
  (void)err;
  for (int c = 0; c < node->cout; c++) {
    const float *w = node->w + (size_t)c * k;
    float max = 0;
    for (size_t i = 0; i < k; i++) max = fmaxf(max, fabsf(w[i]));
    float best = max;
    double least = INFINITY, e;
    for (int t = tries; bits == 4 && t >= fewest; t--) {
      const float bound = max * (float)t / tries;
      nearest(w, k, fmt, bound, NULL, &e);
      if (e >= least) continue;
      least = e;
      best = bound;
    }
    nearest(w, k, fmt, best, out + (size_t)c * k, &e);
  }
  return TETRA_OK;
}
