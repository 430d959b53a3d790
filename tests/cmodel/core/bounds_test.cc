// tetra_graph_check: both sides of every bound that it states.
#include <gtest/gtest.h>

#include <functional>

#include "../core_case.h"
#include "tetra/outline.h"

namespace {

constexpr long long kNone = INT64_MAX;  // no bound at this end, or none of its own

// A field, its message, and what it may be. What lies inside may still be wrong beside the other fields.
struct Bound {
  const char *name, *text;
  long long low, high;
  std::function<void(tetra_graph *, int)> set;
};
void PrintTo(const Bound &b, std::ostream *os) { *os << b.name; }

void ExpectBound(const Bound &b, const Case &c) {
  for (int end : {0, 1})
    for (int beyond : {0, 1}) {
      const long long bound = end ? b.high : b.low;
      if (bound == kNone) continue;
      const int value = static_cast<int>(bound + (end ? beyond : -beyond));
      Net net;
      Builder(c).Build(&net);
      const int ops = net.g.n_ops;
      b.set(&net.g, value);
      tetra_error err = {};
      const int status = tetra_graph_check(&net.g, &err);
      net.g.n_ops = ops;  // all are to be freed
      EXPECT_TRUE(!beyond || status == TETRA_EINVAL) << value;
      EXPECT_EQ(std::string(err.msg).find(b.text) != std::string::npos, beyond == 1) << value << ": " << err.msg;
    }
}

class Bounds : public testing::TestWithParam<Bound> {};

// Of a graph of zeros that make a residual, and a padded conv with two outputs.
TEST_P(Bounds, RefusedOutsideAndOnlyThere) {
  Case c;
  c.n = 2, c.h = 6, c.w = 5, c.cin = 3, c.cout = 4, c.kh = 3, c.kw = 2, c.top = c.right = 1, c.wbits = 4;
  c.form = TETRA_RES_SEPARATE, c.out = {TETRA_U4, TETRA_S8};
  ExpectBound(GetParam(), c);
}

#define BOUND(name, text, low, high, ...)                                                               \
  Bound {                                                                                               \
#name, text, low, high, [](tetra_graph *g, int v) { tetra_op *op = &g->ops[1]; __VA_ARGS__; (void)op; } \
  }
#define NAMED [](const auto &param) { return param.param.name; }

void SetPlane(tetra_graph *g, int h, int w, int c) { g->values[0].d = {1, h, w, c, TETRA_U8, 0, 1.0}; }

void SetCode(tetra_graph *g, tetra_fmt fmt, int zero_point) {
  g->values[0].d.fmt = fmt, g->values[0].d.zero_point = zero_point;
}

INSTANTIATE_TEST_SUITE_P(Value, Bounds,
                         testing::Values(BOUND(Input, "must be values, 0..3", 0, 3, g->input = v),
                                         BOUND(Output, "must be values, 0..3", 0, 3, g->output = v),
                                         BOUND(Values, "graph with", 1, kNone, g->n_values = v),
                                         BOUND(Ops, "graph with", 1, kNone, g->n_ops = v),
                                         BOUND(Images, "shape", 1, kNone, g->values[0].d.n = v),
                                         BOUND(Height, "shape", 1, kNone, g->values[0].d.h = v),
                                         BOUND(Width, "shape", 1, kNone, g->values[0].d.w = v),
                                         BOUND(Channels, "shape", 1, kNone, g->values[0].d.c = v),
                                         BOUND(Tallest, "at most", kNone, TETRA_SIDE_MAX, SetPlane(g, v, 1, 1)),
                                         BOUND(Widest, "at most", kNone, TETRA_SIDE_MAX, SetPlane(g, 1, v, 1)),
                                         BOUND(ZeroPointU8, "is not a code", 0, 255, SetCode(g, TETRA_U8, v)),
                                         BOUND(ZeroPointS8, "is not a code", -128, 127, SetCode(g, TETRA_S8, v)),
                                         BOUND(ZeroPointU4, "is not a code", 0, 15, SetCode(g, TETRA_U4, v)),
                                         BOUND(ZeroPointS4, "is not a code", -8, 7, SetCode(g, TETRA_S4, v)),
                                         BOUND(Format, "is none of", 0, 3, SetCode(g, tetra_fmt(v), 0)),
                                         BOUND(Producer, "nothing produces", 0, 1, g->values[3].producer = v),
                                         BOUND(OutputsProducer, "does not produce", 1, 1,
                                               g->values[3].producer = v == 2 ? 0 : v)),
                         NAMED);

INSTANTIATE_TEST_SUITE_P(
    Op, Bounds,
    testing::Values(BOUND(Kind, "must be 0..3", 0, 3, op->kind = tetra_op_kind(v)),
                    BOUND(Outputs, "must be 1 or 2", kNone, 2, op->n_outputs = v),
                    BOUND(OperandOfAll, "is not a value, must be 0..3", 0, 3, op->input = v),
                    BOUND(OperandFromBefore, "not before it", kNone, 1, op->input = v),
                    BOUND(OutputOfAll, "is not a value", 0, 2, g->n_values = 3; op->output[1] = v),
                    BOUND(FourBits, "-bit weights", 4, 4, op->wbits = v),
                    BOUND(EightBits, "-bit weights", 8, 8, op->wbits = v),
                    BOUND(FirstWeight, "is not in -8..7", -8, 7, op->weights[0] = static_cast<int8_t>(v)),
                    BOUND(LastWeight, "channel 3 is not in -8..7", -8, 7, op->weights[71] = static_cast<int8_t>(v)),
                    BOUND(OutputChannels, "output channels", 1, kNone, op->cout = v),
                    BOUND(Groups, "groups, must be at least 1", 1, 1, op->groups = v),
                    BOUND(Arrays, "must be 0..2", 0, TETRA_MAX_EXTRA, op->wbits = 8; op->extra = v; free(op->weights);
                          op->weights = static_cast<int8_t *>(calloc(4, 72))),
                    BOUND(PadCode, "padding code", 7, 7, g->values[0].d.zero_point = 7; op->pad_code = v;
                          g->ops[0].pad_code = 7),
                    BOUND(ResidualForm, "residual form", 1, 3, op->res_form = tetra_res_form(v)),
                    BOUND(Residual, "residual", 1, 1, op->residual = v)),
    NAMED);

template <typename Set>
Bound Field(const char *name, int low, int high, Set set) {
  return {name, name, low, high, [set](tetra_graph *g, int v) {
            g->ops[1].wbits = 8;  // so that nothing looks at more weights than there are
            set(&g->ops[1].win, v);
          }};
}
#define FIELD(name, low, field) Field(name, low, TETRA_WINDOW_MAX, [](tetra_window *w, int v) { w->field = v; })

INSTANTIATE_TEST_SUITE_P(Window, Bounds,
                         testing::Values(FIELD("kh", 1, kh), FIELD("kw", 1, kw), FIELD("stride_y", 1, stride_y),
                                         FIELD("stride_x", 1, stride_x), FIELD("dilation_y", 1, dilation_y),
                                         FIELD("dilation_x", 1, dilation_x), FIELD("pad_top", 0, pad.top),
                                         FIELD("pad_left", 0, pad.left), FIELD("pad_bottom", 0, pad.bottom),
                                         FIELD("pad_right", 0, pad.right)),
                         NAMED);

void Add(tetra_op *op) { op->kind = TETRA_ADD, op->win = tetra_window_pixel(); }
void Pool(tetra_op *op) { op->pool = 1; }

INSTANTIATE_TEST_SUITE_P(Other, Bounds,
                         testing::Values(BOUND(AddsKernel, "kw", 1, 1, Add(op); op->win.kw = v),
                                         BOUND(AddsStride, "stride_y", 1, 1, Add(op); op->win.stride_y = v),
                                         BOUND(AddsPadding, "pad_right", 0, 0, Add(op); op->win.pad.right = v),
                                         BOUND(FusedPool, "or 1 each", 0, 1, op->pool = v),
                                         BOUND(FusedPoolTop, "or 1 each", 0, 1, Pool(op); op->pool_pad_top = v),
                                         BOUND(FusedPoolLeft, "or 1 each", 0, 1, Pool(op); op->pool_pad_left = v),
                                         BOUND(NoPoolsTop, "or 1 each", 0, 0, op->pool_pad_top = v),
                                         BOUND(NoPoolsLeft, "or 1 each", 0, 0, op->pool_pad_left = v)),
                         NAMED);

void SetShifts(tetra_op *op, uint8_t shift) {
  op->res_form = TETRA_RES_PRE;
  for (const tetra_requant &rq : op->rq)
    for (int c = 0; c < 4; c++) rq.ch[c].sr = shift;
}

INSTANTIATE_TEST_SUITE_P(
    Requant, Bounds,
    testing::Values(BOUND(Rounding, "must be 0..4", 0, 4, op->rq[1].round = tetra_round(v)),
                    BOUND(ZeroPoint, "its value", 3, 3, g->values[2].d.zero_point = 3; op->rq[0].zp = v),
                    BOUND(Low, "clamps", 0, 15, op->rq[0].lo = v; op->rq[0].hi = 15),
                    BOUND(High, "clamps", 0, 15, op->rq[0].lo = 0; op->rq[0].hi = v),
                    BOUND(LowOf8Bits, "clamps", -128, 127, op->rq[1].lo = v; op->rq[1].hi = 127),
                    BOUND(HighOf8Bits, "clamps", -128, 127, op->rq[1].lo = -128; op->rq[1].hi = v),
                    BOUND(LowUpToHigh, "clamps", kNone, 9, op->rq[0].lo = v; op->rq[0].hi = 9),
                    BOUND(Multiplier, "must not be negative", 0, kNone, op->rq[1].ch[3].m = v),
                    BOUND(ResidualMultiplier, "must not be negative", 0, kNone, op->rq[1].ch[3].mr = v),
                    BOUND(Shift, "at most 62", kNone, 62, op->rq[1].ch[0].s = static_cast<uint8_t>(v)),
                    BOUND(ResidualShift, "at most 62", kNone, 62, op->rq[1].ch[0].sr = static_cast<uint8_t>(v)),
                    BOUND(LeftShift, "at most 31", kNone, 31, op->rq[0].ch[1].lr = static_cast<uint8_t>(v)),
                    BOUND(PreShift, "at most 31", kNone, 31, SetShifts(op, 31);
                          op->rq[0].ch[2].sr = static_cast<uint8_t>(v))),
    NAMED);

class Parts : public testing::TestWithParam<Bound> {};

// Of an average pool's plane of 3 x 3, one part of which is op 0's.
TEST_P(Parts, RefusedOutsideAndOnlyThere) {
  Case c;
  c.kind = TETRA_AVGPOOL, c.h = c.w = 4, c.kh = c.kw = 2;
  ExpectBound(GetParam(), c);
}

#define PART(name, low, high, field)                                                                              \
  Bound {                                                                                                         \
#name, "is not inside", low, high, [](tetra_graph *g, int v) {                                                  \
      tetra_op *op = &g->ops[0];                                                                                \
      op->part_y0 = op->part_x0 = 1, op->part_y1 = op->part_x1 = 2, op->field = v;                              \
    } \
  }

