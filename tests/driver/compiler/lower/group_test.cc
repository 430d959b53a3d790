// Lowering of convolutions in groups: named shapes in every mode, random ones, on every array and with small buffers.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "../../../common/group_case.h"
#include "run_case.h"

namespace {

class CompileGroups : public testing::TestWithParam<int> {};

TEST_P(CompileGroups, RandomOnesEqualModelDefaultBuffers) {
  for (unsigned i = 0; i < 40; i++) {
    const unsigned seed = static_cast<unsigned>(GetParam()) * 1000 + i;
    RunCase(RandomGroupCase(seed, RandomGroups(seed)), Caps(static_cast<uint32_t>(GetParam()), false));
  }
}
TEST_P(CompileGroups, RandomOnesEqualModelSmallBuffers) {
  for (unsigned i = 40; i < 80; i++) {
    const unsigned seed = static_cast<unsigned>(GetParam()) * 1000 + i;
    RunCase(RandomGroupCase(seed, RandomGroups(seed)), Caps(static_cast<uint32_t>(GetParam()), true));
  }
}
INSTANTIATE_TEST_SUITE_P(Array, CompileGroups, testing::Values(4, 8, 16, 32, 64),
                         [](const auto &i) { return std::to_string(i.param) + "x" + std::to_string(i.param); });

// Each in every mode: 8 and 4 bits of activations, signed and not, and of weights.
class CompileGroupsOf : public testing::TestWithParam<Groups> {};

TEST_P(CompileGroupsOf, EqualModelInEveryModeOn16x16) {
  for (unsigned i = 0; i < 8; i++) {
    Case c = RandomGroupCase(i, GetParam());
    c.h = std::max(c.h, 3), c.w = std::max(c.w, 3), c.kh = c.kw = 3, c.dy = c.dx = 1;
    c.top = c.left = c.bottom = c.right = 1;
    c.in = static_cast<tetra_fmt>(i % 4), c.wbits = i < 4 ? 8 : 4;
    RunCase(c, Caps(16, false));
    RunCase(c, Caps(16, true));
  }
}
INSTANTIATE_TEST_SUITE_P(Shape, CompileGroupsOf,
                         testing::Values(Groups{"depthwise_64", 64, 1, 1},
                                         Groups{"depthwise_39_not_whole_blocks", 39, 1, 1},
                                         Groups{"depthwise_20_to_60", 20, 1, 3}, Groups{"pairs_40_to_20", 20, 2, 1},
                                         Groups{"resnext_32x4d", 32, 4, 4}, Groups{"12_wide_astride_blocks", 6, 12, 12},
                                         Groups{"24_wide_astride_blocks", 4, 24, 24}, Groups{"24_to_8", 4, 24, 8},
                                         Groups{"16_wide_one_block", 4, 16, 16},
                                         Groups{"48_wide_whole_blocks", 3, 48, 48}, Groups{"two_of_33", 2, 33, 33},
                                         Groups{"image_of_3_depthwise", 3, 1, 1}, Groups{"image_of_3_to_24", 3, 1, 8},
                                         Groups{"image_of_4_in_pairs", 2, 2, 9}),
                         [](const auto &i) { return std::string(i.param.name); });

// Planes wider than an accumulator tile, and signals.
class CompileGroupsWide : public testing::TestWithParam<Groups> {};

TEST_P(CompileGroupsWide, EqualModelOn4x4And16x16) {
  const struct {
    int h, w, kh, kw, sy, sx, dx;
  } shapes[] = {{3, 700, 3, 3, 1, 1, 1}, {1, 2500, 1, 9, 1, 2, 3}, {60, 230, 2, 5, 2, 1, 1}, {700, 2, 7, 2, 3, 1, 1}};
  unsigned seed = 0;
  for (const auto &s : shapes) {
    Case c;
    c.seed = ++seed, c.groups = GetParam().groups, c.cin = c.groups * GetParam().cin;
    c.cout = c.groups * GetParam().cout;
    c.h = s.h, c.w = s.w, c.kh = s.kh, c.kw = s.kw, c.sy = s.sy, c.sx = s.sx, c.dx = s.dx;
    c.top = s.kh / 2, c.left = s.kw / 2, c.in = static_cast<tetra_fmt>(seed % 4), c.wbits = seed % 2 ? 8 : 4;
    for (uint32_t n : {4u, 16u}) RunCase(c, Caps(n, false));
  }
}
INSTANTIATE_TEST_SUITE_P(Shape, CompileGroupsWide,
                         testing::Values(Groups{"depthwise_21", 21, 1, 1}, Groups{"3x6", 3, 6, 6},
                                         Groups{"2x20_to_2x3", 2, 20, 3}),
                         [](const auto &i) { return std::string(i.param.name); });

// With an image's fused pool.
TEST(CompileGroupsOfAnImage, FusedPoolEqualsModel) {
  for (unsigned i = 0; i < 8; i++) {
    Case c;
    c.seed = i, c.h = 21, c.w = 18, c.cin = c.groups = 3, c.cout = 36, c.kh = c.kw = 3, c.sy = c.sx = 2;
    c.top = c.left = c.bottom = c.right = 1, c.in = static_cast<tetra_fmt>(i % 4), c.wbits = i < 4 ? 8 : 4;
    c.pool = c.pool_top = c.pool_left = 1;
    RunCase(c, Caps(i % 2 ? 8 : 16, false));
  }
}

tetra_plan Plan(const tetra_graph &g, const tetra_caps &caps) {
  tetra_compile_options o;
  tetra_compile_defaults(&o);
  tetra_plan plan = {};
  tetra_error err = {};
  EXPECT_EQ(tetra_compile(&g, &caps, &o, &plan, &err), TETRA_OK) << err.msg;
  return plan;
}

// Array cycles by the plan's COMPUTEs, of planes of more pixels than the array has rows.
int64_t ArrayCycles(const tetra_plan &plan) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < plan.n_cmds; i++) {
    const auto get = [&](tetra_field f) { return static_cast<int64_t>(tetra_cmd_get(&plan.cmds[i], f)); };
    if (get(TETRA_F_OP) != TETRA_OP_COMPUTE) continue;
    sum += get(TETRA_F_COMP_KB) * get(TETRA_F_COMP_KH) * get(TETRA_F_COMP_KW) * get(TETRA_F_COMP_OY) *
           get(TETRA_F_COMP_OX);
  }
  return sum;
}

