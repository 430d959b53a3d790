/* Rounding and requantization: the contract between the C model and the accelerator's post-processor. */
#ifndef TETRA_REQUANT_H
#define TETRA_REQUANT_H

#include <stdint.h>

#include "tetra/status.h"
#include "tetra/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* R(x, S) = x / 2^S rounded. Values are the hardware's encoding. */
enum tetra_round {
  TETRA_FLOOR = 0,     /* toward -inf (AQT unsigned, DORY) */
  TETRA_HALF_UP = 1,   /* ties toward +inf (AQT signed) */
  TETRA_HALF_EVEN = 2, /* ties to even (ONNX) */
  TETRA_HALF_AWAY = 3, /* ties away from zero */
  TETRA_TFLITE = 4     /* S > 31: half-up at bit 31, then half-away by S - 31; S <= 31: one half-up */
};

/* How the residual code (minus its zero point) enters. Values are the hardware's encoding. F is the fraction of the
 * bias, frac * 2^15 (RES_PRE: frac * 2^(15 + La)). */
enum tetra_res_form {
  TETRA_RES_NONE = 0,     /* y = clamp(zp + R(acc*M + F, S)) */
  TETRA_RES_JOINT = 1,    /* y = clamp(zp + R(acc*M + F + ((res*Mr) << Lr), S)) */
  TETRA_RES_SEPARATE = 2, /* y = clamp(zp + R(acc*M + F, S) + R(res*Mr, Sr)) */
  TETRA_RES_PRE = 3       /* acc' = (acc << La) + R_half_away((res*Mr + 2^10) >> 11, r);
                             y = clamp(zp + R(acc'*M + F, S)) */
};
enum { TETRA_FRAC_SHIFT = 15 };

/* One output channel's parameters; the contents of the 16-byte record the hardware reads. */
struct tetra_requant_channel {
  int32_t bias; /* added to the accumulator first: acc = bias + sum(a*w) */
  int32_t m;    /* M, 0 <= M < 2^31 */
  int32_t mr;   /* Mr, 0 <= Mr < 2^31 */
  uint8_t s;    /* S, 0..62 */
  uint8_t sr;   /* SEPARATE: Sr, 0..62; RES_PRE: r, 0..31 */
  uint8_t lr;   /* JOINT: Lr, 0..31; RES_PRE: La, 0..31 */
  int16_t frac; /* what the bias has beyond whole accumulator units: frac * 2^15 / M of one; 0 for an integer bias */
};

/* A complete output: format, rounding and per-channel parameters. */
struct tetra_requant {
  enum tetra_round round;
  int zp, lo, hi; /* output zero point and clamp range, all codes of the output's format; ReLU is lo = zp */
  struct tetra_requant_channel *ch; /* one per output channel; owned by whoever owns the op */
};

/* R(x, S). 0 <= s <= 62 and |x| <= 2^62, so that adding half a unit cannot overflow. */
int64_t tetra_round_shift(int64_t x, int s, enum tetra_round mode);

/* One output code, lo..hi, from the raw sum `acc` (bias not yet added) and `res` = residual code - its zero point (0 if
 * none), for acc, res and parameters of an op that tetra_graph_check accepts (docs/numerics.md has the formulas). */
int tetra_requantize(const struct tetra_requant *q, int channel, enum tetra_res_form form, int32_t acc, int32_t res);

#ifdef __cplusplus
}
#endif
#endif
