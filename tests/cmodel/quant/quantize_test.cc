// AQT's quantizers, batch-norm folding and fitted requantization parameters, at every trap the formulas hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "../core_case.h"
#include "tetra/nest.h"
#include "tetra/precision.h"
#include "tetra/quantize.h"

namespace {

int Q(tetra_fmt fmt, float bound, float x) { return tetra_aqt_quantize(fmt, tetra_aqt_scale(fmt, bound), x); }

// s = 1 exactly needs the bound that eps completes.
constexpr float kEps = 1.0f / 8388608.0f;

TEST(Aqt, SignedTiesRoundUp) {
  for (tetra_fmt fmt : {TETRA_S8, TETRA_S4}) {
    EXPECT_EQ(tetra_aqt_quantize(fmt, 1.0f, -1.5f), -1);
    EXPECT_EQ(tetra_aqt_quantize(fmt, 1.0f, -2.5f), -2);
    EXPECT_EQ(tetra_aqt_quantize(fmt, 1.0f, -0.5f), 0);
    EXPECT_EQ(tetra_aqt_quantize(fmt, 1.0f, 0.5f), 1);
    EXPECT_EQ(tetra_aqt_quantize(fmt, 1.0f, 2.5f), 3);
  }
}

TEST(Aqt, SignedClipsBeforeRounding) {
  // Rounding first and clipping to the type would give 8 or -8.
  EXPECT_EQ(tetra_aqt_quantize(TETRA_S4, 1.0f, 7.5f), 7);
  EXPECT_EQ(tetra_aqt_quantize(TETRA_S4, 1.0f, -7.9f), -7);
  EXPECT_EQ(tetra_aqt_quantize(TETRA_S4, 1.0f, -1e30f), -7);
  EXPECT_EQ(tetra_aqt_quantize(TETRA_S8, 1.0f, 1e30f), 127);
  EXPECT_EQ(tetra_aqt_quantize(TETRA_S8, 1.0f, -INFINITY), -127);
}

TEST(Aqt, SignedCodesCoverMinusBToB) {
  for (tetra_fmt fmt : {TETRA_S8, TETRA_S4}) {
    const int b = fmt == TETRA_S8 ? 127 : 7;
    for (int i = -b; i <= b; i++) {
      EXPECT_EQ(tetra_aqt_quantize(fmt, 1.0f, static_cast<float>(i)), i);
      EXPECT_EQ(tetra_aqt_quantize(fmt, 1.0f, static_cast<float>(i) + 0.49f), i);
      EXPECT_EQ(tetra_aqt_quantize(fmt, 1.0f, static_cast<float>(i) - 0.5f), std::max(i, -b));
    }
  }
}

TEST(Aqt, UnsignedFloorsWithTwoToTheB) {
  // Bound 6 in 4 bits: with 2^b - 1 = 15 steps 0.375 would be 0 and 3.0 would be 7; rounding would make 0.374 a 1.
  EXPECT_EQ(Q(TETRA_U4, 6.0f, 0.374f), 0);
  EXPECT_EQ(Q(TETRA_U4, 6.0f, 0.3751f), 1);
  EXPECT_EQ(Q(TETRA_U4, 6.0f, 3.0001f), 8);
  EXPECT_EQ(Q(TETRA_U4, 6.0f, 5.999f), 15);
  EXPECT_EQ(Q(TETRA_U4, 6.0f, 6.0f), 15);
  EXPECT_EQ(Q(TETRA_U4, 6.0f, 1e30f), 15);
  EXPECT_EQ(Q(TETRA_U4, 6.0f, -1.0f), 0);
  EXPECT_EQ(Q(TETRA_U8, 1.0f, 0.9999f), 255);
  EXPECT_EQ(Q(TETRA_U8, 1.0f, 0.5001f), 128);
}

// The two examples on the boundary itself: in float32 6 + 2^-23 is 6, so eps does not move them.
TEST(Aqt, UnsignedBoundaryOfLargeBounds) {
  EXPECT_EQ(Q(TETRA_U4, 6.0f, 0.375f), 1);
  EXPECT_EQ(Q(TETRA_U4, 6.0f, 3.0f), 8);
}

TEST(Aqt, EpsIsAddedToTheBound) {
  EXPECT_EQ(tetra_aqt_scale(TETRA_S8, 0.0f), 127.0f * 8388608.0f);
  EXPECT_EQ(tetra_aqt_scale(TETRA_U4, kEps), 16.0f / (2 * kEps));
  EXPECT_EQ(tetra_aqt_scale(TETRA_S4, 1.0f), 7.0f / (1.0f + kEps));
  EXPECT_LT(tetra_aqt_scale(TETRA_S4, 1.0f), 7.0f);
  EXPECT_EQ(Q(TETRA_U4, 1.0f, 0.5f), 7) << "eps keeps a half of the bound just below code 8";
}

// real = q / s: the code of a bound is worth the bound (signed), and B codes down nothing.
TEST(Aqt, CodesDividedByTheScaleAreNearTheValue) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; i++) {
    const float bound =
        std::ldexp(1.0f + static_cast<float>(random() % 1000) / 1000.0f, static_cast<int>(random() % 20) - 10);
    const float x = bound * (static_cast<float>(random() % 2001) / 1000.0f - 1.0f);
    for (tetra_fmt fmt : {TETRA_S8, TETRA_S4, TETRA_U8, TETRA_U4}) {
      const float s = tetra_aqt_scale(fmt, bound);
      const float xhat = static_cast<float>(tetra_aqt_quantize(fmt, s, x)) / s;
      const float want = tetra_fmt_signed(fmt) ? x : std::max(x, 0.0f);
      EXPECT_NEAR(xhat, want, (tetra_fmt_signed(fmt) ? 0.501f : 1.001f) / s) << tetra_fmt_name(fmt) << " " << x;
    }
  }
}