struct Cost {
  const char *name;
  Groups g;
  tetra_fmt in;
  int wbits;
  int64_t blocks;  // of weights, in all: slices of output channels times the input blocks that each of them meets
};

void PrintTo(const Cost &c, std::ostream *s) { *s << c.name; }

class CompileGroupsCost : public testing::TestWithParam<Cost> {};

// What the array must do is what its groups need: steps of 3x3 taps over 14x14 pixels, and no others.
TEST_P(CompileGroupsCost, IsTheBlocksThatTheGroupsCoverOn16x16) {
  Case c;
  c.h = c.w = 14, c.groups = GetParam().g.groups, c.cin = c.groups * GetParam().g.cin;
  c.cout = c.groups * GetParam().g.cout, c.in = GetParam().in, c.wbits = GetParam().wbits;
  c.kh = c.kw = 3, c.top = c.left = c.bottom = c.right = 1;
  Net net;
  Builder(c).Build(&net);
  tetra_plan plan = Plan(net.g, Caps(16, false));
  ASSERT_EQ(plan.n_layers, 1);
  EXPECT_EQ(plan.layers[0].compute_bound, GetParam().blocks * 9 * 14 * 14);
  EXPECT_EQ(ArrayCycles(plan), plan.layers[0].compute_bound);
  // Input and output pass once, and so do weights and parameters.
  const int64_t in = (c.cin * tetra_fmt_bits(c.in) / 8 + 15) / 16 * 16, out = (c.cout + 15) / 16 * 16;
  const int64_t weights = GetParam().blocks * 9 * 16 * (tetra_fmt_bits(c.in) == 8 ? 16 : 32);
  EXPECT_EQ(plan.layers[0].dram_bytes, (in + out) * 14 * 14 + weights + out * TETRA_PARAM_BYTES);
  tetra_plan_free(&plan);
}
INSTANTIATE_TEST_SUITE_P(Shape, CompileGroupsCost,
                         testing::Values(Cost{"depthwise_576_w8a8", {"", 576, 1, 1}, TETRA_S8, 8, 36},
                                         Cost{"depthwise_576_w4a8", {"", 576, 1, 1}, TETRA_S8, 4, 36},
                                         Cost{"depthwise_576_w8a4", {"", 576, 1, 1}, TETRA_U4, 8, 36},
                                         Cost{"depthwise_576_w4a4", {"", 576, 1, 1}, TETRA_U4, 4, 18},
                                         Cost{"resnext_32x4d_w8a8", {"", 32, 4, 4}, TETRA_S8, 8, 8},
                                         Cost{"resnext_32x16d_w8a8", {"", 32, 16, 16}, TETRA_S8, 8, 32},
                                         Cost{"resnext_32x32d_w8a8", {"", 32, 32, 32}, TETRA_S8, 8, 128},
                                         Cost{"resnext_32x32d_w4a4", {"", 32, 32, 32}, TETRA_U4, 4, 32},
                                         Cost{"24_wide_w8a8", {"", 4, 24, 24}, TETRA_S8, 8, 2 + 3 + 2 + 2 + 3 + 2}),
                         [](const auto &i) { return std::string(i.param.name); });

