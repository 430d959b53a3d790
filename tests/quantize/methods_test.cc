// Methods that choose codes and scales, each alone: published vectors, properties, brute force.
#include <cjson/cJSON.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "methods/methods.h"
#include "tetra/quantize.h"

namespace {

// A layer with correlated inputs of non-zero mean, and codes for it.
struct Layer {
  std::vector<double> w, h;
  std::vector<float> least;
  std::vector<int8_t> q;
  std::vector<float> scale;
  method_layer l = {};
  method_codes c = {};

  Layer(uint32_t seed, int cout, int taps, int cin, int top = 7, int share = 1) {
    std::mt19937 r(seed);
    std::normal_distribution<double> normal;
    const auto k = static_cast<size_t>(taps * cin), rows = 4 * k;
    for (size_t i = 0; i < static_cast<size_t>(cout) * k; i++)
      w.push_back(normal(r) * (1 + static_cast<double>(i / k)));
    h.assign(k * k, 0);
    std::vector<double> u(k);
    for (size_t m = 0; m < rows; m++) {
      const double common = normal(r);
      for (double &x : u) x = std::max(0.0, 0.6 * common + normal(r));
      for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++) h[i * k + j] += u[i] * u[j] / static_cast<double>(rows);
    }
    Finish(cout, taps, cin, top, share);
  }
  Layer(std::vector<double> weights, int cout, int k, int top) : w(std::move(weights)) { Finish(cout, 1, k, top, 1); }
  Layer(const Layer &) = delete;
  Layer &operator=(const Layer &) = delete;

  void Finish(int cout, int taps, int cin, int top, int share) {
    least.assign(static_cast<size_t>(cout), 1e-30f);
    scale.assign(static_cast<size_t>(cout), 1);
    q.assign(w.size(), 0);
    l = {cout, taps, cin, top, share, w.data(), h.empty() ? nullptr : h.data(), least.data()};
    c = {q.data(), scale.data()};
  }
  double J() const {
    std::vector<double> j(scale.size());
    return method_objective(&l, &c, j.data());
  }
  // The error of nearest codes, inputs weighted by the moments' diagonal.
  double Weighted() const {
    const size_t k = method_inputs(&l);
    double sum = 0;
    for (size_t i = 0; i < w.size(); i++) {
      const double e = static_cast<double>(scale[i / k]) * q[i] - w[i];
      sum += e * e * h[i % k * (k + 1)];
    }
    return sum;
  }
  std::vector<double> Diagonal() const {
    const size_t k = method_inputs(&l);
    std::vector<double> d;
    for (size_t i = 0; i < k; i++) d.push_back(h[i * (k + 1)]);
    return d;
  }
  void Best() { ASSERT_EQ(method_best_scales(&l, Diagonal().data(), scale.data()), TETRA_OK); }
  void Nearest() {
    Best();
    method_nearest(&l, &c);
  }
};

TEST(Methods, largest_magnitudes_have_the_top_code) {
  Layer x(1, 5, 9, 4);
  method_max_scales(&x.l, x.scale.data());
  method_nearest(&x.l, &x.c);
  for (size_t o = 0; o < 5; o++) {
    const auto [low, high] = std::minmax_element(x.q.begin() + o * 36, x.q.begin() + (o + 1) * 36);
    EXPECT_EQ(std::max(-*low, +*high), 7);
  }
}

TEST(Methods, the_best_scale_is_below_every_scale_of_a_fine_grid) {
  for (const int share : {1, 2, 5}) {
    Layer x(2, 5, 3, 3, 7, share);
    x.Nearest();
    const std::vector<float> found = x.scale;
    const double best = x.Weighted();
    for (size_t from = 0; from < 5; from += static_cast<size_t>(share)) {
      for (int t = 1; t <= 3000; t++) {
        x.scale = found;
        for (size_t o = from; o < std::min<size_t>(5, from + static_cast<size_t>(share)); o++)
          x.scale[o] = static_cast<float>(t) * 0.002f;
        x.c.scale = x.scale.data();
        method_nearest(&x.l, &x.c);
        ASSERT_GE(x.Weighted(), best * (1 - 1e-6)) << share << " " << from << " " << t;
      }
    }
  }
}

