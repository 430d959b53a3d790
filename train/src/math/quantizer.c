/* Fake quantization, value by value. */
#include <math.h>

#include "math/quantizer.h"
#include "tetra/quantize.h"

struct train_quantizer train_quantizer_make(enum train_rounding rounding, enum tetra_fmt fmt) {
  const float hi = (float)tetra_fmt_max(fmt), least = (float)tetra_fmt_min(fmt);
  const float lo = rounding == TRAIN_AQT && tetra_fmt_signed(fmt) ? -hi : least;
  return (struct train_quantizer){.rounding = rounding, .fmt = fmt, .lo = lo, .hi = hi, .scale = 1};
}

static inline float clip(float v, float lo, float hi) { return v < lo ? lo : v > hi ? hi : v; }

void train_quantize(const struct train_quantizer *q, const float *x, size_t n, float *codes) {
  const float lo = q->lo, hi = q->hi;
  if (q->rounding == TRAIN_AQT)
    tetra_aqt_quantize_n(q->fmt, q->scale, x, n, codes);
  else
    for (size_t i = 0; i < n; i++) codes[i] = rintf(clip((x[i] - q->shift) * q->scale, lo, hi));
}

/* The derivative of clip(v, lo, hi) as JAX has it: the halves of two equal operands of min or max. Not by ||, && and
 * ?:, between whose parts the compiler has to jump, which vectors cannot. */
static inline float of_clip(float v, float lo, float hi) {
  const int within = (v >= lo) & (v <= hi), inside = (v > lo) & (v < hi);
  return 0.5f * (float)(within + inside);
}

/* The same of floor(v), the ends being whole numbers. */
static inline float of_clipped_floor(float v, float lo, float hi) {
  const int within = (v >= lo) & (v < hi + 1), inside = (v >= lo + 1) & (v < hi);
  return 0.5f * (float)(within + inside);
}

void train_pass(const struct train_quantizer *q, const float *x, size_t n, float *gradient) {
  const float lo = q->lo, hi = q->hi, s = q->scale;
  if (q->rounding == TRAIN_NEAREST) {
    for (size_t i = 0; i < n; i++) {
      const float v = (x[i] - q->shift) * s;
      gradient[i] = v < lo || v > hi ? 0.0f : gradient[i];
    }
  } else if (tetra_fmt_signed(q->fmt)) {
    for (size_t i = 0; i < n; i++) gradient[i] *= of_clip(x[i] * s, lo, hi);
  } else {
    for (size_t i = 0; i < n; i++) gradient[i] *= of_clipped_floor(x[i] * s, lo, hi);
  }
}

/* What value x has in the step's gradient. */
static inline float of_step(const struct train_quantizer *q, float x) {
  const float v = (x - q->shift) * q->scale, inside = rintf(v) - v;
  return v <= q->lo ? q->lo : v >= q->hi ? q->hi : inside;
}

/* Neighbours are summed apart from one another, in float for a while and then in double: sums that need not wait. */
enum { APART = 16, ROUNDS = 16 };

double train_step_gradient(const struct train_quantizer *q, const float *x, size_t n, const float *gradient) {
  const struct train_quantizer copy = *q;
  double sum = 0;
  size_t i = 0;
  while (i + APART <= n) {
    float part[APART] = {0};
    for (int round = 0; round < ROUNDS && i + APART <= n; round++, i += APART)
      for (size_t k = 0; k < APART; k++) part[k] += gradient[i + k] * of_step(&copy, x[i + k]);
    for (int k = 0; k < APART; k++) sum += (double)part[k];
  }
  for (; i < n; i++) sum += (double)(gradient[i] * of_step(&copy, x[i]));
  return sum;
}