TEST(Aqt, ManyAtOnceInPlaceAsOneByOne) {
  std::mt19937 random(2);
  std::vector<float> x(77), q;
  for (float &v : x) v = static_cast<float>(static_cast<int>(random() % 4001) - 2000) / 200.0f;
  for (tetra_fmt fmt : {TETRA_S8, TETRA_S4, TETRA_U8, TETRA_U4}) {
    q = x;
    tetra_aqt_quantize_n(fmt, 1.25f, q.data(), q.size(), q.data());
    for (size_t i = 0; i < x.size(); i++) EXPECT_EQ(q[i], tetra_aqt_quantize(fmt, 1.25f, x[i])) << x[i];
  }
}

TEST(Aqt, WeightsUseTheirChannelsLargestMagnitude) {
  const float w[] = {0.1f, -0.7f, 0.35f, 0.05f};
  int8_t q[4];
  EXPECT_EQ(tetra_aqt_quantize_weights(4, w, 4, q), tetra_aqt_scale(TETRA_S4, 0.7f));
  EXPECT_EQ(q[0], 1);
  EXPECT_EQ(q[1], -7);
  EXPECT_EQ(q[2], 3) << "3.5 less what eps takes";
  EXPECT_EQ(q[3], 0) << "0.5 less what eps takes";
  tetra_aqt_quantize_weights(8, w, 4, q);
  EXPECT_EQ(q[1], -127);
  const float zeros[] = {0, 0};
  tetra_aqt_quantize_weights(8, zeros, 2, q);
  EXPECT_EQ(q[0], 0);
}

TEST(BatchNorm, FoldIsTheFormula) {
  const tetra_bn bn = {-0.75f, 0.25f, 1.5f, 4.0f};
  double mult, offset;
  tetra_bn_fold(&bn, &mult, &offset);
  for (double x : {-3.0, 0.0, 1.5, 2.0}) {
    EXPECT_NEAR(mult * x + offset, -0.75 * (x - 1.5) / std::sqrt(4.0 + 1e-5) + 0.25, 1e-12);
  }
  const tetra_bn flat = {1.0f, 0.0f, 0.0f, 0.0f};  // variance 0: eps alone
  tetra_bn_fold(&flat, &mult, &offset);
  EXPECT_NEAR(mult, 316.2277660168, 1e-9);
}

