/* AQT's quantizers (formulas and source in tetra/quantize.h). */
#include <math.h>

#include "tetra/quantize.h"

static const float kEps = 1.0f / 8388608.0f; /* 2^-23 */

float tetra_aqt_scale(enum tetra_fmt fmt, float bound) {
  const int bits = tetra_fmt_bits(fmt);
  const float steps = tetra_fmt_signed(fmt) ? (float)((1 << (bits - 1)) - 1) : (float)(1 << bits);
  return steps / (bound + kEps);
}

/* floor(v) of |v| < 2^24, which compilers turn into vector code without a library call. */
static inline float small_floor(float v) {
  const float t = (float)(int)v;
  return t - (t > v ? 1.0f : 0.0f);
}

static inline float clip(float v, float lo, float hi) { return v < lo ? lo : v > hi ? hi : v; }

static inline float code_signed(float v, float b) { return small_floor(clip(v, -b, b) + 0.5f); }

/* The limits are whole numbers, so clipping first gives what clipping the floor gives. */
static inline float code_unsigned(float v, float top) { return small_floor(clip(v, 0.0f, top)); }

int tetra_aqt_quantize(enum tetra_fmt fmt, float s, float x) {
  tetra_aqt_quantize_n(fmt, s, &x, 1, &x);
  return (int)x;
}

void tetra_aqt_quantize_n(enum tetra_fmt fmt, float s, const float *x, size_t n, float *codes) {
  const float top = (float)tetra_fmt_max(fmt);
  if (tetra_fmt_signed(fmt)) {
    for (size_t i = 0; i < n; i++) codes[i] = code_signed(x[i] * s, top);
  } else {
    for (size_t i = 0; i < n; i++) codes[i] = code_unsigned(x[i] * s, top);
  }
}

float tetra_aqt_quantize_weights(int bits, const float *w, size_t k, int8_t *codes) {
  const enum tetra_fmt fmt = bits == 4 ? TETRA_S4 : TETRA_S8;
  const float b = (float)tetra_fmt_max(fmt);
  float bound = 0.0f;
  for (size_t i = 0; i < k; i++) {
    const float a = fabsf(w[i]);
    bound = a > bound ? a : bound;
  }
  const float s = tetra_aqt_scale(fmt, bound);
  for (size_t i = 0; i < k; i++) codes[i] = (int8_t)code_signed(w[i] * s, b);
  return s;
}
