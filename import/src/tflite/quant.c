/* TensorFlow Lite's scales as integers. Formulas: tflite-micro, tensorflow/lite/kernels/internal/quantization_util.cc
 * (commit 7fadd412) and common.cc (commit 2e509434); docs/import.md has them all. */
#include <math.h>

#include "tflite/quant.h"
#include "tetra/ceil_div.h"

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

/* The smallest sum >= 0 for which round(sum * real) is at least k; the products are rounded as the reference rounds
 * them. */
static int64_t step_at(double real, int k) {
  int64_t sum = (int64_t)ceil((k - 0.5) / real);
  while (sum > 0 && round((double)(sum - 1) * real) >= k) sum--;
  while (round((double)sum * real) < k) sum++;
  return sum;
}

/* Narrows from..to to the M for which R takes its steps to 1..codes where the reference does, for sums 0..most. */
static void narrow(double real, int s, int64_t most, int codes, int64_t *from, int64_t *to) {
  const int64_t half = (int64_t)1 << (s - 1);
  for (int k = 1; k <= codes; k++) {
    if ((k - 0.5) / real > (double)most + 1) return; /* out of reach, by more than M's error */
    const int64_t sum = step_at(real, k), needed = half * (2 * (int64_t)k - 1); /* what sum * M must reach */
    const int64_t before = sum > most ? most : sum - 1;
    const int64_t least = sum > most ? 1 : tetra_ceil_div64(needed, sum);
    const int64_t highest = before > 0 ? (needed - 1) / before : INT32_MAX;
    if (least > *from) *from = least;
    if (highest < *to) *to = highest;
    if (sum > most) return;
  }
}

int tfl_multiplier_of_double(double real, const struct tfl_reach *reach, int32_t *m, int *s) {
  int exponent;
  if (!isfinite(real) || real < 1e-30) return 0;
  const double fraction = frexp(real, &exponent);
  *s = 31 - exponent;
  if (*s < 1 || *s > 62) return 0;
  int64_t from = 1, to = INT32_MAX;
  narrow(real, *s, reach->up, reach->above, &from, &to);
  narrow(real, *s, reach->down, reach->below, &from, &to); /* both round away from zero */
  const int64_t nearest = (int64_t)round(fraction * 2147483648.0);
  *m = (int32_t)(nearest < from ? from : nearest > to ? to : nearest);
  return from <= to;
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
