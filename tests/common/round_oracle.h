// Rounding as docs/numerics.md defines it, in slow, exact arithmetic of 128 bits: what the tests of the C model and of
// the RTL check against. Nothing of it is shared with what it checks.
#ifndef TETRA_TESTS_ROUND_ORACLE_H
#define TETRA_TESTS_ROUND_ORACLE_H

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

#endif
