// Requantization in slow, exact arithmetic to check the library against: definitions written out, nothing shared.
#ifndef TETRA_TESTS_CORE_ORACLE_H
#define TETRA_TESTS_CORE_ORACLE_H

#include <algorithm>

#include "../common/round_oracle.h"

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