TEST(Methods, finer_granularity_never_has_the_larger_error) {
  for (uint32_t seed = 0; seed < 20; seed++) {
    double before = INFINITY;
    for (const int share : {8, 4, 2, 1}) {
      Layer x(seed, 8, 3, 3, 7, share);
      x.Nearest();
      EXPECT_LE(x.Weighted(), before * (1 + 1e-9)) << seed << " " << share;
      for (size_t o = 0; o < 8; o++) EXPECT_EQ(x.scale[o], x.scale[o - o % static_cast<size_t>(share)]);
      before = x.Weighted();
    }
  }
}

TEST(Methods, no_scale_is_below_its_lower_bound) {
  for (const int share : {1, 2, 3}) {
    Layer x(3, 4, 3, 3, 7, share);
    x.least[1] = 50;
    const auto check = [&](const char *what) {
      for (size_t o = 0; o < 4; o++)
        EXPECT_GE(x.scale[o], o / static_cast<size_t>(share) == 1 / static_cast<size_t>(share) ? 50 : 0.01f) << what;
    };
    method_max_scales(&x.l, x.scale.data());
    check("max");
    method_gpfq_scales(&x.l, x.scale.data());
    check("gpfq");
    x.Nearest();
    check("best");
    ASSERT_EQ(method_descend(&x.l, 20, &x.c), TETRA_OK);
    check("descent");
  }
}

TEST(Methods, with_uncorrelated_inputs_gptq_and_descent_are_nearest) {
  Layer x(4, 6, 4, 4);
  for (size_t i = 0; i < 16; i++)
    for (size_t j = 0; j < 16; j++)
      if (i != j) x.h[i * 16 + j] = 0;
  x.Nearest();
  const auto nearest = x.q;
  ASSERT_EQ(method_gptq(&x.l, &x.c), TETRA_OK);
  EXPECT_EQ(x.q, nearest);
  ASSERT_EQ(method_descend(&x.l, 1, &x.c), TETRA_OK);
  EXPECT_EQ(x.q, nearest);
}

// 200 inputs: GPTQ works in blocks of 64. Written down once more, without them.
TEST(Methods, gptq_is_the_plain_recursion) {
  Layer x(5, 3, 25, 8);
  x.Nearest();
  const size_t k = 200;
  std::vector<double> a = x.h, inverse(k * k, 0), u(k * k, 0);
  double trace = 0;
  for (size_t i = 0; i < k; i++) trace += a[i * (k + 1)];
  for (size_t i = 0; i < k; i++) {
    a[i * (k + 1)] += 0.01 * trace / k;
    inverse[i * (k + 1)] = 1;
  }
  for (size_t p = 0; p < k; p++) {  // Gauss and Jordan; positive definite needs no pivots
    const double by = a[p * (k + 1)];
    for (size_t j = 0; j < k; j++) {
      a[p * k + j] /= by;
      inverse[p * k + j] /= by;
    }
    for (size_t i = 0; i < k; i++) {
      const double f = i == p ? 0 : a[i * k + p];
      for (size_t j = 0; j < k && f != 0; j++) {
        a[i * k + j] -= f * a[p * k + j];
        inverse[i * k + j] -= f * inverse[p * k + j];
      }
    }
  }
  for (size_t i = 0; i < k; i++)  // inverse = U' U
    for (size_t j = i; j < k; j++) {
      double sum = inverse[i * k + j];
      for (size_t m = 0; m < i; m++) sum -= u[m * k + i] * u[m * k + j];
      u[i * k + j] = i == j ? std::sqrt(sum) : sum / u[i * (k + 1)];
    }
  std::vector<int8_t> want;
  for (size_t o = 0; o < 3; o++) {
    std::vector<double> rest(x.w.begin() + o * k, x.w.begin() + (o + 1) * k);
    for (size_t i = 0; i < k; i++) {
      const double s = x.scale[o], code = std::clamp(std::floor(rest[i] / s + 0.5), -7.0, 7.0);
      want.push_back(static_cast<int8_t>(code));
      for (size_t j = k; j-- > i;) rest[j] -= (rest[i] - code * s) / u[i * (k + 1)] * u[i * k + j];
    }
  }
  const double nearest = x.J();
  ASSERT_EQ(method_gptq(&x.l, &x.c), TETRA_OK);
  EXPECT_EQ(x.q, want);
  EXPECT_LT(x.J(), 0.8 * nearest);
}

