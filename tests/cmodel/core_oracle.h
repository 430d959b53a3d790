// Slow, exact arithmetic to check the library against: 128-bit integers, definitions written out, nothing shared.
#ifndef TETRA_TESTS_CORE_ORACLE_H
#define TETRA_TESTS_CORE_ORACLE_H

#include <algorithm>

#include "tetra/requant.h"

__extension__ typedef __int128 wide;

inline wide Pow2(int s) { return static_cast<wide>(1) << s; }

inline wide FloorDiv(wide x, wide d) {
  wide q = x / d;
  return q * d > x ? q - 1 : q;
}

// x / 2^s rounded. TETRA_TFLITE is its definition: nearest with ties up at bit 31, then nearest with ties away from 0.
inline wide OracleRound(wide x, int s, tetra_round mode) {
  const wide d = Pow2(s), below = FloorDiv(x, d);
  const wide twice_rest = 2 * (x - below * d);  // against d: less, a tie, more than half
  if (mode == TETRA_FLOOR || twice_rest == 0) return below;
  if (mode == TETRA_TFLITE) {
    if (s <= 31) return OracleRound(x, s, TETRA_HALF_UP);
    return OracleRound(OracleRound(x, 31, TETRA_HALF_UP), s - 31, TETRA_HALF_AWAY);
  }
  if (twice_rest != d) return twice_rest < d ? below : below + 1;
  switch (mode) {
    case TETRA_HALF_EVEN:
      return below % 2 == 0 ? below : below + 1;
    case TETRA_HALF_AWAY:
      return x < 0 ? below : below + 1;
    default:
      return below + 1;
  }
}

// The formulas of docs/numerics.md.
inline int OracleRequantize(const tetra_requant &q, int channel, tetra_res_form form, wide acc, wide res) {
  const tetra_requant_channel &p = q.ch[channel];
  acc += p.bias;
  const wide f = p.frac * Pow2(15);
  wide y = 0;
  if (form == TETRA_RES_NONE) y = OracleRound(acc * p.m + f, p.s, q.round);
  if (form == TETRA_RES_JOINT) y = OracleRound(acc * p.m + f + res * p.mr * Pow2(p.lr), p.s, q.round);
  if (form == TETRA_RES_SEPARATE) y = OracleRound(acc * p.m + f, p.s, q.round) + OracleRound(res * p.mr, p.sr, q.round);
  if (form == TETRA_RES_PRE) {
    const wide pre = OracleRound(OracleRound(res * p.mr + 1024, 11, TETRA_FLOOR), p.sr, TETRA_HALF_AWAY);
    y = OracleRound((acc * Pow2(p.lr) + pre) * p.m + f * Pow2(p.lr), p.s, q.round);
  }
  return static_cast<int>(std::max<wide>(q.lo, std::min<wide>(q.hi, y + q.zp)));
}

inline const char *RoundName(tetra_round mode) {
  static const char *const names[] = {"floor", "half_up", "half_even", "half_away", "tflite"};
  return names[mode];
}

inline const char *FormName(tetra_res_form form) {
  static const char *const names[] = {"none", "joint", "separate", "res_pre"};
  return names[form];
}

#endif
