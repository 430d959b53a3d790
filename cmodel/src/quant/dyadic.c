/* A real factor as mantissa and shift. */
#include <math.h>

#include "tetra/quantize.h"

int tetra_dyadic(double factor, int max_s, int32_t *m, uint8_t *s, struct tetra_error *err) {
  if (!(factor >= 0)) return tetra_fail(err, TETRA_EINVAL, "requantization factor %g: must be at least 0", factor);
  if (max_s < 0 || max_s > 62) return tetra_fail(err, TETRA_EINVAL, "largest shift %d: must be 0..62", max_s);
  if (factor >= 2147483648.0)
    return tetra_fail(err, TETRA_ERANGE, "requantization factor %g: must be below 2^31", factor);
  int exponent = 0;
  frexp(factor, &exponent); /* factor < 2^exponent, so factor * 2^(31 - exponent) < 2^31 */
  int shift = factor > 0 && 31 - exponent < max_s ? 31 - exponent : max_s;
  double mantissa = floor(ldexp(factor, shift) + 0.5);
  if (mantissa >= 2147483648.0) { /* rounded up to exactly 2^31 */
    mantissa = shift > 0 ? 1073741824.0 : 2147483647.0;
    shift -= shift > 0;
  }
  *m = (int32_t)mantissa;
  *s = (uint8_t)shift;
  return TETRA_OK;
}