INSTANTIATE_TEST_SUITE_P(All, Parts,
                         testing::Values(PART(Top, 0, 1, part_y0), PART(Bottom, 2, 3, part_y1),
                                         PART(Left, 0, 1, part_x0), PART(Right, 2, 3, part_x1)),
                         NAMED);

// 2^31 - 1 elements and weights are allowed, 2^31 are not; such weights are not there, so that it is an outline.
TEST(Outline, SizesBelow2To31) {
  const std::string most = "must be below 2^31";
  for (int cout : {INT32_MAX, 1 << 30}) {
    Net net;
    Builder(Case()).Build(&net);
    tetra_op *op = &net.g.ops[0];
    std::free(op->weights);
    op->weights = nullptr;
    tetra_error err = {};
    EXPECT_EQ(tetra_graph_check_outline(&net.g, &err), TETRA_OK) << err.msg;
    EXPECT_EQ(tetra_graph_check(&net.g, &err), TETRA_EINVAL);
    op->cout = cout;
    op->win.kh = cout < INT32_MAX ? 2 : 1;
    EXPECT_EQ(tetra_graph_check_outline(&net.g, &err), TETRA_EINVAL);
    EXPECT_EQ(std::string(err.msg).find(most) != std::string::npos, cout < INT32_MAX) << err.msg;
  }
  for (int n : {1, 2}) {
    Net net;
    Builder(Case()).Build(&net);
    tetra_error err = {};
    net.g.ops[0].cout = 2;  // so that nothing looks at the weights
    net.g.values[0].d = {n, 1, 1, n == 1 ? INT32_MAX : 1 << 30, TETRA_U8, 0, 1.0};
    EXPECT_EQ(tetra_graph_check(&net.g, &err), TETRA_EINVAL);
    EXPECT_EQ(std::string(err.msg).find("below 2^31 elements") != std::string::npos, n == 2) << err.msg;
  }
}

}  // namespace
