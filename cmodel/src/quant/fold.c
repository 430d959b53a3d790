/* Batch-norm folding, and real factors -> one channel's integer parameters. */
#include <math.h>
#include <string.h>

#include "tetra/quantize.h"

void tetra_bn_fold(const struct tetra_bn *bn, double *mult, double *offset) {
  *mult = (double)bn->gamma / sqrt((double)bn->var + TETRA_BN_EPS);
  *offset = (double)bn->beta - (double)bn->mean * *mult;
}

int tetra_fold_sign(int bits, double *mult, int8_t *w, size_t k, struct tetra_error *err) {
  const int lowest = -(1 << (bits - 1));
  if (*mult > 0) return TETRA_OK;
  if (*mult == 0) {
    memset(w, 0, k);
    return TETRA_OK;
  }
  for (size_t i = 0; i < k; i++) {
    if (w[i] == lowest) {
      return tetra_fail(err, TETRA_ERANGE,
                        "weight %d cannot be negated in %d bits: a negative scale needs weights >= %d", w[i], bits,
                        lowest + 1);
    }
  }
  for (size_t i = 0; i < k; i++) w[i] = (int8_t)-w[i];
  *mult = -*mult;
  return TETRA_OK;
}

/* Smallest Lr for which round(factor * 2^(s - Lr)) < 2^31. */
static int fit_residual(double factor, int s, struct tetra_requant_channel *ch, struct tetra_error *err) {
  for (int lr = 0; lr <= 31; lr++) {
    const double m = floor(ldexp(factor, s - lr) + 0.5);
    if (m < 2147483648.0) {
      ch->mr = (int32_t)m;
      ch->lr = (uint8_t)lr;
      return TETRA_OK;
    }
  }
  return tetra_fail(err, TETRA_ERANGE, "residual factor %g at shift %d needs a left shift above 31", factor, s);
}

/* The part of a bias that is less than a unit, in units of F: (real - whole) * M = frac * 2^15 + at most 2^14. */
static int16_t fraction(double real, double whole, int32_t m) {
  const double f = floor(ldexp((real - whole) * m, -TETRA_FRAC_SHIFT) + 0.5); /* at most half of 2^31, so -2^15..2^15 */
  return f > 32767 ? 32767 : (int16_t)f;
}

/* Without a product only the offset counts; 2^-16 of a code is then a unit fine enough for it, and where that makes it
 * more than int32 holds (a code of an output that is hardly ever anything but 0), 2^-30 of itself. */
static double unit_of(const struct tetra_fit *f) {
  if (f->mult > 0 && f->acc_max > 0) return f->mult;
  const double fine = ldexp(f->out_scale, -16);
  return fabs(f->offset) / fine < 2147483647.0 ? fine : ldexp(fabs(f->offset), -30);
}

int tetra_fit_channel(const struct tetra_fit *f, struct tetra_requant_channel *ch, struct tetra_error *err) {
  const double mult = unit_of(f);
  const double bias = floor(f->offset / mult + 0.5);
  const double factor = mult / f->out_scale, res_factor = f->res_scale / f->out_scale;
  memset(ch, 0, sizeof *ch);
  if (!(fabs(bias) <= 2147483647.0)) {
    return tetra_fail(err, TETRA_ERANGE, "bias %g does not fit int32 (offset %g in units of %g)", bias, f->offset,
                      mult);
  }
  const double worst = ((double)f->acc_max + fabs(bias)) * factor + f->res_max * res_factor;
  int e;
  frexp(worst, &e); /* worst < 2^e, so worst * 2^(60 - e) < 2^60, and rounding adds less than 2^60 */
  int max_s = 60 - e > 60 ? 60 : 60 - e;
  if (!isfinite(worst) || max_s < 0) {
    return tetra_fail(err, TETRA_ERANGE, "largest sum, %g codes, does not fit 64 bits", worst);
  }
  const int rc = tetra_dyadic(factor, max_s, &ch->m, &ch->s, err);
  if (rc != TETRA_OK) return rc;
  ch->bias = (int32_t)bias;
  if (!f->whole_bias) ch->frac = fraction(f->offset / mult, bias, ch->m);
  return f->res_scale > 0 ? fit_residual(res_factor, ch->s, ch, err) : TETRA_OK;
}
