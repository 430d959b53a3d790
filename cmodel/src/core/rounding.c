/* R(x, S) in every mode, as docs/numerics.md defines it. */
#include "tetra/requant.h"

/* Right shifts of negative numbers are arithmetic on every compiler the project builds with. */
_Static_assert((-3 >> 1) == -2, "arithmetic right shift");

static int64_t half_of(int s) { return s ? (int64_t)1 << (s - 1) : 0; }

static int64_t half_up(int64_t x, int s) { return (x + half_of(s)) >> s; }

static int64_t half_away(int64_t x, int s) { return x < 0 ? -((-x + half_of(s)) >> s) : (x + half_of(s)) >> s; }

static int64_t half_even(int64_t x, int s) {
  int64_t floor = x >> s;
  int64_t rest = x - floor * ((int64_t)1 << s);
  int64_t half = half_of(s);
  if (s == 0 || rest < half) return floor;
  if (rest > half) return floor + 1;
  return floor + (floor & 1);
}

int64_t tetra_round_shift(int64_t x, int s, enum tetra_round mode) {
  switch (mode) {
    case TETRA_FLOOR:
      return x >> s;
    case TETRA_HALF_UP:
      return half_up(x, s);
    case TETRA_HALF_EVEN:
      return half_even(x, s);
    case TETRA_HALF_AWAY:
      return half_away(x, s);
    case TETRA_TFLITE:
      break;
  }
  return s > 31 ? half_away(half_up(x, 31), s - 31) : half_up(x, s);
}
