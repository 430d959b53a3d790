// Lowering: random single ops, run on the documented loop nests against the C model.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>

#include "../plan_digest.h"
#include "run_case.h"

namespace {

Case RandomCase(unsigned seed) {
  std::mt19937 r(seed);
  auto in = [&](int lo, int hi) { return lo + static_cast<int>(r() % static_cast<unsigned>(hi - lo + 1)); };
  Case c;
  c.seed = seed;
  c.kind = static_cast<tetra_op_kind>(in(0, 9) < 6 ? 0 : in(1, 3));
  c.n = in(0, 3) ? 1 : in(2, 5);
  c.h = in(1, 20), c.w = in(1, 20), c.cin = in(0, 2) ? in(1, 70) : in(1, 4), c.cout = in(1, 70);
  c.in = Format(&r), c.res = Format(&r), c.wbits = in(0, 1) ? 8 : 4;
  c.form = static_cast<tetra_res_form>(in(0, 3));
  c.out = {Format(&r)};
  if (in(0, 1)) c.out.push_back(Format(&r));
  c.round = static_cast<tetra_round>(in(0, 4));
  if (c.kind == TETRA_ADD) {
    c.cout = c.cin;
    if (c.form == TETRA_RES_NONE) c.form = TETRA_RES_JOINT;
    return c;
  }
  if (c.kind != TETRA_CONV) c.cout = c.cin, c.form = TETRA_RES_NONE;
  c.kh = in(1, std::min(5, c.h)), c.kw = in(1, std::min(5, c.w)), c.sy = in(1, 3), c.sx = in(1, 3);
  if (c.kind == TETRA_CONV)
    c.dy = in(1, (c.h - 1) / std::max(1, c.kh - 1) > 1 ? 2 : 1), c.dx = c.w > 2 * c.kw ? in(1, 2) : 1;
  if (c.kind == TETRA_CONV && c.wbits == 8 && in(0, 3) == 0) c.extra = in(1, 2);
  c.top = in(0, c.kh - 1), c.left = in(0, c.kw - 1), c.bottom = in(0, c.kh - 1), c.right = in(0, c.kw - 1);
  return c;
}

class CompileOp : public testing::TestWithParam<int> {};

TEST_P(CompileOp, RandomOpsEqualModelDefaultBuffers) {
  for (unsigned i = 0; i < 40; i++)
    RunCase(RandomCase(static_cast<unsigned>(GetParam()) * 1000 + i), Caps(static_cast<uint32_t>(GetParam()), false));
}
TEST_P(CompileOp, RandomOpsEqualModelSmallBuffers) {
  for (unsigned i = 40; i < 80; i++) {
    const Case c = RandomCase(static_cast<unsigned>(GetParam()) * 1000 + i);
    if (c.w > 12 && c.cin > 40) continue;  // a row must fit
    RunCase(RandomCase(static_cast<unsigned>(GetParam()) * 1000 + i), Caps(static_cast<uint32_t>(GetParam()), true));
  }
}
INSTANTIATE_TEST_SUITE_P(Array, CompileOp, testing::Values(4, 8, 16, 32),
                         [](const auto &i) { return std::to_string(i.param) + "x" + std::to_string(i.param); });

// Commands of all of them, of default and small buffers: a change that is meant to leave plans as they are shows where
// it does not, as in ../digest_test.cc.
TEST_P(CompileOp, RandomOpsArePlannedTheSameOnEveryMachine) {
  const auto n = static_cast<uint32_t>(GetParam());
  uint64_t h = TETRA_HASH_START;
  int planned = 0;
  for (unsigned i = 0; i < 160; i++) {
    Net net;
    Builder(RandomCase(n * 1000 + i)).Build(&net);
    tetra_compile_options o;
    tetra_compile_defaults(&o);
    o.reuse_memory = i & 1;
    tetra_plan plan = {};
    const tetra_caps caps = Caps(n, i >= 80);
    if (tetra_compile(&net.g, &caps, &o, &plan, nullptr) == TETRA_OK) {
      h = AddPlan(h, plan, false);
      planned++;
    }
    tetra_plan_free(&plan);
  }
  EXPECT_GT(planned, 100);
  static const std::map<uint32_t, uint64_t> want = {
      {4, 1601403166253849306u}, {8, 9237630734954768619u}, {16, 10895067058973493447u}, {32, 9830372517244416919u}};
  EXPECT_EQ(h, want.at(n)) << n;
}

// Of a second array of weights only the k-steps that have a weight cost anything, whichever way the op is lowered.
TEST(CompileExtra, KStepsWithoutWeightsTakeNoTime) {
  for (const int place : {-1, 0, 1}) {
    Case c;
    c.h = c.w = 12, c.cin = 40, c.cout = 20, c.kh = c.kw = 3, c.top = c.left = c.bottom = c.right = 1, c.extra = 1;
    if (place == 1) c.cin = 3;  // packed
    Net net;
    Builder(c).Build(&net);
    const int kernel = 9 * c.cin, array = c.cout * kernel;
    int8_t *second = net.g.ops[0].weights + array;
    std::memset(second, 0, static_cast<size_t>(array));
    if (place >= 0) second[18 * kernel + 4 * c.cin + 1] = 5;  // output channel 18, the middle, input channel 1
    tetra_compile_options o;
    tetra_compile_defaults(&o);
    tetra_plan plan;
    tetra_error err = {};
    const tetra_caps caps = Caps(8, false);
    ASSERT_EQ(tetra_compile(&net.g, &caps, &o, &plan, &err), TETRA_OK) << err.msg;
    const int64_t steps = c.cin == 3 ? 4 : 9 * 5;  // 27 words of 8, or 40 channels, for each of three slices
    EXPECT_EQ(plan.layers[0].compute_bound, (3 * steps + (place >= 0)) * 144);
    tetra_plan_free(&plan);
    net.t[static_cast<size_t>(net.g.output)] = tetra_tensor{};
    ASSERT_EQ(tetra_graph_check(&net.g, &err), TETRA_OK) << err.msg;
    ASSERT_EQ(tetra_run_graph(&net.g, net.t.data(), TETRA_REFERENCE, &err), TETRA_OK) << err.msg;
    CheckPlan(net.g, net.t, caps, 1);
  }
}

// An average pool whose edge windows are divided by fewer elements: nine ops, each a rectangle of the two outputs.
TEST(CompileParts, AveragePoolEdgesEqualModel) {
  for (int seed = 0; seed < 8; seed++) {
    SCOPED_TRACE(seed);
    Case c;
    c.kind = TETRA_AVGPOOL, c.n = 1 + seed % 2, c.h = 9 + seed, c.w = 12, c.cin = c.cout = 20 + seed, c.kh = c.kw = 3;
    c.top = c.left = c.bottom = c.right = 1, c.in = static_cast<tetra_fmt>(seed % 4),
    c.seed = static_cast<unsigned>(seed);
    c.out = {TETRA_S8, TETRA_U4};
    Net net;
    Builder(c).Build(&net);
    const tetra_op whole = net.g.ops[0];
    const tetra_desc d = net.g.values[whole.output[0]].d;
    const int ys[4] = {0, 1, d.h - 1, d.h}, xs[4] = {0, 1, d.w - 1, d.w};
    net.g.n_ops = 0;
    for (int i = 0; i < 9; i++) {
      tetra_op op = whole;
      op.part_y0 = ys[i / 3], op.part_y1 = ys[i / 3 + 1], op.part_x0 = xs[i % 3], op.part_x1 = xs[i % 3 + 1];
      for (int o = 0; o < 2; o++) {
        const size_t bytes = static_cast<size_t>(c.cout) * sizeof(tetra_requant_channel);
        op.rq[o].ch = static_cast<tetra_requant_channel *>(malloc(bytes));
        memcpy(op.rq[o].ch, whole.rq[o].ch, bytes);
        for (int k = 0; k < c.cout; k++) op.rq[o].ch[k].m = op.rq[o].ch[k].m / (i + 1);
      }
      ASSERT_EQ(tetra_graph_add_op(&net.g, &op), i);
    }
    free(whole.rq[0].ch);
    free(whole.rq[1].ch);
    tetra_error err = {};
    ASSERT_EQ(tetra_graph_check(&net.g, &err), TETRA_OK) << err.msg;
    tetra_tensor ref[2] = {};
    ASSERT_EQ(tetra_run_graph(&net.g, net.t.data(), TETRA_REFERENCE, &err), TETRA_OK) << err.msg;
    for (int o = 0; o < 2; o++) std::swap(ref[o], net.t[static_cast<size_t>(whole.output[o])]);
    ASSERT_EQ(tetra_run_graph(&net.g, net.t.data(), TETRA_FAST, &err), TETRA_OK) << err.msg;
    for (int o = 0; o < 2; o++) {
      const tetra_tensor &t = net.t[static_cast<size_t>(whole.output[o])];
      EXPECT_EQ(memcmp(t.data, ref[o].data, static_cast<size_t>(t.d.n * t.d.h * t.d.w) * t.pixel_bytes), 0);
      tetra_tensor_free(&ref[o]);
    }
    CheckPlan(net.g, net.t, Caps(8, seed & 1), 1);
    // A hole or an overlap is refused.
    net.g.ops[4].part_x1--;
    EXPECT_EQ(tetra_graph_check(&net.g, &err), TETRA_EINVAL);
    net.g.ops[4].part_x1 += 2;
    EXPECT_EQ(tetra_graph_check(&net.g, &err), TETRA_EINVAL);
  }
}

// Convs over an image with a fused pool: one and several row tiles, channel tiles that share the line buffer or take
// turns in it, one tile that ends no window by itself (even planes without padding), batches.
class CompilePool : public testing::TestWithParam<int> {};

TEST_P(CompilePool, ImageConvsEqualModel) {
  for (unsigned i = 0; i < 48; i++) {
    std::mt19937 r(static_cast<unsigned>(GetParam()) * 100 + i);
    auto in = [&](int lo, int hi) { return lo + static_cast<int>(r() % static_cast<unsigned>(hi - lo + 1)); };
    Case c;
    c.seed = i, c.n = in(1, 2), c.h = in(8, 40), c.w = in(8, 40), c.cin = in(1, 4), c.cout = in(1, 70);
    c.in = Format(&r), c.wbits = in(0, 1) ? 8 : 4, c.out = {Format(&r)};
    if (in(0, 1)) c.out.push_back(Format(&r));
    c.kh = in(1, 5), c.kw = in(1, 5), c.sy = in(1, 2), c.sx = in(1, 2), c.top = in(0, 1), c.left = in(0, 1);
    if (c.wbits == 8 && i % 3 == 0) c.extra = 1;
    c.pool = 1, c.pool_top = in(0, 1), c.pool_left = in(0, 1), c.round = static_cast<tetra_round>(i % 5);
    const bool small = i % 2;
    if (small) c.w = std::min(c.w, 30);
    tetra_caps caps = Caps(static_cast<uint32_t>(GetParam()), small);
    if (small) caps.pool_words = 64;
    SCOPED_TRACE(Name(c) + " case " + std::to_string(i));
    Net net;
    Builder(c).Build(&net);
    tetra_error err = {};
    ASSERT_EQ(tetra_graph_check(&net.g, &err), TETRA_OK) << err.msg;
    ASSERT_EQ(tetra_run_graph(&net.g, net.t.data(), TETRA_REFERENCE, &err), TETRA_OK) << err.msg;
    CheckPlan(net.g, net.t, caps, static_cast<int>(i & 1));
  }
}
INSTANTIATE_TEST_SUITE_P(Array, CompilePool, testing::Values(4, 8, 16, 32, 64),
                         [](const auto &i) { return std::to_string(i.param) + "x" + std::to_string(i.param); });

}  // namespace
