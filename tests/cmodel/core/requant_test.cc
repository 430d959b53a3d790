// tetra_requantize in all forms and modes against 128-bit arithmetic, and tetra_dyadic.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <tuple>

#include "../core_oracle.h"
#include "tetra/quantize.h"

namespace {

using Param = std::tuple<tetra_round, tetra_res_form>;
class Requantize : public testing::TestWithParam<Param> {
 protected:
  // Compares one point, if the sums are in the domain that tetra_graph_check guarantees. Returns whether they were.
  bool Compare(const tetra_requant_channel &channel, int32_t acc, int32_t res) {
    const auto [round, form] = GetParam();
    tetra_requant_channel p = channel;
    const wide a = static_cast<wide>(acc) + p.bias;
    const wide pre =
        OracleRound(OracleRound(static_cast<wide>(res) * p.mr + 1024, 11, TETRA_FLOOR), p.sr & 31, TETRA_HALF_AWAY);
    if (a < INT32_MIN || a > INT32_MAX) return false;
    if (form == TETRA_RES_JOINT) {
      const wide r = static_cast<wide>(res) * p.mr * Pow2(p.lr), x = a * p.m + p.frac * Pow2(15) + r;
      if (std::max(r, -r) > Pow2(62) || std::max(x, -x) > Pow2(62)) return false;
    }
    if (form == TETRA_RES_PRE) {
      p.sr &= 31;
      const wide sum = a * Pow2(p.lr) + pre;
      if (sum < INT32_MIN || sum > INT32_MAX) return false;
      const wide x = sum * p.m + p.frac * Pow2(15 + p.lr);
      if (std::max(x, -x) > Pow2(62)) return false;
    }
    for (const auto &[zp, lo, hi] : {std::tuple{0, 0, 255}, {-3, -128, 127}, {7, 0, 15}, {-1, -8, 7}, {10, 10, 200}}) {
      const tetra_requant q = {round, zp, lo, hi, &p};
      EXPECT_EQ(tetra_requantize(&q, 0, form, acc, res), OracleRequantize(q, 0, form, acc, res))
          << "acc " << acc << " res " << res << " bias " << p.bias << " m " << p.m << " mr " << p.mr << " s " << +p.s
          << " sr " << +p.sr << " lr " << +p.lr << " frac " << p.frac << " zp " << zp;
    }
    return true;
  }
};

TEST_P(Requantize, Edges) {
  int compared = 0;
  for (int32_t m : {0, 1, 2, 0x3fffffff, 0x40000000, 0x7ffffffe, 0x7fffffff})
    for (int s : {0, 1, 30, 31, 32, 33, 61, 62})
      for (int32_t bias : {0, 1, -1, INT32_MAX, INT32_MIN})
        for (int32_t acc : {0, 1, -1, 12345, -12345, INT32_MAX, INT32_MIN})
          for (int32_t res : {0, 1, -1, 255, -255}) {
            tetra_requant_channel p = {bias,
                                       m,
                                       0x7fffffff - m,
                                       static_cast<uint8_t>(s),
                                       static_cast<uint8_t>(62 - s),
                                       static_cast<uint8_t>(s / 3),
                                       0};
            for (int16_t frac : {0, 1, -1, 32767, -32768}) {
              p.frac = frac;
              compared += Compare(p, acc, res);
            }
            if (HasFailure()) return;
          }
  EXPECT_GT(compared, 1000);
}

TEST_P(Requantize, RandomChannels) {
  std::mt19937_64 random(3);
  int compared = 0;
  for (int i = 0; i < 20000; i++) {
    tetra_requant_channel p = {};
    p.bias = static_cast<int32_t>(random()) >> (8 + random() % 24);
    p.m = static_cast<int32_t>(random() & INT32_MAX);
    p.mr = static_cast<int32_t>(random() & INT32_MAX);
    p.s = static_cast<uint8_t>(random() % 63);
    p.sr = static_cast<uint8_t>(random() % 63);
    p.lr = static_cast<uint8_t>(random() % 23);
    if (i % 4) p.frac = static_cast<int16_t>(random());
    const int32_t acc = static_cast<int32_t>(random()) >> (random() % 31);
    compared += Compare(p, acc, static_cast<int32_t>(random() % 511) - 255);
    if (HasFailure()) return;
  }
  EXPECT_GT(compared, 5000);
}

INSTANTIATE_TEST_SUITE_P(
    Mode, Requantize,
    testing::Combine(testing::Values(TETRA_FLOOR, TETRA_HALF_UP, TETRA_HALF_EVEN, TETRA_HALF_AWAY, TETRA_TFLITE),
                     testing::Values(TETRA_RES_NONE, TETRA_RES_JOINT, TETRA_RES_SEPARATE, TETRA_RES_PRE)),
    [](const auto &param) {
      return std::string(RoundName(std::get<0>(param.param))) + "_" + FormName(std::get<1>(param.param));
    });

// One rounding and two differ: 0.5 + 0.5 is 1 in JOINT, 1 + 1 in SEPARATE.
TEST(RequantizeByHand, JointRoundsOnceSeparateTwice) {
  tetra_requant_channel p = {0, 1, 1, 1, 1, 0, 0};
  const tetra_requant q = {TETRA_HALF_UP, 0, 0, 255, &p};
  EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_JOINT, 1, 1), 1);
  EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_SEPARATE, 1, 1), 2);
}

TEST(RequantizeByHand, ReluIsTheLowerClampAtTheZeroPoint) {
  tetra_requant_channel p = {-5, 1, 0, 0, 0, 0, 0};
  const tetra_requant q = {TETRA_FLOOR, 10, 10, 100, &p};
  EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_NONE, 4, 0), 10);
  EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_NONE, 7, 0), 12);
  EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_NONE, 1000, 0), 100);
}