TEST(FoldSign, NegativeScaleGoesIntoTheWeights) {
  int8_t w[] = {-7, 0, 3};
  double mult = -0.5;
  ASSERT_EQ(tetra_fold_sign(4, &mult, w, 3, nullptr), TETRA_OK);
  EXPECT_EQ(mult, 0.5);
  EXPECT_EQ(w[0], 7);
  EXPECT_EQ(w[1], 0);
  EXPECT_EQ(w[2], -3);
}

TEST(FoldSign, ZeroScaleZeroesTheWeightsAndPositiveKeepsThem) {
  int8_t w[] = {-8, 5};
  double mult = 2.0;
  ASSERT_EQ(tetra_fold_sign(4, &mult, w, 2, nullptr), TETRA_OK);
  EXPECT_EQ(w[0], -8);
  mult = 0;
  ASSERT_EQ(tetra_fold_sign(4, &mult, w, 2, nullptr), TETRA_OK);
  EXPECT_EQ(w[0], 0);
  EXPECT_EQ(w[1], 0);
}

TEST(FoldSign, LowestCodeCannotBeNegated) {
  int8_t w4[] = {1, -8}, w8[] = {-8, -128};
  double mult = -1;
  tetra_error err;
  EXPECT_EQ(tetra_fold_sign(4, &mult, w4, 2, &err), TETRA_ERANGE);
  EXPECT_NE(std::string(err.msg).find("-8"), std::string::npos) << err.msg;
  EXPECT_EQ(w4[0], 1) << "nothing half done";
  EXPECT_EQ(tetra_fold_sign(8, &mult, w8, 2, &err), TETRA_ERANGE);
  for (size_t at = 0; at < 3; at++) {  // wherever it is
    int8_t w[] = {5, 6, 7};
    w[at] = -8;
    EXPECT_EQ(tetra_fold_sign(4, &mult, w, 3, &err), TETRA_ERANGE) << at;
    EXPECT_EQ(tetra_fold_sign(8, &mult, w, 3, &err), TETRA_OK) << at;
    mult = -1;
  }
}

// One output code by real arithmetic.
int Real(double y, double scale, bool is_signed, int lo, int hi) {
  const double v = y / scale;
  const double r = is_signed ? std::floor(v + 0.5) : std::floor(v);
  return static_cast<int>(std::min<double>(hi, std::max<double>(lo, r)));
}

struct Sample {
  tetra_fit fit;
  std::vector<std::pair<int32_t, int32_t>> points;  // accumulator, residual code
};

Sample RandomFit(unsigned seed) {
  std::mt19937 random(seed);
  auto uniform = [&](double lo, double hi) { return lo + (hi - lo) * (random() / 4294967296.0); };
  Sample s;
  s.fit.out_scale = std::exp2(uniform(-8, 0));
  s.fit.mult = s.fit.out_scale * std::exp2(uniform(-20, -1));
  s.fit.offset = s.fit.out_scale * uniform(-40, 40);
  s.fit.res_scale = seed % 3 ? s.fit.out_scale * std::exp2(uniform(-3, 3)) : 0;
  s.fit.res_max = seed % 3 ? 255 : 0;
  s.fit.acc_max = static_cast<int64_t>(std::min(1.0e8, 512 * s.fit.out_scale / s.fit.mult));
  for (int i = 0; i < 200; i++) {
    s.points.push_back({static_cast<int32_t>(uniform(-1, 1) * static_cast<double>(s.fit.acc_max)),
                        s.fit.res_max ? static_cast<int32_t>(random() % 256) : 0});
  }
  return s;
}

