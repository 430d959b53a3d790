// The BLAS path gives what the plain loops give, element for element.
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "core_case.h"

namespace {

void ExpectSame(const Net &net, int value, const tetra_tensor &plain, const tetra_tensor &fast) {
  const tetra_desc &d = plain.d;
  for (int n = 0; n < d.n; n++)
    for (int y = 0; y < d.h; y++)
      for (int x = 0; x < d.w; x++)
        for (int c = 0; c < d.c; c++)
          ASSERT_EQ(tetra_tensor_get(&plain, n, y, x, c), tetra_tensor_get(&fast, n, y, x, c))
              << net.g.values[value].name << " at image " << n << " y " << y << " x " << x << " channel " << c
              << ", accumulator " << tetra_op_accumulator(&net.g, Last(net), net.t.data(), n, y, x, c);
  const size_t bytes = static_cast<size_t>(d.n * d.h * d.w) * plain.pixel_bytes;
  EXPECT_EQ(std::memcmp(plain.data, fast.data, bytes), 0) << "pad nibbles";
}

class Fast : public testing::TestWithParam<Case> {};

TEST_P(Fast, EqualsPlainLoops) {
  Net net;
  Builder(GetParam()).Build(&net);
  tetra_error err = {};
  ASSERT_EQ(tetra_graph_check(&net.g, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(tetra_run_op(&net.g, Last(net), net.t.data(), TETRA_FAST, &err), TETRA_OK) << err.msg;
  const tetra_op &op = net.g.ops[Last(net)];
  for (int o = 0; o < op.n_outputs; o++) {
    auto *t = &net.t[static_cast<size_t>(op.output[o])];
    const tetra_tensor fast = *t;
    *t = {};
    ASSERT_EQ(tetra_run_op(&net.g, Last(net), net.t.data(), TETRA_REFERENCE, &err), TETRA_OK) << err.msg;
    ExpectSame(net, op.output[o], *t, fast);
    // A comparison of constants would prove nothing.
    std::vector<int16_t> codes(static_cast<size_t>(t->d.n * t->d.h * t->d.w * t->d.c));
    tetra_tensor_unpack(t, codes.data());
    const size_t different = std::set<int16_t>(codes.begin(), codes.end()).size();
    EXPECT_TRUE(different > 2 || codes.size() < 12 || GetParam().extreme) << different << " codes";
    tetra_tensor free_me = fast;
    tetra_tensor_free(&free_me);
  }
}

constexpr tetra_fmt kFormats[] = {TETRA_U8, TETRA_S8, TETRA_U4, TETRA_S4};
constexpr tetra_round kRounds[] = {TETRA_FLOOR, TETRA_HALF_UP, TETRA_HALF_EVEN, TETRA_HALF_AWAY, TETRA_TFLITE};

// Random shapes; format, weight width, residual form, rounding and outputs walk through all their combinations.
std::vector<Case> Random(tetra_op_kind kind, unsigned first_seed, unsigned count) {
  std::vector<Case> cases;
  for (unsigned i = 0; i < count; i++) {
    std::mt19937 random(first_seed + i);
    auto pick = [&random](int lo, int hi) {
      return lo + static_cast<int>(random() % static_cast<unsigned>(hi - lo + 1));
    };
    Case c;
    c.seed = first_seed + i;
    c.kind = kind;
    c.n = pick(1, 3);
    c.h = pick(3, 12), c.w = pick(3, 12);
    c.cin = pick(1, 24), c.cout = kind == TETRA_CONV ? pick(1, 90) : c.cin;
    if (kind != TETRA_ADD) {
      c.kh = pick(1, 3), c.kw = pick(1, 3), c.sy = pick(1, 3), c.sx = pick(1, 3), c.dy = pick(1, 2), c.dx = pick(1, 2);
      c.top = pick(0, 3), c.left = pick(0, 3), c.bottom = pick(0, 3), c.right = pick(0, 3);
      c.h += 2, c.w += 2;
    }
    c.in = kFormats[i % 4];
    c.wbits = i / 4 % 2 ? 4 : 8;
    c.form = static_cast<tetra_res_form>(i / 8 % 4);
    if (kind == TETRA_ADD) c.form = static_cast<tetra_res_form>(1 + i % 3);
    c.round = kRounds[i % 5];
    c.res = kFormats[pick(0, 3)];
    c.out = {kFormats[pick(0, 3)]};
    if (i % 3 == 1) c.out.push_back(kFormats[pick(0, 3)]);
    cases.push_back(c);
  }
  return cases;
}

std::string CaseName(const testing::TestParamInfo<Case> &info) { return Name(info.param); }

INSTANTIATE_TEST_SUITE_P(Conv, Fast, testing::ValuesIn(Random(TETRA_CONV, 100, 64)), CaseName);
INSTANTIATE_TEST_SUITE_P(MaxPool, Fast, testing::ValuesIn(Random(TETRA_MAXPOOL, 200, 16)), CaseName);
INSTANTIATE_TEST_SUITE_P(AvgPool, Fast, testing::ValuesIn(Random(TETRA_AVGPOOL, 300, 16)), CaseName);
INSTANTIATE_TEST_SUITE_P(Add, Fast, testing::ValuesIn(Random(TETRA_ADD, 400, 12)), CaseName);

// Sums beyond what a float holds: K over 514 with 8 bits, every product of the largest size and one sign.
std::vector<Case> Deep() {
  std::vector<Case> cases;
  for (tetra_fmt in : kFormats)
    for (int wbits : {8, 4})
      for (bool extreme : {false, true}) {
        Case c;
        c.in = in, c.wbits = wbits, c.extreme = extreme;
        c.h = 3, c.w = 4, c.cin = tetra_fmt_bits(in) == 8 ? 300 : 1200, c.kh = 3, c.kw = 3, c.cout = 17;
        c.top = c.left = c.bottom = c.right = 1, c.seed = 500;
        c.round = TETRA_FLOOR;
        cases.push_back(c);
      }
  for (int cin : {513, 514, 515, 516, 575, 577, 1029}) {
    Case c;
    c.cin = cin, c.cout = 5, c.h = 2, c.w = 3, c.extreme = true;
    cases.push_back(c);
  }
  return cases;
}
INSTANTIATE_TEST_SUITE_P(DeepSums, Fast, testing::ValuesIn(Deep()), CaseName);

// Several bands of the im2col matrix, several images in one, and the 1x1 convs that read the input in place.
std::vector<Case> Large() {
  Case bands;
  bands.n = 2, bands.h = 40, bands.w = 41, bands.cin = 48, bands.cout = 8, bands.kh = bands.kw = 3;
  bands.top = bands.left = bands.bottom = bands.right = 1, bands.in = TETRA_S4, bands.wbits = 4;
  Case point;
  point.n = 2, point.h = 30, point.w = 31, point.cin = 70, point.cout = 65, point.in = TETRA_U4, point.wbits = 4;
  point.out = {TETRA_U8, TETRA_S4};
  Case odd = point;
  odd.cin = 5;
  Case dense = point;
  dense.n = 3, dense.h = dense.w = 1, dense.cin = 2048, dense.cout = 100, dense.in = TETRA_U8, dense.wbits = 8;
  return {bands, point, odd, dense};
}
INSTANTIATE_TEST_SUITE_P(Large, Fast, testing::ValuesIn(Large()), CaseName);

}  // namespace