// The fraction of a bias decides what half a unit of the accumulator would: 3/2 codes a unit, biases around 1/3 unit.
TEST(RequantizeByHand, FractionEntersBehindTheMultiplication) {
  tetra_requant_channel p = {0, 3 << 29, 0, 30, 0, 0, 0};
  const tetra_requant q = {TETRA_HALF_UP, 0, -128, 127, &p};
  p.frac = 10923 * 3 / 2;  // 1/3 unit is half a code and a little
  EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_NONE, 0, 0), 1);
  EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_NONE, 2, 0), 4);
  p.frac--;
  EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_NONE, 0, 0), 0);
  EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_NONE, 2, 0), 3);
}

// RES_PRE: a unit of the accumulator is 2^La units of acc', and the fraction is one of the former.
TEST(RequantizeByHand, FractionInResPreIsOfTheAccumulatorBeforeItsShift) {
  tetra_requant_channel p = {0, 1 << 30, 0, 30 + 19, 0, 19, 0};
  const tetra_requant q = {TETRA_HALF_UP, 0, -128, 127, &p};
  p.frac = 1 << 14;  // half a unit, and a unit is a code
  EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_PRE, 3, 0), 4);
  p.frac--;
  EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_PRE, 3, 0), 3);
}

// acc = 3, res = 5: (3 << 19) + round(5 * 2^30 / 2^11 / 2^1) = 1572864 + 1310720 with La = 19, r = 1.
TEST(RequantizeByHand, ResPreScalesOneOperandByAShift) {
  tetra_requant_channel p = {0, 1 << 30, 1 << 30, 49, 1, 19, 0};
  const tetra_requant q = {TETRA_TFLITE, 0, -128, 127, &p};
  EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_PRE, 3, 5), 6);  // 2883584 / 2^19 = 5.5
}

// TFLite divides an average pool's sum by n, rounding half away from zero; one multiplier per n does the same.
TEST(AveragePool, CeilMultiplierDividesExactlyForEveryWindowUpTo256) {
  for (int n = 1; n <= 256; n++) {
    tetra_requant_channel p = {0, ((1 << 30) + n - 1) / n, 0, 30, 0, 0, 0};
    const tetra_requant q = {TETRA_HALF_AWAY, 0, -128, 255, &p};
    for (int sum = -128 * n; sum <= 255 * n; sum++) {
      const int expected = sum < 0 ? -((-sum + n / 2) / n) : (sum + n / 2) / n;
      ASSERT_EQ(tetra_requantize(&q, 0, TETRA_RES_NONE, sum, 0), expected) << "sum " << sum << " of " << n;
    }
  }
}

TEST(Dyadic, MantissaIsNormalisedAndNearest) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 20000; i++) {
    const double factor = std::ldexp(1.0 + static_cast<double>(random() >> 11) / 9007199254740992.0,
                                     static_cast<int>(random() % 55) - 25);
    int32_t m;
    uint8_t s;
    ASSERT_EQ(tetra_dyadic(factor, 62, &m, &s, nullptr), TETRA_OK) << factor;
    EXPECT_LE(std::fabs(std::ldexp(factor, s) - m), 0.5) << factor;
    EXPECT_TRUE(s == 62 || m >= 1 << 30) << factor;
  }
}

TEST(Dyadic, MantissaThatRoundsUpTo2To31IsRenormalised) {
  int32_t m;
  uint8_t s;
  ASSERT_EQ(tetra_dyadic(1.0 - 0x1p-40, 62, &m, &s, nullptr), TETRA_OK);
  EXPECT_EQ(m, 1 << 30);
  EXPECT_EQ(s, 30);
  ASSERT_EQ(tetra_dyadic(2147483647.75, 62, &m, &s, nullptr), TETRA_OK);
  EXPECT_EQ(m, INT32_MAX);
  EXPECT_EQ(s, 0);
}

TEST(Dyadic, LimitedShiftRoundsHalfUp) {
  int32_t m;
  uint8_t s;
  ASSERT_EQ(tetra_dyadic(0.625, 2, &m, &s, nullptr), TETRA_OK);
  EXPECT_EQ(m, 3);
  EXPECT_EQ(s, 2);
  ASSERT_EQ(tetra_dyadic(0.0, 31, &m, &s, nullptr), TETRA_OK);
  EXPECT_EQ(m, 0);
  EXPECT_EQ(s, 31);
  ASSERT_EQ(tetra_dyadic(0x1p-70, 62, &m, &s, nullptr), TETRA_OK);
  EXPECT_EQ(m, 0);
}

TEST(Dyadic, RefusesWhatHasNoMultiplier) {
  int32_t m = 0;
  uint8_t s = 0;
  tetra_error err = {};
  EXPECT_EQ(tetra_dyadic(0x1p31, 62, &m, &s, &err), TETRA_ERANGE);
  EXPECT_EQ(err.code, TETRA_ERANGE);
  EXPECT_NE(std::string(err.msg).find("2^31"), std::string::npos) << err.msg;
  EXPECT_EQ(tetra_dyadic(std::numeric_limits<double>::infinity(), 62, &m, &s, nullptr), TETRA_ERANGE);
  EXPECT_EQ(tetra_dyadic(-1.0, 62, &m, &s, nullptr), TETRA_EINVAL);
  EXPECT_EQ(tetra_dyadic(std::nan(""), 62, &m, &s, nullptr), TETRA_EINVAL);
  EXPECT_EQ(tetra_dyadic(1.0, 63, &m, &s, nullptr), TETRA_EINVAL);
  EXPECT_EQ(tetra_dyadic(1.0, -1, &m, &s, nullptr), TETRA_EINVAL);
}

}  // namespace