// The integer record and real arithmetic agree except where the real value is within `unit` of the accumulator's unit
// of a step.
void ExpectCodesOfRealArithmetic(int whole_bias, double unit) {
  for (unsigned seed = 1; seed <= 300; seed++) {
    Sample s = RandomFit(seed);
    s.fit.whole_bias = whole_bias;
    tetra_requant_channel ch;
    tetra_error err;
    ASSERT_EQ(tetra_fit_channel(&s.fit, &ch, &err), TETRA_OK) << err.msg << " seed " << seed;
    for (int is_signed = 0; is_signed < 2; is_signed++) {
      const tetra_requant q = {is_signed ? TETRA_HALF_UP : TETRA_FLOOR, 0, is_signed ? -127 : 0, is_signed ? 127 : 255,
                               &ch};
      for (auto [acc, res] : s.points) {
        const double y = s.fit.mult * acc + s.fit.offset + s.fit.res_scale * res,
                     slack = unit * s.fit.mult + 1e-6 * s.fit.out_scale;
        const int got = tetra_requantize(&q, 0, s.fit.res_max ? TETRA_RES_JOINT : TETRA_RES_NONE, acc, res);
        EXPECT_GE(got, Real(y - slack, s.fit.out_scale, is_signed, q.lo, q.hi)) << "seed " << seed;
        EXPECT_LE(got, Real(y + slack, s.fit.out_scale, is_signed, q.lo, q.hi)) << "seed " << seed;
      }
    }
  }
}

TEST(Fit, CodesAreRealArithmetics) { ExpectCodesOfRealArithmetic(0, 0x1p-15); }
TEST(Fit, CodesAreRealArithmeticsWithinTheBiasUnit) { ExpectCodesOfRealArithmetic(1, 0.51); }

// bias + frac * 2^15 / M is the offset, whatever M; the error allowed is the contract's.
TEST(Fit, OffsetIsWithin2ToMinus14OfAUnit) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(0, 1);
  int fractions = 0;
  for (int i = 0; i < 20000; i++) {
    const double mult = std::exp2(-18 + 14 * uniform(random)), units = std::exp2(30 * uniform(random)) - 1;
    const tetra_fit f = {mult,
                         units * mult * (i % 2 ? 1 : -1),
                         i % 3 ? std::exp2(-3 + 6 * uniform(random)) : 0,
                         1.0,
                         1 << (i % 20),
                         i % 3 ? 255 : 0,
                         0};
    tetra_requant_channel ch;
    ASSERT_EQ(tetra_fit_channel(&f, &ch, nullptr), TETRA_OK);
    const long double got = ch.bias + static_cast<long double>(ch.frac) * 32768 / ch.m;
    ASSERT_LE(std::fabs(got - static_cast<long double>(f.offset) / f.mult), 0x1p-14L) << "sample " << i;
    fractions += ch.frac != 0;
  }
  EXPECT_GT(fractions, 19000);
}

// What is a whole number of units, but for the rounding of doubles, has no fraction.
TEST(Fit, IntegerBiasHasNoFraction) {
  std::mt19937_64 random(8);
  for (int i = 0; i < 20000; i++) {
    const auto bias = static_cast<int32_t>(random()) >> (random() % 31);
    const double mult = std::exp2(-24.0 + 1e-8 * static_cast<double>(random() % 1000000000));
    const tetra_fit f = {mult, bias * mult, 0, 1.0, 1000, 0, 0};
    tetra_requant_channel ch;
    ASSERT_EQ(tetra_fit_channel(&f, &ch, nullptr), TETRA_OK);
    EXPECT_EQ(ch.bias, bias);
    EXPECT_EQ(ch.frac, 0) << bias;
  }
}

TEST(Fit, BiasMayBeAllOfInt32ButItsLeast) {
  const double most = 2147483647.0;
  for (double bias : {most, -most, most + 1, -most - 1}) {
    const tetra_fit f = {1.0, bias, 0, 65536.0, 1000, 0, 0};
    tetra_requant_channel ch;
    EXPECT_EQ(tetra_fit_channel(&f, &ch, nullptr), std::fabs(bias) > most ? TETRA_ERANGE : TETRA_OK) << bias;
    if (std::fabs(bias) <= most) {
      EXPECT_EQ(ch.bias, bias);
    }
  }
}

