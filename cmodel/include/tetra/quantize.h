/* From float to codes: AQT's quantizers, batch-norm folding, and real factors -> one channel's requantization record.
 *
 * Quantizers follow google/aqt, folder aqt/jax_legacy, commit 9d1667e (jax/primitives.py, jax/quantization.py), in
 * float32 with eps = 2^-23 added to every bound:
 *   signed, b bits    B = 2^(b-1) - 1   s = B / (bound + eps)    q = floor(clip(x*s, -B, B) + 0.5)
 *   unsigned, b bits                    s = 2^b / (bound + eps)  q = clip(floor(x*s), 0, 2^b - 1)
 * and real = q / s. AQT as published keeps one activation bound per input channel; here a tensor has one, because
 * scales that differ by input channel do not factor out of an integer sum. Weights have one bound per output channel.
 */
#ifndef TETRA_QUANTIZE_H
#define TETRA_QUANTIZE_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/requant.h"

#ifdef __cplusplus
extern "C" {
#endif

/* s for codes of `fmt` whose largest magnitude is to be `bound` >= 0. One code is worth 1 / s. */
float tetra_aqt_scale(enum tetra_fmt fmt, float bound);
/* The code of x. Signed formats give -B..B (never the most negative code), unsigned 0..2^b - 1. x must not be NaN. */
int tetra_aqt_quantize(enum tetra_fmt fmt, float s, float x);
/* n codes at once, as whole numbers in float32 (what a BLAS product reads). `codes` may be `x`. */
void tetra_aqt_quantize_n(enum tetra_fmt fmt, float s, const float *x, size_t n, float *codes);
/* One output channel's k weights -> signed codes of `bits` (4 or 8); the bound is max|w|. Returns s. */
float tetra_aqt_quantize_weights(int bits, const float *w, size_t k, int8_t *codes);

/* Batch norm at inference: y = gamma * (x - mean) / sqrt(var + 1e-5) + beta. */
struct tetra_bn {
  float gamma, beta, mean, var; /* var >= 0 */
};
#define TETRA_BN_EPS 1e-5
/* The same as y = *mult * x + *offset. *mult has gamma's sign. */
void tetra_bn_fold(const struct tetra_bn *bn, double *mult, double *offset);
/* Makes *mult >= 0 without changing *mult * sum(a*w): negates the k weights where it is negative, zeroes them where it
 * is 0. TETRA_ERANGE where a weight is the most negative code of `bits` (its negation is no code). */
TETRA_NODISCARD int tetra_fold_sign(int bits, double *mult, int8_t *w, size_t k, struct tetra_error *err);

/* Real factor -> (m, s) with m < 2^31 as near factor*2^s as possible and s as large as `max_s` (<= 62) allows; a
 * mantissa that rounds up to 2^31 is renormalised (at s = 0 it stays 2^31 - 1). The mantissa is rounded half up, as
 * HAWQ-V3 does (m = round(frexp * 2^31)). 0 gives m = 0, s = max_s. TETRA_EINVAL: factor negative or NaN, max_s outside
 * 0..62; TETRA_ERANGE: factor >= 2^31. */
TETRA_NODISCARD int tetra_dyadic(double factor, int max_s, int32_t *m, uint8_t *s, struct tetra_error *err);

/* What a channel shall compute: real y = mult * acc + offset [+ res_scale * res], in codes of out_scale. */
struct tetra_fit {
  double mult;      /* real value of one unit of the accumulator, >= 0; 0: acc is always 0 or does not matter */
  double offset;    /* real */
  double res_scale; /* real value of one residual code, >= 0; 0 where there is no residual */
  double out_scale; /* real value of one output code, > 0 */
  int64_t acc_max;  /* largest |acc| without bias, worst case; 0 where all weights are 0 */
  int res_max;      /* largest |residual code - zero point|; 0 where there is none */
  int whole_bias;   /* not 0: the bias is rounded to whole accumulator units */
};
/* Parameters for forms NONE and JOINT. bias = offset / mult rounded half-up, and frac is the rest of it, so the offset
 * is off by at most 2^-16 of an accumulator unit; where a unit is so small that S limits M below 2^30, by 2^(14-S) of
 * an output code. With whole_bias frac is 0, and the offset is off by at most half a unit. S is the largest for which
 * M < 2^31 and every 64-bit sum stays below 2^61, rounding included. Lr is the smallest for which Mr < 2^31, so Mr has
 * all the bits S allows. TETRA_ERANGE where bias, M or Lr do not fit. */
TETRA_NODISCARD int tetra_fit_channel(const struct tetra_fit *f, struct tetra_requant_channel *ch,
                                      struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