TEST(Methods, descent_never_raises_j_and_ends_where_no_code_helps) {
  for (uint32_t seed = 0; seed < 20; seed++) {
    const int share = seed % 3 == 0 ? 4 : 1;
    Layer x(seed, 4, 3, 8, seed % 4 ? 7 : 127, share);
    x.Nearest();
    double before = x.J();
    for (int round = 0; round < 50; round++) {
      const auto q = x.q;
      ASSERT_EQ(method_descend(&x.l, 1, &x.c), TETRA_OK);
      const double j = x.J();
      ASSERT_LE(j, before * (1 + 1e-12)) << seed;
      before = j;
      if (q == x.q && round > 0) break;
    }
    for (size_t i = 0; i < x.q.size(); i++)
      for (const int step : {-1, 1}) {
        if (std::abs(x.q[i] + step) > x.l.top) continue;
        x.q[i] = static_cast<int8_t>(x.q[i] + step);
        EXPECT_GE(x.J(), before * (1 - 1e-9)) << seed << " " << i;
        x.q[i] = static_cast<int8_t>(x.q[i] - step);
      }
  }
}

// All 3^5 codes of -1..1: what a method finds is never better, and descent is near.
TEST(Methods, brute_force_bounds_every_method_from_below) {
  double found = 0, least = 0;
  for (uint32_t seed = 0; seed < 30; seed++) {
    Layer x(seed, 1, 1, 5, 1);
    x.Nearest();
    const float s = x.scale[0];
    double best = INFINITY;
    for (int n = 0; n < 243; n++) {
      for (int i = 0, rest = n; i < 5; i++, rest /= 3) x.q[static_cast<size_t>(i)] = static_cast<int8_t>(rest % 3 - 1);
      best = std::min(best, x.J());
    }
    method_nearest(&x.l, &x.c);
    EXPECT_GE(x.J(), best * (1 - 1e-12));
    ASSERT_EQ(method_gptq(&x.l, &x.c), TETRA_OK);
    EXPECT_GE(x.J(), best * (1 - 1e-12));
    const method_adaround_options how = {300, 0.02, 0.01};
    method_nearest(&x.l, &x.c);
    ASSERT_EQ(method_adaround(&x.l, &how, &x.c), TETRA_OK);
    EXPECT_GE(x.J(), best * (1 - 1e-12));
    method_nearest(&x.l, &x.c);
    x.least[0] = s;  // the scale may grow, but not to another problem's
    ASSERT_EQ(method_descend(&x.l, 1, &x.c), TETRA_OK);
    if (x.scale[0] == s) {
      EXPECT_GE(x.J(), best * (1 - 1e-12));
      found += x.J();
      least += best;
    }
  }
  EXPECT_GT(least, 0);
  EXPECT_LT(found, 1.2 * least);
}

TEST(Methods, the_better_of_two_is_kept_group_by_group) {
  Layer x(6, 6, 3, 3, 7, 2);
  x.Nearest();
  auto q = x.q;
  auto scale = x.scale;
  for (size_t i = 0; i < 18; i++) x.q[i] = 0;  // the first two channels become worse
  ASSERT_EQ(method_descend(&x.l, 5, &x.c), TETRA_OK);
  for (size_t i = 18; i < 36; i++) x.q[i] = 0;  // the next two as well
  const auto last = std::vector<int8_t>(x.q.begin() + 36, x.q.end());
  const method_codes before = {q.data(), scale.data()};
  std::vector<double> j(6), j_before(6);
  const double was = method_objective(&x.l, &before, j_before.data());
  ASSERT_EQ(method_keep_better(&x.l, &before, &x.c), TETRA_OK);
  EXPECT_LE(method_objective(&x.l, &x.c, j.data()), was);
  EXPECT_TRUE(std::equal(x.q.begin() + 18, x.q.begin() + 36, q.begin() + 18));
  EXPECT_TRUE(std::equal(last.begin(), last.end(), x.q.begin() + 36));
  EXPECT_EQ(x.scale[2], scale[2]);
}