// Of a plane whose rows do not fit with all their channels each pass keeps what its tiles read, and all moves once.
TEST(CompileGroupsInSmallBuffers, InputMovesOnce_40x40x64_depthwise_4x4) {
  Case c;
  c.h = c.w = 40, c.cin = c.cout = c.groups = 64, c.kh = c.kw = 3, c.top = c.left = c.bottom = c.right = 1;
  RunCase(c, Caps(4, true));
  Net net;
  Builder(c).Build(&net);
  tetra_plan plan = Plan(net.g, Caps(4, true));
  const int64_t plane = int64_t{40} * 40 * 64, weights = int64_t{64} * 9 * 4, params = 64 * TETRA_PARAM_BYTES;
  EXPECT_EQ(plan.layers[0].dram_bytes, 2 * plane + weights + params);
  tetra_plan_free(&plan);
}

// A tile's weights exceed their buffer and all channels of a row the activations', but not those that a tile reads.
TEST(CompileGroupsInSmallBuffers, WeightsAreStreamed_8x12x256_4x64_4x4) {
  Case c;
  c.h = 8, c.w = 12, c.cin = c.cout = 256, c.groups = 4, c.kh = c.kw = 3, c.top = c.left = c.bottom = c.right = 1;
  c.wbits = 8, c.out = {TETRA_S8};
  RunCase(c, Caps(4, true));
}

// Appends a conv of `in`; returns its output.
int AddConv(tetra_graph *g, int in, int cout, int groups, int k) {
  const tetra_desc d = g->values[in].d;
  tetra_op op = {};
  snprintf(op.name, sizeof op.name, "op%d", g->n_ops);
  op.input = in, op.residual = -1, op.wbits = 8, op.cout = cout, op.groups = groups, op.n_outputs = 1;
  op.win.kh = op.win.kw = k, op.win.stride_y = op.win.stride_x = op.win.dilation_y = op.win.dilation_x = 1;
  op.win.pad.top = op.win.pad.left = op.win.pad.bottom = op.win.pad.right = k / 2;
  const tetra_desc out = {d.n, d.h, d.w, cout, TETRA_S8, 0, 1};
  op.output[0] = tetra_graph_add_value(g, op.name, &out);
  const int count = cout * k * k * (d.c / groups);
  op.weights = static_cast<int8_t *>(malloc(static_cast<size_t>(count)));
  for (int i = 0; i < count; i++) op.weights[i] = static_cast<int8_t>(i * 37 % 201 - 100);
  op.rq[0] = {TETRA_HALF_UP, 0, -128, 127, nullptr};
  op.rq[0].ch = static_cast<tetra_requant_channel *>(calloc(static_cast<size_t>(cout), sizeof *op.rq[0].ch));
  for (int i = 0; i < cout; i++) op.rq[0].ch[i].m = 1 << 20, op.rq[0].ch[i].s = 30;
  const int output = op.output[0];
  EXPECT_GE(tetra_graph_add_op(g, &op), 0);
  return output;
}

// COMPUTEs of the first layer that come behind one of the second.
int Interleaved(const tetra_plan &plan) {
  int second = 0, count = 0;
  for (uint32_t i = 0; i < plan.n_cmds; i++) {
    if (tetra_cmd_get(&plan.cmds[i], TETRA_F_OP) != TETRA_OP_COMPUTE) continue;
    const int layer = static_cast<int>(tetra_cmd_get(&plan.cmds[i], TETRA_F_LAYER));
    second |= layer == 1;
    count += second && layer == 0;
  }
  return count;
}

// Bands of a conv in groups astride blocks alternate with those of its producer, a memory-bound conv: what a tile reads
// lies together all the same.
TEST(CompileGroupsInterleaved, EqualModel_56x56x16_to_100_5x20) {
  Net net;
  const tetra_desc image = {1, 56, 56, 16, TETRA_S8, 0, 1};
  net.g.input = tetra_graph_add_value(&net.g, "in", &image);
  net.g.output = AddConv(&net.g, AddConv(&net.g, net.g.input, 100, 1, 1), 100, 5, 3);
  net.t.assign(3, tetra_tensor{});
  tetra_error err = {};
  ASSERT_EQ(tetra_graph_check(&net.g, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(tetra_tensor_init(&net.t[0], &image, nullptr), TETRA_OK);
  for (size_t i = 0; i < size_t{56} * 56 * 16; i++) net.t[0].data[i] = static_cast<uint8_t>(i * i % 251);
  ASSERT_EQ(tetra_run_graph(&net.g, net.t.data(), TETRA_FAST, &err), TETRA_OK) << err.msg;
  tetra_plan plan = Plan(net.g, Caps(16, false));
  EXPECT_GT(Interleaved(plan), 0);
  tetra_plan_free(&plan);
  CheckPlan(net.g, net.t, Caps(16, false), 1);
}

}  // namespace
