/* TensorFlow Lite's scales as integers. Formulas: tflite-micro, tensorflow/lite/kernels/internal/quantization_util.cc
 * (commit 7fadd412) and common.cc (commit 2e509434); docs/import.md has them all. */
#include <math.h>

#include "tflite/quant.h"

int tfl_multiplier(double real, int single_rounding, int32_t *m, int *s) {
  int exponent;
  if (!isfinite(real)) return 0;                  /* scales near the ends of float's range */
  const double fraction = frexp(real, &exponent); /* in [0.5, 1) */
  int64_t q = (int64_t)round(fraction * 2147483648.0);
  if (q == (int64_t)1 << 31) {
    q /= 2;
    exponent++;
  }
  if (exponent < -31) {
    q = 0;
    exponent = 0;
  }
  if (single_rounding && exponent > 30) {
    q = INT32_MAX;
    exponent = 30;
  }
  *m = (int32_t)q;
  *s = 31 - exponent;
  return *s >= 0;
}

/* The code of a real bound, as float arithmetic gives it, kept within int8. */
static int code_of(float bound, const struct tfl_tensor *t) {
  const double code = t->zero_point + round((double)(bound / t->scales[0]));
  return code < -128 ? -128 : code > 127 ? 127 : (int)code;
}

int tfl_clamp(int activation, const struct tfl_tensor *t, int *lo, int *hi) {
  *lo = -128;
  *hi = 127;
  switch (activation) {
    case TFL_NONE:
      return 1;
    case TFL_RELU:
      *lo = code_of(0, t);
      return 1;
    case TFL_RELU6:
      *lo = code_of(0, t);
      *hi = code_of(6, t);
      return 1;
    case TFL_RELU_N1_TO_1:
      *lo = code_of(-1, t);
      *hi = code_of(1, t);
      return 1;
    default:
      return 0;
  }
}
