// Every kernel of the fast path that this processor can run gives what the plain loops give, element for element.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "../core_case.h"
#include "tetra/exec.h"

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

std::vector<const char *> UsableKernels() {
  std::vector<const char *> names;
  for (int i = 0; tetra_exec_kernel(i); i++)
    if (tetra_exec_kernel_usable(i)) names.push_back(tetra_exec_kernel(i));
  return names;
}

// The last op's outputs by one kernel, shared among threads; NULL data after a failure.
std::vector<tetra_tensor> RunBy(const char *kernel, int threads, Net *net) {
  const tetra_op &op = net->g.ops[Last(*net)];
  tetra_error err = {};
  tetra_exec *exec = nullptr;
  const tetra_exec_options options = {threads, kernel};
  EXPECT_EQ(tetra_exec_open(&exec, &net->g, &options, &err), TETRA_OK) << err.msg;
  EXPECT_STREQ(tetra_exec_kernel_name(exec), kernel);
  EXPECT_EQ(tetra_exec_op(exec, Last(*net), net->t.data(), &err), TETRA_OK) << err.msg;
  tetra_exec_close(exec);
  std::vector<tetra_tensor> out;
  for (int o = 0; o < op.n_outputs; o++) {
    out.push_back(net->t[static_cast<size_t>(op.output[o])]);
    net->t[static_cast<size_t>(op.output[o])] = {};
  }
  return out;
}

TEST_P(Fast, EqualsPlainLoops) {
  Net net;
  Builder(GetParam()).Build(&net);
  tetra_error err = {};
  ASSERT_EQ(tetra_graph_check(&net.g, &err), TETRA_OK) << err.msg;
  const tetra_op &op = net.g.ops[Last(net)];
  std::vector<std::vector<tetra_tensor>> fast;
  const std::vector<const char *> kernels = UsableKernels();
  for (const char *kernel : kernels) fast.push_back(RunBy(kernel, 1 + static_cast<int>(fast.size() % 3), &net));
  ASSERT_EQ(tetra_run_op(&net.g, Last(net), net.t.data(), TETRA_REFERENCE, &err), TETRA_OK) << err.msg;
  for (int o = 0; o < op.n_outputs; o++) {
    const tetra_tensor &t = net.t[static_cast<size_t>(op.output[o])];
    for (size_t k = 0; k < kernels.size(); k++) {
      SCOPED_TRACE(kernels[k]);
      ExpectSame(net, op.output[o], t, fast[k][static_cast<size_t>(o)]);
      tetra_tensor_free(&fast[k][static_cast<size_t>(o)]);
    }
    // A comparison of constants would prove nothing.
    std::vector<int16_t> codes(static_cast<size_t>(t.d.n * t.d.h * t.d.w * t.d.c));
    tetra_tensor_unpack(&t, codes.data());
    const size_t different = std::set<int16_t>(codes.begin(), codes.end()).size();
    EXPECT_TRUE(different > 2 || codes.size() < 12 || GetParam().extreme) << different << " codes";
  }
}

// S = 32 halves twice, and with M = 2^30 every odd accumulator is a tie of the first rounding, every second result one
// of the second: half up, then half away from zero.
TEST(Fast, TfliteTiesOfBothRoundings_1x16x16x1_to_s8) {
  Case c;
  c.h = c.w = 16, c.cout = 3, c.in = TETRA_S8, c.round = TETRA_TFLITE;
  Net net;
  Builder(c).Build(&net);
  tetra_op *op = &net.g.ops[Last(net)];
  tetra_desc *out = &net.g.values[op->output[0]].d;
  net.g.values[op->input].d.zero_point = op->pad_code = out->zero_point = 0;
  op->rq[0].zp = 0, op->rq[0].lo = -128, op->rq[0].hi = 127;
  tetra_tensor *in = &net.t[static_cast<size_t>(op->input)];
  for (int i = 0; i < 256; i++) tetra_tensor_set(in, 0, i / 16, i % 16, 0, i - 128);
  for (int i = 0; i < c.cout; i++) op->weights[i] = 1, op->rq[0].ch[i] = {0, 1 << 30, 0, 32, 0, 0, 0};
  tetra_error err = {};
  ASSERT_EQ(tetra_graph_check(&net.g, &err), TETRA_OK) << err.msg;
  for (const char *kernel : UsableKernels()) {
    std::vector<tetra_tensor> codes = RunBy(kernel, 1, &net);
    ASSERT_NE(codes[0].data, nullptr);
    for (int i = 0; i < 256; i++) {
      const double first = std::floor((i - 128) / 2.0 + 0.5), second = std::round(first / 2);
      for (int k = 0; k < c.cout; k++)
        EXPECT_EQ(tetra_tensor_get(&codes[0], 0, i / 16, i % 16, k), second) << kernel << ", accumulator " << i - 128;
    }
    tetra_tensor_free(&codes[0]);
  }
}

