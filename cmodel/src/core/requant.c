/* Requantization as docs/numerics.md defines it: one output code from one accumulator. */
#include "tetra/requant.h"

static int clamp(int64_t y, int lo, int hi) { return y < lo ? lo : y > hi ? hi : (int)y; }

/* x * 2^s; a left shift of a negative number is undefined in C. */
static int64_t shift_left(int64_t x, int s) { return x * ((int64_t)1 << s); }

int tetra_requantize(const struct tetra_requant *q, int channel, enum tetra_res_form form, int32_t acc, int32_t res) {
  const struct tetra_requant_channel *p = &q->ch[channel];
  int64_t a = (int64_t)acc + p->bias;
  int64_t r = (int64_t)res * p->mr;
  int64_t f = shift_left(p->frac, TETRA_FRAC_SHIFT), y = 0;
  switch (form) {
    case TETRA_RES_NONE:
      y = tetra_round_shift(a * p->m + f, p->s, q->round);
      break;
    case TETRA_RES_JOINT:
      y = tetra_round_shift(a * p->m + f + shift_left(r, p->lr), p->s, q->round);
      break;
    case TETRA_RES_SEPARATE:
      y = tetra_round_shift(a * p->m + f, p->s, q->round) + tetra_round_shift(r, p->sr, q->round);
      break;
    case TETRA_RES_PRE:
      a = shift_left(a, p->lr) + tetra_round_shift((r + 1024) >> 11, p->sr, TETRA_HALF_AWAY);
      f = shift_left(f, p->lr);
      y = tetra_round_shift(a * p->m + f, p->s, q->round);
      break;
  }
  return clamp(q->zp + y, q->lo, q->hi);
}