// A channel without weights adds a constant to the residual, however many codes of a tiny output that is.
TEST(Fit, AConstantOfManyCodesFits) {
  for (const double codes : {3.0, 32767.9, 32768.1, 131072.0, 1e9}) {
    const tetra_fit f = {0, -codes * 1e-6, 1e-6, 1e-6, 0, 255, 0};
    tetra_requant_channel ch;
    ASSERT_EQ(tetra_fit_channel(&f, &ch, nullptr), TETRA_OK) << codes;
    const tetra_requant q = {TETRA_HALF_UP, 0, 0, 255, &ch};
    for (int res : {0, 2, 128, 255}) {
      const double y = res - codes;
      EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_JOINT, 0, res), y <= 0 ? 0 : std::floor(y + 0.5)) << codes;
    }
  }
}

TEST(LayerBits, TextsAreReadAndWritten) {
  for (const char *text : {"w4a4", "w4a8", "w8a4", "w8a8"}) {
    tetra_layer_bits b = {};
    ASSERT_EQ(tetra_layer_bits_parse(text, &b), 1);
    EXPECT_EQ(b.weights, text[1] - '0');
    EXPECT_EQ(b.acts, text[3] - '0');
    EXPECT_STREQ(tetra_layer_bits_text(&b), text);
  }
  tetra_layer_bits b = {"", 1, 2};
  for (const char *text : {"", "w4", "w4a44", "w2a4", "W4A4"}) EXPECT_EQ(tetra_layer_bits_parse(text, &b), 0) << text;
  EXPECT_EQ(b.weights * 10 + b.acts, 12);
}

TEST(Fit, MultipliersKeepFullPrecision) {
  // A usual channel: M/2^S near 2^-14, Mr/2^S near 1, which only Lr makes possible with 31 bits.
  const tetra_fit f = {0.02 * 7.1e-5, -0.1, 0.021, 0.02, 1 << 22, 255, 0};
  tetra_requant_channel ch;
  ASSERT_EQ(tetra_fit_channel(&f, &ch, nullptr), TETRA_OK);
  EXPECT_GE(ch.m, 1 << 30);
  EXPECT_GE(ch.mr, 1 << 30);
  EXPECT_GT(ch.lr, 8);
  EXPECT_NEAR(std::ldexp(ch.m, -ch.s), 7.1e-5, 7.1e-5 * 1e-9);
  EXPECT_NEAR(std::ldexp(ch.mr, ch.lr - ch.s), 1.05, 1.05 * 1e-9);
}

TEST(Fit, MantissaThatRoundsUpTo2To31IsRenormalised) {
  const double almost = 1.0 - std::ldexp(1.0, -40);  // 31 bits round it up to 1
  const tetra_fit f = {almost * 0.25, 0, almost, 1.0, 1000, 255, 0};
  tetra_requant_channel ch;
  ASSERT_EQ(tetra_fit_channel(&f, &ch, nullptr), TETRA_OK);
  EXPECT_EQ(ch.m, 1 << 30);
  EXPECT_EQ(std::ldexp(ch.m, -ch.s), 0.25);
  EXPECT_EQ(std::ldexp(ch.mr, ch.lr - ch.s), 1.0);
  EXPECT_GT(ch.mr, 0);
}

TEST(Fit, SumsStayBelow2To61) {
  for (double factor : {1e-9, 1e-4, 0.9, 1e3, 1e8}) {
    const tetra_fit f = {factor, 100 * factor, 1.0, 1.0, INT32_MAX, 255, 0};
    tetra_requant_channel ch;
    ASSERT_EQ(tetra_fit_channel(&f, &ch, nullptr), TETRA_OK) << factor;
    const double sum =
        (2147483647.0 + std::fabs(ch.bias)) * ch.m + std::ldexp(255.0 * ch.mr, ch.lr) + std::fabs(32768.0 * ch.frac);
    EXPECT_LT(sum + std::ldexp(0.5, ch.s), std::ldexp(1.0, 61)) << factor;
    EXPECT_NEAR(std::ldexp(ch.m, -ch.s) / factor, 1.0, 1e-3) << factor;
  }
}