// u_q = u_f / 2: weights must double, but for the damping.
TEST(Methods, the_asymmetric_target_solves_the_least_squares) {
  Layer x(7, 3, 1, 6);
  const size_t k = 6;
  std::vector<double> d(18), half(k * k), t(18);
  for (size_t o = 0; o < 3; o++)
    for (size_t j = 0; j < k; j++)
      for (size_t i = 0; i < k; i++) d[o * k + j] += x.w[o * k + i] * x.h[i * k + j];
  ASSERT_EQ(method_asymmetric_target(3, k, x.w.data(), x.h.data(), d.data(), t.data()), TETRA_OK);
  for (size_t i = 0; i < 18; i++) EXPECT_NEAR(t[i], x.w[i], 1e-9) << "no difference of inputs, no other target";
  double trace = 0;
  for (size_t i = 0; i < k * k; i++) half[i] = x.h[i] / 4;
  for (size_t i = 0; i < k; i++) trace += half[i * (k + 1)];
  for (double &v : d) v /= 2;
  ASSERT_EQ(method_asymmetric_target(3, k, x.w.data(), half.data(), d.data(), t.data()), TETRA_OK);
  for (size_t o = 0; o < 3; o++)  // t H + (t - w) damping = D
    for (size_t j = 0; j < k; j++) {
      double left = (t[o * k + j] - x.w[o * k + j]) * 0.01 * trace / k;
      for (size_t i = 0; i < k; i++) left += t[o * k + i] * half[i * k + j];
      EXPECT_NEAR(left, d[o * k + j], 1e-9);
      EXPECT_NEAR(t[o * k + j], 2 * x.w[o * k + j], 0.2 * (std::fabs(x.w[o * k + j]) + 0.5));
    }
}

TEST(Methods, adaround_rounds_up_or_down_and_better_than_nearest) {
  Layer x(8, 8, 9, 4);
  x.Nearest();
  const double nearest = x.J();
  const method_adaround_options how = {1000, 0.01, 0.01};
  ASSERT_EQ(method_adaround(&x.l, &how, &x.c), TETRA_OK);
  EXPECT_LT(x.J(), 0.75 * nearest);
  for (size_t i = 0; i < x.q.size(); i++) {
    const double v = x.w[i] / static_cast<double>(x.scale[i / 36]);
    const double lo = std::clamp(std::floor(v), -7.0, 7.0), hi = std::clamp(std::floor(v) + 1, -7.0, 7.0);
    EXPECT_TRUE(x.q[i] == lo || x.q[i] == hi) << i;
  }
}

TEST(Methods, corrected_biases_keep_the_mean) {
  Layer x(9, 4, 1, 5);
  x.Nearest();
  const std::vector<double> mean_y = {1, 0, -3, 2}, mean_u = {1.1, 1.9, 3.2, 4, 4.5};
  std::vector<double> bias(4);
  method_correct_bias(&x.l, mean_y.data(), mean_u.data(), &x.c, bias.data());
  for (size_t o = 0; o < 4; o++) {
    double mean = bias[o];
    for (size_t i = 0; i < 5; i++) mean += static_cast<double>(x.scale[o]) * x.q[o * 5 + i] * mean_u[i];
    EXPECT_NEAR(mean, mean_y[o], 1e-12);
  }
}

// Every error below 1, every channel's sum at most 1/2, every kernel's at most 1; after the first pass alone at most
// 1/2.
TEST(Methods, squant_keeps_its_promises) {
  std::mt19937 r(3);
  std::normal_distribution<double> normal(0, 2);
  for (int round = 0; round < 200; round++) {
    const int taps = round % 3 == 0 ? 1 : 9, cin = 1 + static_cast<int>(r() % 20);
    std::vector<double> x(static_cast<size_t>(taps * cin));
    for (double &v : x) v = std::clamp(normal(r), -7.4, 7.4);
    if (round == 7) std::fill(x.begin(), x.end(), 2.0);  // sums of exactly 0
    std::vector<int8_t> q(x.size()), first(x.size());
    ASSERT_EQ(method_squant_channel(x.data(), taps, cin, -7, 7, METHOD_SQUANT_BOTH, q.data()), TETRA_OK);
    ASSERT_EQ(method_squant_channel(x.data(), taps, cin, -7, 7, METHOD_SQUANT_KERNEL, first.data()), TETRA_OK);
    double channel = 0;
    for (int ci = 0; ci < cin; ci++) {
      double sum = 0, sum_first = 0;
      for (int t = 0; t < taps; t++) {
        const auto at = static_cast<size_t>(t * cin + ci);
        EXPECT_LT(std::fabs(q[at] - x[at]), 1);
        sum += q[at] - x[at];
        sum_first += first[at] - x[at];
      }
      channel += sum;
      if (taps > 1) {
        EXPECT_LE(std::fabs(sum), 1 + 1e-9);
        EXPECT_LE(std::fabs(sum_first), 0.5 + 1e-9);
      }
    }
    EXPECT_LE(std::fabs(channel), 0.5 + 1e-9) << round;
  }
}

