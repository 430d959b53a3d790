/* Bounds of activation tensors. */
#include <math.h>

#include "ptq/quantizer.h"
#include "tetra/quantize.h"

/* A tensor of zeros may have any bound. */
static const float smallest_bound = 1.0f / 1024;

/* What QuantizeLinear and DequantizeLinear make of x. */
static float fake(float x, float scale, float lo, float hi) {
  const float code = nearbyintf(x / scale);
  return (code < lo ? lo : code > hi ? hi : code) * scale;
}

static double squared_error(enum tetra_fmt fmt, float bound, const float *x, size_t n) {
  const float scale = 1.0f / tetra_aqt_scale(fmt, bound), lo = (float)tetra_fmt_min(fmt),
              hi = (float)tetra_fmt_max(fmt);
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    const float e = x[i] - fake(x[i], scale, lo, hi);
    sum += (double)(e * e);
  }
  return sum;
}

float quant_bound(enum tetra_fmt fmt, const float *x, size_t n, int search) {
  enum { tries = 40, sample = 1 << 20 };
  float max = 0;
  for (size_t i = 0; i < n; i++) max = fmaxf(max, fabsf(x[i]));
  if (!(max > smallest_bound)) return smallest_bound;
  if (!search) return max;
  const size_t step = n / sample + 1; /* a million values tell a bound well enough; an odd step meets all channels */
  const size_t stride = step | 1;
  float best = max;
  double least = -1;
  for (int t = tries; t >= 4; t--) {
    const float bound = max * (float)t / tries;
    double sum = 0;
    if (stride == 1) {
      sum = squared_error(fmt, bound, x, n);
    } else {
      for (size_t i = 0; i < n; i += stride) sum += squared_error(fmt, bound, x + i, 1);
    }
    if (least < 0 || sum < least) {
      least = sum;
      best = bound;
    }
  }
  return best;
}

size_t quant_fake(const struct quant_point *p, const float *x, size_t n, float *y) {
  const float lo = (float)tetra_fmt_min(p->fmt), hi = (float)tetra_fmt_max(p->fmt);
  size_t beyond = 0;
  for (size_t i = 0; i < n; i++) {
    const float code = nearbyintf(x[i] / p->scale);
    beyond += code < lo || code > hi;
    y[i] = (code < lo ? lo : code > hi ? hi : code) * p->scale;
  }
  return beyond;
}