// Those that EqualsPlainLoops leaves out say so.
class Kernel : public testing::TestWithParam<int> {};
TEST_P(Kernel, IsTestedHere) {
  if (!tetra_exec_kernel_usable(GetParam()))
    GTEST_SKIP() << "kernel " << tetra_exec_kernel(GetParam())
                 << " is not tested: this processor has no such instructions";
}
int CountKernels() {
  int n = 0;
  while (tetra_exec_kernel(n)) n++;
  return n;
}
INSTANTIATE_TEST_SUITE_P(All, Kernel, testing::Range(0, CountKernels()));

TEST(Kernels, AreFoundByName) {
  Net net;
  Case c;
  Builder(c).Build(&net);
  tetra_error err = {};
  tetra_exec *exec = nullptr;
  const tetra_exec_options unknown = {1, "abacus"};
  EXPECT_EQ(tetra_exec_open(&exec, &net.g, &unknown, &err), TETRA_EINVAL);
  EXPECT_EQ(exec, nullptr);
  EXPECT_NE(std::string(err.msg).find("abacus"), std::string::npos) << err.msg;
  ASSERT_EQ(tetra_exec_open(&exec, &net.g, nullptr, &err), TETRA_OK);
  EXPECT_STREQ(tetra_exec_kernel_name(exec), UsableKernels().front()) << "the best one";
  tetra_exec_close(exec);
}

// A fused pool is the pool of the convolution's codes, whatever the rounding: requantization never decreases.
class FusedPool : public testing::TestWithParam<Case> {};

TEST_P(FusedPool, IsTheMaximumOfTheConvsCodes) {
  Net net;
  Builder(GetParam()).Build(&net);
  tetra_error err = {};
  tetra_op op = net.g.ops[Last(net)];
  op.pool = op.pool_pad_top = op.pool_pad_left = 0;
  const tetra_desc &in = net.g.values[op.input].d;
  for (int o = 0; o < op.n_outputs; o++) {
    tetra_desc d = net.g.values[op.output[o]].d;
    const int pooled = op.output[o], h = tetra_op_out_h(&op, in.h), w = tetra_op_out_w(&op, in.w);
    d.h = h, d.w = w;
    op.output[o] = tetra_graph_add_value(&net.g, "plane", &d);
    net.t.resize(static_cast<size_t>(net.g.n_values));
    tetra_graph plain = net.g;
    plain.ops = &op, plain.n_ops = 1;
    ASSERT_EQ(tetra_run_op(&net.g, Last(net), net.t.data(), TETRA_FAST, &err), TETRA_OK) << err.msg;
    tetra_op single = op;
    single.n_outputs = 1, single.output[0] = op.output[o], single.rq[0] = op.rq[o];
    plain.ops = &single;
    ASSERT_EQ(tetra_run_op(&plain, 0, net.t.data(), TETRA_REFERENCE, &err), TETRA_OK) << err.msg;
    const tetra_tensor &codes = net.t[static_cast<size_t>(op.output[o])], &got = net.t[static_cast<size_t>(pooled)];
    for (int n = 0; n < got.d.n; n++)
      for (int y = 0; y < got.d.h; y++)
        for (int x = 0; x < got.d.w; x++)
          for (int c = 0; c < got.d.c; c++) {
            int most = INT32_MIN;
            for (int ky = 2 * y - GetParam().pool_top; ky < 2 * y - GetParam().pool_top + 3; ky++)
              for (int kx = 2 * x - GetParam().pool_left; kx < 2 * x - GetParam().pool_left + 3; kx++)
                if (ky >= 0 && ky < h && kx >= 0 && kx < w)
                  most = std::max(most, tetra_tensor_get(&codes, n, ky, kx, c));
            ASSERT_EQ(tetra_tensor_get(&got, n, y, x, c), most) << n << " " << y << " " << x << " " << c;
          }
  }
}

