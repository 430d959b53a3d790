// tetra_round_shift at every tie and edge, against 128-bit arithmetic.
#include <gtest/gtest.h>

#include <random>

#include "../core_oracle.h"

namespace {

class Rounding : public testing::TestWithParam<tetra_round> {};

constexpr int64_t kLimit = INT64_C(1) << 62;

void Check(int64_t x, int s, tetra_round mode) {
  ASSERT_EQ(tetra_round_shift(x, s, mode), static_cast<int64_t>(OracleRound(x, s, mode)))
      << "R(" << x << ", " << s << ") " << RoundName(mode);
}

// Around every multiple of half a unit near zero, and near both ends of the domain.
TEST_P(Rounding, TiesAndEdges) {
  for (int s = 0; s <= 62; s++) {
    const wide half = s ? Pow2(s - 1) : 1;
    for (wide base : {wide{0}, Pow2(62), -Pow2(62), Pow2(s), 3 * Pow2(31), -5 * Pow2(33)}) {
      for (int halves = -9; halves <= 9; halves++) {
        for (int step = -2; step <= 2; step++) {
          const wide x = base + halves * half + step;
          if (x < -kLimit || x > kLimit) continue;
          Check(static_cast<int64_t>(x), s, GetParam());
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST_P(Rounding, SmallNumbersExhaustively) {
  for (int s = 0; s <= 6; s++)
    for (int64_t x = -300; x <= 300; x++) Check(x, s, GetParam());
}

TEST_P(Rounding, RandomNumbers) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; i++) {
    const int bits = static_cast<int>(random() % 63);
    int64_t x = static_cast<int64_t>(random() & ((UINT64_C(1) << bits) - 1));
    if (random() & 1) x = -x;
    Check(x, static_cast<int>(random() % 63), GetParam());
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Mode, Rounding,
                         testing::Values(TETRA_FLOOR, TETRA_HALF_UP, TETRA_HALF_EVEN, TETRA_HALF_AWAY, TETRA_TFLITE),
                         [](const auto &param) { return RoundName(param.param); });

// The values the documentation quotes.
TEST(RoundingByHand, MinusThreeHalvesAndFiveHalves) {
  EXPECT_EQ(tetra_round_shift(-3, 1, TETRA_FLOOR), -2);
  EXPECT_EQ(tetra_round_shift(-3, 1, TETRA_HALF_UP), -1);
  EXPECT_EQ(tetra_round_shift(-3, 1, TETRA_HALF_EVEN), -2);
  EXPECT_EQ(tetra_round_shift(-3, 1, TETRA_HALF_AWAY), -2);
  EXPECT_EQ(tetra_round_shift(5, 1, TETRA_FLOOR), 2);
  EXPECT_EQ(tetra_round_shift(5, 1, TETRA_HALF_UP), 3);
  EXPECT_EQ(tetra_round_shift(5, 1, TETRA_HALF_EVEN), 2);
  EXPECT_EQ(tetra_round_shift(5, 1, TETRA_HALF_AWAY), 3);
}

// Where rounding twice differs from rounding once: just under half, lifted to the tie by the first rounding.
TEST(RoundingByHand, TfliteRoundsTwice) {
  const int64_t x = (INT64_C(1) << 32) - (INT64_C(1) << 30);  // 0.75 * 2^32, S = 33: 0.375, but 2 after bit 31
  EXPECT_EQ(tetra_round_shift(x, 33, TETRA_HALF_AWAY), 0);
  EXPECT_EQ(tetra_round_shift(x, 33, TETRA_TFLITE), 1);
}

// TensorFlow Lite's own two steps in its own terms: doubling high multiply with a nudge, then a rounding division.
int32_t HighMul(int32_t a, int32_t b) {
  const int64_t product = static_cast<int64_t>(a) * b;
  const int64_t nudge = product >= 0 ? INT64_C(1) << 30 : 1 - (INT64_C(1) << 30);
  return static_cast<int32_t>((product + nudge) / (INT64_C(1) << 31));
}

int32_t DivideByPowerOfTwo(int32_t x, int exponent) {
  const int32_t mask = static_cast<int32_t>((INT64_C(1) << exponent) - 1);
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + ((x & mask) > threshold ? 1 : 0);
}

TEST(Tflite, EqualsDoublingHighMulThenRoundingDivide) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 100000; i++) {
    const int shift = static_cast<int>(random() % 31) + 1;
    int32_t a = static_cast<int32_t>(random()) >> (random() % 31);
    const int32_t m = static_cast<int32_t>((random() & 0x3fffffff) | 0x40000000) & (random() & 1 ? ~0 : ~0xffffff);
    ASSERT_EQ(tetra_round_shift(static_cast<int64_t>(a) * m, 31 + shift, TETRA_TFLITE),
              DivideByPowerOfTwo(HighMul(a, m), shift))
        << "a " << a << " m " << m << " shift " << shift;
    ASSERT_EQ(tetra_round_shift(static_cast<int64_t>(a) * m, 31, TETRA_TFLITE), HighMul(a, m)) << a << " " << m;
  }
}

}  // namespace
