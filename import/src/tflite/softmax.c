/* TensorFlow Lite's int8 softmax in integers. Formulas: tflite-micro, kernels/internal/reference/softmax.h (commit
 * d138bfcf) over gemmlowp's fixed point; docs/import.md writes them out. "Qa" is an int32 with a integer bits, so that
 * its unit is 2^(a-31). Sums and results that leave int32 saturate. */
#include <math.h>

#include "tetra/import.h"
#include "tetra/requant.h"

enum { kDiffBits = 5, kSumBits = 12 };

static int32_t saturate(int64_t x) { return x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : (int32_t)x; }

/* Product of a Qa and a Qb number as Q(a+b): half up at bit 31. */
static int32_t product(int32_t a, int32_t b) { return saturate(tetra_round_shift((int64_t)a * b, 31, TETRA_HALF_UP)); }

static int32_t divide(int32_t x, int s) { return (int32_t)tetra_round_shift(x, s, TETRA_HALF_AWAY); }

static int32_t one_of(double x, int bits) { return saturate((int64_t)floor(ldexp(x, 31 - bits) + 0.5)); }

/* exp(x) as Q0 for x in [-1/4, 0) as Q0: a Taylor polynomial of degree 4 around -1/8, in this order of roundings. */
static int32_t exp_quarter(int32_t x) {
  const int32_t at = one_of(exp(-0.125), 0), third = one_of(1.0 / 3, 0);
  const int32_t d = x + (1 << 28);
  const int32_t d2 = product(d, d), d3 = product(d2, d), d4 = product(d2, d2);
  const int32_t tail = divide(product(divide(d4, 2) + d3, third) + d2, 1); /* d^4/24 + d^3/6 + d^2/2 */
  return saturate((int64_t)at + product(at, d + tail));
}

/* exp(x) as Q0 for x <= 0 as Q5: the part within a quarter by the polynomial, then a factor for every bit of the rest.
 */
static int32_t exp_negative(int32_t x) {
  const int32_t quarter = 1 << 24;
  const int32_t inside = (x & (quarter - 1)) - quarter;
  const int32_t rest = inside - x; /* multiples of a quarter, >= 0 */
  int32_t y = exp_quarter(inside * (1 << kDiffBits));
  for (int k = -2; k < kDiffBits; k++) {
    if (rest & (1 << (31 - kDiffBits + k))) y = product(y, one_of(exp(-ldexp(1, k)), 0));
  }
  return x == 0 ? INT32_MAX : y;
}

/* 1 / (1 + x) as Q0 for x in [0, 1) as Q0: three steps of Newton's method from 48/17 - 32/17 * (1 + x)/2, in Q2. */
static int32_t reciprocal(int32_t x) {
  const int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2); /* (1 + x) / 2 */
  int32_t y = one_of(48.0 / 17, 2) + product(half, one_of(-32.0 / 17, 2));
  for (int i = 0; i < 3; i++) {
    const int32_t error = (1 << 29) - product(half, y);
    y += saturate((int64_t)product(y, error) * 4);
  }
  return saturate((int64_t)y * 2); /* y/2 from Q2 to Q0 */
}

/* One input difference as Q5. */
struct scaling {
  int32_t multiplier;
  int left;     /* shift in front of it */
  int smallest; /* differences below count as exp(x) = 0 */
};

static struct scaling scale_of(double scale, double beta, int single_rounding) {
  const double most = (single_rounding ? 1073741824.0 : 2147483648.0) - 1;
  const double real = fmin(beta * scale * (1 << (31 - kDiffBits)), most);
  struct scaling s = {0, 0, 0};
  int64_t q = (int64_t)round(frexp(real, &s.left) * 2147483648.0);
  if (q == (int64_t)1 << 31) {
    q /= 2;
    s.left++;
  }
  s.multiplier = (int32_t)q;
  /* The reference has no scales whose factor is not above 1: they make every class the same. */
  if (s.left < 0) {
    s.multiplier = 0;
    s.left = 0;
  }
  const double radius = floor(((1 << kDiffBits) - 1) * ldexp(1, 31 - kDiffBits) / ldexp(1, s.left));
  s.smallest = -(int)radius;
  return s;
}

static int32_t scaled(const struct scaling *s, int diff) {
  return product(saturate((int64_t)diff * ((int64_t)1 << s->left)), s->multiplier);
}

void tetra_softmax_int8(const int8_t *x, int n, double scale, double beta, int single_rounding, int8_t *y) {
  const struct scaling s = scale_of(scale, beta, single_rounding);
  int top = -128;
  for (int i = 0; i < n; i++) top = x[i] > top ? x[i] : top;
  int64_t sum = 0;
  for (int i = 0; i < n; i++) {
    if (x[i] - top >= s.smallest) sum += divide(exp_negative(scaled(&s, x[i] - top)), kSumBits);
  }
  /* sum = 2^(kSumBits - zeros) * (1 + fraction) */
  int zeros = 0;
  while (zeros < 31 && !(sum << zeros & (int64_t)1 << 31)) zeros++;
  const int32_t inverse = reciprocal((int32_t)((sum << zeros) - ((int64_t)1 << 31)));
  const int shift = kSumBits - zeros + 31 - 8;
  for (int i = 0; i < n; i++) {
    int32_t code = 0;
    if (x[i] - top >= s.smallest) code = divide(product(inverse, exp_negative(scaled(&s, x[i] - top))), shift);
    y[i] = (int8_t)(code > 255 ? 127 : code - 128);
  }
}