// Published numbers.
class Vectors : public ::testing::Test {
 protected:
  void Read(const std::string &name) {
    const std::string path = std::string(TETRA_DATA_DIR) + "/methods/" + name;
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
    std::ifstream f(path);
    const std::string text((std::istreambuf_iterator<char>(f)), std::istreambuf_iterator<char>());
    json = cJSON_Parse(text.c_str());
    ASSERT_NE(json, nullptr) << path;
  }
  void TearDown() override { cJSON_Delete(json); }
  static std::vector<double> Numbers(const cJSON *object, const char *name) {
    std::vector<double> v;
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(object, name)) v.push_back(item->valuedouble);
    EXPECT_FALSE(v.empty()) << name;
    return v;
  }
  static double Number(const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItem(object, name);
    EXPECT_TRUE(cJSON_IsNumber(item)) << name;
    return item ? item->valuedouble : NAN;
  }
  cJSON *json = nullptr;
};

TEST_F(Vectors, squant_codes_and_sums) {
  Read("squant_vectors.json");
  if (json == nullptr) return;
  const cJSON *t;
  int tensors = 0;
  cJSON_ArrayForEach(t, json) {
    const auto shape = Numbers(t, "shape"), x = Numbers(t, "x");
    const int cin = static_cast<int>(shape[1]), taps = static_cast<int>(shape[2] * shape[3]);
    const size_t k = static_cast<size_t>(cin * taps);
    for (const auto &[name, passes] :
         {std::pair("codes_kernel_only", METHOD_SQUANT_KERNEL), std::pair("codes", METHOD_SQUANT_BOTH)}) {
      if (taps == 1 && passes == METHOD_SQUANT_KERNEL) continue;
      const auto want = Numbers(t, name);
      for (size_t o = 0; o < x.size() / k; o++) {
        std::vector<double> turned(k);
        std::vector<int8_t> q(k);
        for (size_t i = 0; i < k; i++)
          turned[i % static_cast<size_t>(taps) * static_cast<size_t>(cin) + i / static_cast<size_t>(taps)] =
              x[o * k + i];
        ASSERT_EQ(method_squant_channel(turned.data(), taps, cin, -8, 7, passes, q.data()), TETRA_OK);
        for (size_t i = 0; i < k; i++)
          EXPECT_EQ(q[i % static_cast<size_t>(taps) * static_cast<size_t>(cin) + i / static_cast<size_t>(taps)],
                    want[o * k + i])
              << name << " tensor " << tensors << " channel " << o << " element " << i;
      }
    }
    tensors++;
  }
  EXPECT_GE(tensors, 3);
}

// || X w' - Y q' || / || X w' || over all channels.
double RelativeError(const Layer &x, const std::vector<float> &rows_f, const std::vector<float> &rows_q) {
  const size_t k = method_inputs(&x.l), m = rows_f.size() / k;
  double error = 0, all = 0;
  for (size_t o = 0; o < x.scale.size(); o++)
    for (size_t i = 0; i < m; i++) {
      double want = 0, got = 0;
      for (size_t j = 0; j < k; j++) {
        want += static_cast<double>(rows_f[i * k + j]) * x.w[o * k + j];
        got += static_cast<double>(rows_q[i * k + j]) * x.q[o * k + j] * static_cast<double>(x.scale[o]);
      }
      error += (want - got) * (want - got);
      all += want * want;
    }
  return std::sqrt(error / all);
}

