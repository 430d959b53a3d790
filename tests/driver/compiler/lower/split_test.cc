// Convolutions split over k: kernels, rows and strides that no command takes whole, in small buffers.
#include <gtest/gtest.h>

#include "run_case.h"

namespace {

// A dense layer over h x w x cin.
Case Dense(int h, int w, int cin, int cout, tetra_fmt in, int wbits) {
  Case c;
  c.h = c.kh = h, c.w = c.kw = w, c.cin = cin, c.cout = cout, c.in = in, c.wbits = wbits, c.regular = true;
  return c;
}

Case With(Case c, void (*change)(Case *c)) {
  change(&c);
  return c;
}

class CompileSplit : public testing::TestWithParam<Case> {};

TEST_P(CompileSplit, EqualModel) { RunCase(GetParam(), Caps(4, true)); }

INSTANTIATE_TEST_SUITE_P(
    , CompileSplit,
    testing::Values(Dense(12, 12, 9, 5, TETRA_U8, 8), Dense(13, 11, 17, 19, TETRA_S8, 8),
                    Dense(20, 15, 9, 10, TETRA_U4, 4), Dense(9, 40, 6, 3, TETRA_S4, 8),
                    Dense(300, 3, 5, 4, TETRA_U8, 4),
                    With(Dense(12, 12, 6, 13, TETRA_U8, 8), [](Case *c) { c->n = 3; }),
                    With(Dense(12, 12, 6, 13, TETRA_U8, 8), [](Case *c) { c->extra = 1; }),
                    With(Dense(12, 12, 6, 13, TETRA_U8, 8), [](Case *c) { c->form = TETRA_RES_JOINT; }),
                    With(Dense(12, 13, 6, 13, TETRA_S8, 8),
                         [](Case *c) {
                           c->out = {TETRA_S8, TETRA_U4};
                         }),
                    With(Dense(12, 12, 8, 8, TETRA_S8, 8), [](Case *c) { c->groups = 4; }),
                    With(Dense(13, 13, 6, 5, TETRA_U8, 8), [](Case *c) { c->h = c->w = 19, c->sy = 2, c->top = 4; }),
                    With(Dense(13, 2, 6, 5, TETRA_U8, 8), [](Case *c) { c->h = 270, c->dy = 20, c->bottom = 1; }),
                    With(Dense(3, 3, 6, 5, TETRA_U8, 8),
                         [](Case *c) { c->h = 270, c->w = 5, c->sy = 256, c->top = c->left = 1; }),
                    With(Dense(1, 3, 6, 5, TETRA_U8, 8), [](Case *c) { c->w = 300, c->h = 3, c->sx = 257; }),
                    With(Dense(2, 2, 6, 5, TETRA_U8, 8), [](Case *c) { c->h = 260, c->w = 2, c->dy = 256; }),
                    // the image itself, which no PACK takes
                    With(Dense(2, 2, 3, 5, TETRA_U8, 8), [](Case *c) { c->h = 270, c->w = 3, c->sy = 260; })),
    [](const auto &i) { return Name(i.param); });

TEST(CompileSplitPool, EqualModelWithLongStrides) {
  for (const tetra_op_kind kind : {TETRA_MAXPOOL, TETRA_AVGPOOL}) {
    Case c;
    c.kind = kind, c.h = 300, c.w = 3, c.cin = c.cout = 5, c.kh = c.kw = 2, c.sy = 270;
    RunCase(c, Caps(4, true));
    c.h = 3, c.w = 300, c.sy = 1, c.sx = 257;
    RunCase(c, Caps(4, true));
  }
}

// All weights pass once, and no more.
TEST(CompileSplitCost, WeightsMoveOnce) {
  const Case c = Dense(40, 40, 16, 32, TETRA_U8, 8);
  Net net;
  Builder(c).Build(&net);
  tetra_compile_options o;
  tetra_compile_defaults(&o);
  tetra_plan plan;
  tetra_error err = {};
  const tetra_caps caps = {16, 1024, 2048, 512, 16, 64, 512, 64};
  ASSERT_EQ(tetra_compile(&net.g, &caps, &o, &plan, &err), TETRA_OK) << err.msg;
  const int64_t weights = int64_t{40} * 40 * 16 * 32, input = int64_t{40} * 40 * 16;
  EXPECT_EQ(plan.layers[0].dram_bytes, weights + input + 32 + 32 * TETRA_PARAM_BYTES);
  EXPECT_EQ(plan.layers[0].compute_bound, 40 * 40 * 2 * 16);
  tetra_plan_free(&plan);
}

}  // namespace