constexpr tetra_fmt kFormats[] = {TETRA_U8, TETRA_S8, TETRA_U4, TETRA_S4};
constexpr tetra_round kRounds[] = {TETRA_FLOOR, TETRA_HALF_UP, TETRA_HALF_EVEN, TETRA_HALF_AWAY, TETRA_TFLITE};

// A random shape; format, weight width, residual form, rounding and outputs walk through all their combinations with i.
Case RandomCase(tetra_op_kind kind, unsigned seed, unsigned i) {
  std::mt19937 random(seed);
  auto pick = [&random](int lo, int hi) {
    return lo + static_cast<int>(random() % static_cast<unsigned>(hi - lo + 1));
  };
  Case c;
  c.seed = seed;
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
  // Without channels of odd parameters vectors take their shorter way.
  c.regular = i % 2;
  return c;
}

std::vector<Case> Random(tetra_op_kind kind, unsigned first_seed, unsigned count) {
  std::vector<Case> cases;
  for (unsigned i = 0; i < count; i++) cases.push_back(RandomCase(kind, first_seed + i, i));
  return cases;
}

std::string CaseName(const testing::TestParamInfo<Case> &info) { return Name(info.param); }

INSTANTIATE_TEST_SUITE_P(Conv, Fast, testing::ValuesIn(Random(TETRA_CONV, 100, 120)), CaseName);
INSTANTIATE_TEST_SUITE_P(MaxPool, Fast, testing::ValuesIn(Random(TETRA_MAXPOOL, 250, 16)), CaseName);
INSTANTIATE_TEST_SUITE_P(AvgPool, Fast, testing::ValuesIn(Random(TETRA_AVGPOOL, 300, 16)), CaseName);
INSTANTIATE_TEST_SUITE_P(Add, Fast, testing::ValuesIn(Random(TETRA_ADD, 400, 12)), CaseName);

// In groups: depthwise ones, with and without several outputs of a channel, groups of any width, of whole and of broken
// vectors and blocks; and with a fused pool.
std::vector<Case> Grouped() {
  constexpr int kShapes[][3] = {{2, 1, 1},   {7, 1, 1},  {32, 1, 1},  {64, 1, 1}, {65, 1, 1},  {130, 1, 1}, {5, 1, 2},
                                {24, 1, 3},  {3, 1, 20}, {32, 4, 4},  {9, 4, 4},  {16, 8, 8},  {6, 16, 16}, {3, 32, 32},
                                {3, 64, 64}, {2, 5, 17}, {3, 10, 40}, {4, 3, 1},  {5, 33, 48}, {2, 96, 96}};
  std::vector<Case> cases;
  for (const auto &shape : kShapes)
    for (unsigned i = 0; i < 4; i++) {
      const auto number = static_cast<unsigned>(cases.size());
      Case c = RandomCase(TETRA_CONV, 1000 + 2 * number, number);
      c.groups = shape[0], c.cin = shape[0] * shape[1], c.cout = shape[0] * shape[2];
      if (i == 3) c.top = c.left = c.bottom = c.right = 0, c.sy = c.sx = 1;  // read in place, perhaps
      if (i == 2) c.form = TETRA_RES_NONE, c.pool = 1, c.pool_top = 1, c.h += 6, c.w += 6;
      cases.push_back(c);
    }
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Grouped, Fast, testing::ValuesIn(Grouped()), CaseName);