TEST_F(Vectors, gpfq_codes_and_errors) {
  Read("gpfq_vectors.json");
  if (json == nullptr) return;
  const cJSON *t;
  int layers = 0;
  cJSON_ArrayForEach(t, json) {
    const int n = static_cast<int>(Number(t, "N")), d = static_cast<int>(Number(t, "d"));
    const auto m = static_cast<size_t>(Number(t, "m"));
    const auto x = Numbers(t, "X"), xq = Numbers(t, "Xq"), codes = Numbers(t, "codes");
    Layer layer(Numbers(t, "W"), n, d, static_cast<int>(Number(t, "K")));
    std::fill(layer.scale.begin(), layer.scale.end(), static_cast<float>(Number(t, "step")));
    const std::vector<float> rows_f(x.begin(), x.end()), rows_q(xq.begin(), xq.end());
    ASSERT_EQ(rows_f.size(), m * static_cast<size_t>(d));
    ASSERT_EQ(method_gpfq(&layer.l, layer.w.data(), rows_f.data(), rows_q.data(), m, &layer.c), TETRA_OK);
    EXPECT_EQ(std::vector<double>(layer.q.begin(), layer.q.end()), codes) << layers;
    EXPECT_NEAR(RelativeError(layer, rows_f, rows_q), Number(t, "rel_err"), 1e-5) << layers;
    method_nearest(&layer.l, &layer.c);
    EXPECT_NEAR(RelativeError(layer, rows_f, rows_q), Number(t, "rel_err_nearest"), 1e-5) << layers;
    layers++;
  }
  EXPECT_GE(layers, 2);
}

// The values of AQT's fake quantizers, whose x is in units of the scale.
TEST_F(Vectors, aqt_values) {
  Read("aqt_ste.json");
  if (json == nullptr) return;
  for (const auto &[name, format] : {std::pair("unsigned_u4", TETRA_U4), std::pair("signed_s4", TETRA_S4)}) {
    const cJSON *part = cJSON_GetObjectItem(json, name);
    const auto x = Numbers(part, "x"), want = Numbers(part, "value");
    for (size_t i = 0; i < x.size(); i++)
      EXPECT_EQ(tetra_aqt_quantize(format, 1, static_cast<float>(x[i])), want[i]) << name << " of " << x[i];
  }
}

// The published claim: with Gaussian inputs, 4 times as wide a layer has a quarter of the relative square error;
// nearest rounding's stays.
TEST(Methods, gpfq_error_falls_with_width_and_nearest_does_not) {
  const size_t m = 32;
  std::vector<double> width, gpfq, nearest;
  for (const int d : {64, 128, 256, 512, 1024}) {
    double error[2] = {0, 0};
    for (uint32_t seed = 0; seed < 3; seed++) {
      std::mt19937 r(seed);
      std::normal_distribution<double> normal;
      std::vector<double> w(static_cast<size_t>(8 * d));
      for (double &v : w) v = normal(r);
      std::vector<float> rows(m * static_cast<size_t>(d));
      for (float &v : rows) v = static_cast<float>(normal(r));
      Layer x(w, 8, d, 4);
      for (float &s : x.scale) s = 1.16f / 4 * 3;  // C / K times three sigma, for every width
      method_nearest(&x.l, &x.c);
      error[0] += std::pow(RelativeError(x, rows, rows), 2);
      ASSERT_EQ(method_gpfq(&x.l, w.data(), rows.data(), rows.data(), m, &x.c), TETRA_OK);
      error[1] += std::pow(RelativeError(x, rows, rows), 2);
    }
    width.push_back(std::log(d));
    nearest.push_back(std::log(error[0]));
    gpfq.push_back(std::log(error[1]));
  }
  const auto slope = [&](const std::vector<double> &y) {
    double mx = 0, my = 0, xy = 0, xx = 0;
    for (size_t i = 0; i < y.size(); i++) {
      mx += width[i] / static_cast<double>(y.size());
      my += y[i] / static_cast<double>(y.size());
    }
    for (size_t i = 0; i < y.size(); i++) {
      xy += (width[i] - mx) * (y[i] - my);
      xx += (width[i] - mx) * (width[i] - mx);
    }
    return xy / xx;
  };
  EXPECT_GT(slope(gpfq), -1.2);
  EXPECT_LT(slope(gpfq), -0.8);
  EXPECT_NEAR(slope(nearest), 0, 0.1);
}

}  // namespace
