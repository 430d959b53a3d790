/* Fake quantization: values become codes, and gradients pass as if they had not, but for what is clipped. */
#ifndef TRAIN_QUANTIZER_H
#define TRAIN_QUANTIZER_H

#include <stddef.h>

#include "tetra/graph.h"

enum train_rounding {
  TRAIN_AQT,    /* AQT's quantizers and their gradients (tetra/quantize.h), to the letter */
  TRAIN_NEAREST /* half to even; gradient 1 from the lowest to the highest code, 0 beyond */
};

/* code of (x - shift) * scale, within lo..hi; real = code / scale + offset. */
struct train_quantizer {
  int on; /* 0: values pass as they are */
  enum train_rounding rounding;
  enum tetra_fmt fmt;
  float lo, hi;
  float scale;         /* codes a unit, > 0 */
  float shift, offset; /* 0 with TRAIN_AQT */
};

/* codes[i] of x[i], whole numbers; may be x. The quantizer is on. */
void train_quantize(const struct train_quantizer *q, const float *x, size_t n, float *codes);
/* gradient[i] *= the derivative of the quantized value by x[i]. AQT's signed one is 1 inside, 1/2 exactly at the ends,
 * 0 outside; its unsigned one clips after rounding down, so the whole lowest and the whole highest code have 1/2. */
void train_pass(const struct train_quantizer *q, const float *x, size_t n, float *gradient);
/* The step-size gradient of LSQ: the sum of gradient[i] * (code - v inside the range, lowest or highest code beyond), v
 * = x[i] * scale. */
double train_step_gradient(const struct train_quantizer *q, const float *x, size_t n, const float *gradient);
/* A quantizer that is off, of all codes of fmt; AQT's signed one never gives the most negative code. */
struct train_quantizer train_quantizer_make(enum train_rounding rounding, enum tetra_fmt fmt);

#endif