// Weights in two and three arrays: dense, in groups and depthwise, with a fused pool, and all at one end.
std::vector<Case> Wide() {
  std::vector<Case> cases = Random(TETRA_CONV, 2000, 30);
  for (const Case &c : Grouped())
    if (cases.size() < 60) cases.push_back(c);
  for (size_t i = 0; i < cases.size(); i++) {
    cases[i].wbits = 8, cases[i].extra = 1 + static_cast<int>(i % 2), cases[i].extreme = i % 5 == 4;
    cases[i].regular = true;
  }
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Wide, Fast, testing::ValuesIn(Wide()), CaseName);

// Every product of the largest size and one sign.
std::vector<Case> GroupedExtremes() {
  std::vector<Case> cases;
  for (tetra_fmt in : kFormats)
    for (int wbits : {8, 4})
      for (int inputs : {1, 4, 40}) {
        Case c;
        c.in = in, c.wbits = wbits, c.extreme = true, c.round = TETRA_FLOOR;
        c.groups = 20, c.cin = 20 * inputs, c.cout = inputs == 40 ? 60 : c.cin, c.h = 9, c.w = 8, c.kh = c.kw = 7;
        c.top = c.left = c.bottom = c.right = 3, c.seed = 1200;
        cases.push_back(c);
      }
  return cases;
}
INSTANTIATE_TEST_SUITE_P(GroupedExtremes, Fast, testing::ValuesIn(GroupedExtremes()), CaseName);

// A max pool of 3x3, stride 2, behind the convolution: planes of odd and even sides, with and without padding before.
std::vector<Case> Pooled() {
  std::vector<Case> cases = Random(TETRA_CONV, 600, 40);
  for (size_t i = 0; i < cases.size(); i++) {
    Case &c = cases[i];
    c.form = TETRA_RES_NONE;
    c.h += 8, c.w += 8, c.sy = c.sx = 1 + static_cast<int>(i % 2);
    c.pool = 1, c.pool_top = static_cast<int>(i / 2 % 2), c.pool_left = static_cast<int>(i / 4 % 2);
  }
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Pooled, Fast, testing::ValuesIn(Pooled()), CaseName);
INSTANTIATE_TEST_SUITE_P(Conv, FusedPool, testing::ValuesIn(Pooled()), CaseName);

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

// 3x3 windows with 4-bit operands on planes large enough for Winograd's way: even and odd sides, one channel to several
// blocks of them, all the paddings, every form, and codes and weights of one sign at the ends of their ranges.
std::vector<Case> Winograd() {
  std::vector<Case> cases;
  constexpr int kSides[][2] = {{14, 12}, {13, 15}, {16, 11}, {57, 4}, {3, 81}, {14, 14}};
  constexpr int kChannels[][2] = {{1, 1}, {3, 70}, {64, 64}, {65, 17}, {130, 33}, {20, 129}};
  for (int i = 0; i < 36; i++) {
    Case c;
    c.seed = 900 + static_cast<unsigned>(i);
    c.n = 1 + i % 3, c.h = kSides[i % 6][0], c.w = kSides[i % 6][1];
    c.cin = kChannels[i / 6][0], c.cout = kChannels[i / 6][1], c.kh = c.kw = 3;
    c.top = i % 2, c.left = i / 2 % 2, c.bottom = 1 + i % 3, c.right = 1 + i / 3 % 3;
    c.in = i % 2 ? TETRA_S4 : TETRA_U4, c.wbits = 4;
    c.form = static_cast<tetra_res_form>(i % 4), c.round = kRounds[i % 5], c.res = kFormats[i % 4];
    c.out = {kFormats[i / 4 % 4]};
    if (i % 3 == 2) c.out.push_back(TETRA_U4);
    c.regular = i % 2, c.extreme = i % 5 == 4;
    cases.push_back(c);
  }
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Winograd, Fast, testing::ValuesIn(Winograd()), CaseName);

}  // namespace