TEST(Fit, ChannelWithoutWeightsGivesItsOffset) {
  for (double mult : {0.0, 1e-12}) {
    const tetra_fit f = {mult, 3.7, 0, 0.1, 0, 0, 0};
    tetra_requant_channel ch;
    ASSERT_EQ(tetra_fit_channel(&f, &ch, nullptr), TETRA_OK);
    const tetra_requant q = {TETRA_HALF_UP, 0, -127, 127, &ch};
    EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_NONE, 0, 0), 37);
  }
}

TEST(Fit, WhatDoesNotFitIsAnError) {
  tetra_requant_channel ch;
  tetra_error err;
  const tetra_fit bias = {1e-12, 100.0, 0, 1.0, 100, 0, 0};
  EXPECT_EQ(tetra_fit_channel(&bias, &ch, &err), TETRA_ERANGE);
  EXPECT_NE(std::string(err.msg).find("bias"), std::string::npos) << err.msg;
  const tetra_fit sum = {1e12, 0.0, 0, 1e-3, INT32_MAX, 0, 0};
  EXPECT_EQ(tetra_fit_channel(&sum, &ch, &err), TETRA_ERANGE);
}

// conv -> batch norm with a negative gamma: the sign must not reach M.
TEST(Fit, NegativeGammaEndToEnd) {
  int8_t w[] = {3, -5, 7};
  const int a[] = {10, 200, 30};
  const tetra_bn bn = {-0.8f, 0.4f, 2.0f, 9.0f};
  const double unit = 0.01;
  const int raw = 3 * 10 - 5 * 200 + 7 * 30;
  double mult, offset;
  tetra_bn_fold(&bn, &mult, &offset);
  mult *= unit;
  const double y = mult * raw + offset;
  ASSERT_EQ(tetra_fold_sign(4, &mult, w, 3, nullptr), TETRA_OK);
  const tetra_fit f = {mult, offset, 0, 0.02, 15 * 255, 0, 0};
  tetra_requant_channel ch;
  ASSERT_EQ(tetra_fit_channel(&f, &ch, nullptr), TETRA_OK);
  const tetra_requant q = {TETRA_HALF_UP, 0, -127, 127, &ch};
  const int acc = w[0] * a[0] + w[1] * a[1] + w[2] * a[2];
  EXPECT_EQ(acc, -raw);
  EXPECT_GT(ch.m, 0);
  EXPECT_EQ(tetra_requantize(&q, 0, TETRA_RES_NONE, acc, 0), Real(y, 0.02, true, -127, 127));
}

// One weight, whose product with the input's zero point comes on top of the bias.
TEST(Nest, BiasAtTheEndsOfInt32) {
  for (int zero_point : {1, 2})
    for (int8_t weight : {16, -16}) {
      Net net;
      Builder(Case()).Build(&net);
      net.g.values[0].d.zero_point = zero_point;
      net.g.ops[0].weights[0] = weight;
      const int32_t bias = weight > 0 ? INT32_MIN + 1 : INT32_MAX - 1;
      net.g.ops[0].rq[0].ch[0].m = 1 << 30, net.g.ops[0].rq[0].ch[0].s = 40;
      tetra_error err = {};
      EXPECT_EQ(tetra_nest(&net.g, 0, &bias, &err), zero_point == 1 ? TETRA_OK : TETRA_ERANGE) << err.msg;
      EXPECT_EQ(net.g.ops[0].wbits, zero_point == 1 ? 4 : 8);
      const int32_t fits = weight > 0 ? INT32_MIN : INT32_MAX;
      EXPECT_EQ(net.g.ops[0].rq[0].ch[0].bias == fits, zero_point == 1);
    }
}

// No other op has weights to narrow.
TEST(Nest, RefusesWhatHasNoEightBitWeights) {
  Net net;
  Builder(Case()).Build(&net);
  for (int op : {-1, 1}) EXPECT_EQ(tetra_nest(&net.g, op, nullptr, nullptr), TETRA_EINVAL);
  EXPECT_EQ(tetra_nest(&net.g, 0, nullptr, nullptr), TETRA_OK);
  EXPECT_EQ(tetra_nest(&net.g, 0, nullptr, nullptr), TETRA_EINVAL) << "narrowed already";
}

}  // namespace
