// Long, flat and widely strided planes: every command is one that the hardware accepts, and the results are right.
#include <gtest/gtest.h>

#include <random>

#include "../../../cmodel/core_case.h"
#include "../plan_check.h"

namespace {

uint32_t Get(const tetra_cmd &c, tetra_field f) { return tetra_cmd_get(&c, f); }

// The rules of docs/commands.md that fetch checks; an empty string where the command keeps them.
std::string Broken(const tetra_cmd &c, const tetra_caps &caps) {
  const uint32_t pixels = Get(c, TETRA_F_COMP_OY) * Get(c, TETRA_F_COMP_OX), rows = Get(c, TETRA_F_PACK_RING_ROWS);
  switch (Get(c, TETRA_F_OP)) {
    case TETRA_OP_LOAD:
      if (!Get(c, TETRA_F_LOAD_BEATS) || !Get(c, TETRA_F_LOAD_COUNT)) return "nothing to load";
      return Get(c, TETRA_F_LOAD_ADDR) % caps.n || Get(c, TETRA_F_LOAD_ADDR_STRIDE) % caps.n ? "misaligned" : "";
    case TETRA_OP_PACK:
      if (!rows || !Get(c, TETRA_F_PACK_KH) || !Get(c, TETRA_F_PACK_SEG) || !Get(c, TETRA_F_PACK_OY)) return "count 0";
      if (!Get(c, TETRA_F_PACK_OX) || !Get(c, TETRA_F_PACK_SY)) return "count 0";
      if (Get(c, TETRA_F_PACK_SLOT) >= rows || Get(c, TETRA_F_PACK_SY) > rows) return "SLOT or SY beyond the ring";
      return Get(c, TETRA_F_PACK_ROW_ELEMS) >> 15 || Get(c, TETRA_F_PACK_H) >> 15 ? "extent of the image" : "";
    case TETRA_OP_COMPUTE:
      if (!Get(c, TETRA_F_COMP_KB) || !Get(c, TETRA_F_COMP_KH) || !Get(c, TETRA_F_COMP_KW)) return "count 0";
      if (pixels == 0 || pixels > caps.acc_pixels) return "pixels";
      if (Get(c, TETRA_F_COMP_H) >> 15 || Get(c, TETRA_F_COMP_W) >> 15) return "extent of the input";
      return !Get(c, TETRA_F_COMP_ACT8) && Get(c, TETRA_F_COMP_WGT_BASE) % 2 ? "odd WGT_BASE" : "";
    case TETRA_OP_STORE:
      if (!Get(c, TETRA_F_STORE_PIXELS) || Get(c, TETRA_F_STORE_PIXELS) > caps.acc_pixels) return "pixels";
      return Get(c, TETRA_F_STORE_SEG_BEATS) ? "" : "count 0";
    case TETRA_OP_SYNC:
      return "";
    default:
      return "operation";
  }
}

void CheckCommands(const tetra_graph &g, const tetra_caps &caps) {
  tetra_compile_options o;
  tetra_compile_defaults(&o);
  tetra_plan plan;
  tetra_error err = {};
  if (tetra_compile(&g, &caps, &o, &plan, &err) == TETRA_OK) {
    for (uint32_t i = 0; i < plan.n_cmds; i++) {
      EXPECT_EQ(Broken(plan.cmds[i], caps), "") << "command " << i;
      if (testing::Test::HasFailure()) break;
    }
  }
  tetra_plan_free(&plan);
}

// h x w x cin; kernel, stride.
Case Shape(int h, int w, int cin, int kh, int kw, int sy, int sx, tetra_fmt in) {
  Case c;
  c.h = h, c.w = w, c.cin = cin, c.cout = 5, c.kh = kh, c.kw = kw, c.sy = sy, c.sx = sx, c.in = in, c.wbits = 4;
  c.left = kw / 2;
  return c;
}

class CompileShape : public testing::TestWithParam<Case> {};

TEST_P(CompileShape, IsLegalAndEqualsModelOnEveryArray) {
  Net net;
  Builder(GetParam()).Build(&net);
  tetra_error err = {};
  ASSERT_EQ(tetra_graph_check(&net.g, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(tetra_run_graph(&net.g, net.t.data(), TETRA_FAST, &err), TETRA_OK) << err.msg;
  for (uint32_t n : {4u, 8u, 16u, 32u, 64u}) {
    SCOPED_TRACE("array " + std::to_string(n));
    CheckCommands(net.g, tetra_caps_default(n));
    CheckPlan(net.g, net.t, tetra_caps_default(n), 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Signals, CompileShape,
                         testing::Values(Shape(1, 7435, 1, 1, 7, 4, 2, TETRA_S8),
                                         Shape(2, 5001, 2, 2, 3, 3, 3, TETRA_U4),
                                         Shape(4, 210, 4, 2, 5, 255, 255, TETRA_U4),
                                         Shape(497, 96, 3, 12, 7, 108, 3, TETRA_U8)),
                         [](const auto &i) { return Name(i.param); });
// 32767 and 32768 elements in a row: what PACK can count, and what it cannot.
INSTANTIATE_TEST_SUITE_P(Widest, CompileShape,
                         testing::Values(Shape(1, 10922, 3, 1, 9, 1, 64, TETRA_S4),
                                         Shape(1, 16384, 2, 1, 9, 1, 64, TETRA_U4),
                                         Shape(1, 16384, 4, 1, 9, 1, 128, TETRA_U8)),
                         [](const auto &i) { return Name(i.param); });

TEST(CompileShapes, RandomOnesGiveLegalCommands) {
  for (unsigned seed = 0; seed < 400; seed++) {
    std::mt19937 r(seed);
    auto below = [&r](int n) { return static_cast<int>(r() % static_cast<unsigned>(n)); };
    auto log = [&](int most) { return std::min(most, 1 + below(1 << below(15))); };
    Case c = Shape(log(16384), log(16384), 1 + below(9), 1, 1, log(255), log(255), static_cast<tetra_fmt>(below(4)));
    c.seed = seed;
    c.kind = below(4) ? TETRA_CONV : TETRA_MAXPOOL;
    if (c.kind == TETRA_MAXPOOL) c.cout = c.cin;
    if (static_cast<long>(c.h) * c.w > 100000) c.h = 1 + 100000 / c.w;
    c.kh = 1 + below(std::min(c.h, 40)), c.kw = 1 + below(std::min(c.w, 40)), c.left = below(c.kw), c.top = below(c.kh);
    SCOPED_TRACE(Name(c));
    Net net;
    Builder(c).Build(&net);
    tetra_error err = {};
    if (tetra_graph_check(&net.g, &err) == TETRA_OK) CheckCommands(net.g, tetra_caps_default(4u << seed % 5));
  }
}

}  // namespace
