// tetra_graph_check: what it must refuse, and what lies just inside.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "../core_case.h"

namespace {

int Check(const Net &net, std::string *why) {
  tetra_error err = {};
  const int status = tetra_graph_check(&net.g, &err);
  EXPECT_EQ(status, err.code);
  *why = err.msg;
  EXPECT_EQ(why->find('\n'), std::string::npos);
  return status;
}

// Conv of K = 1 with the given weight, u8 input; the accumulator spans 0..255*w or 255*w..0.
void OneTap(Net *net, tetra_res_form form, int8_t weight, tetra_requant_channel channel, int res_zero_point = 0) {
  Case c;
  c.form = form, c.res = TETRA_U8;
  Builder(c).Build(net);
  tetra_op *op = &net->g.ops[Last(*net)];
  op->weights[0] = weight;
  op->rq[0].ch[0] = channel;
  if (form != TETRA_RES_NONE) {
    net->g.values[op->residual].d.zero_point = net->g.ops[0].rq[0].zp = res_zero_point;
  }
}

void ExpectLimit(tetra_res_form form, int8_t weight, tetra_requant_channel inside, tetra_requant_channel outside,
                 const char *text) {
  std::string why;
  Net good, bad;
  OneTap(&good, form, weight, inside);
  EXPECT_EQ(Check(good, &why), TETRA_OK) << why;
  OneTap(&bad, form, weight, outside);
  EXPECT_EQ(Check(bad, &why), TETRA_ERANGE);
  EXPECT_NE(why.find(text), std::string::npos) << why;
  EXPECT_NE(why.find("op)"), std::string::npos) << "must name the op: " << why;
}

TEST(Overflow, AccumulatorPlusBiasAtTheEndsOfInt32) {
  const int top = INT32_MAX - 255 * 127, bottom = INT32_MIN + 255 * 128;
  ExpectLimit(TETRA_RES_NONE, 127, {top, 1, 0, 0, 0, 0, 0}, {top + 1, 1, 0, 0, 0, 0, 0}, "int32");
  ExpectLimit(TETRA_RES_NONE, -128, {bottom, 1, 0, 0, 0, 0, 0}, {bottom - 1, 1, 0, 0, 0, 0, 0}, "int32");
}

// 65793 * 255 * 128 = 2^31 - 128 and a little: K one too large, and the same K with one smaller weight.
TEST(Overflow, SumOfManyProducts_k65794) {
  Case c;
  c.cin = 65794, c.extreme = true;
  for (bool fits : {true, false}) {
    Net net;
    Builder(c).Build(&net);
    tetra_op *op = &net.g.ops[0];
    std::memset(op->weights, -128, 65794);
    op->rq[0].ch[0].bias = 0;
    if (fits) op->weights[5] = op->weights[777] = 0;
    std::string why;
    EXPECT_EQ(Check(net, &why), fits ? TETRA_OK : TETRA_ERANGE) << why;
  }
}

// A bias that brings the sum back does not help: the array adds it last.
TEST(Overflow, RawAccumulatorCountsEvenWhereTheBiasBringsItBack) {
  Case c;
  c.cin = 66000;
  Net net;
  Builder(c).Build(&net);
  std::memset(net.g.ops[0].weights, 127, 66000);
  net.g.ops[0].rq[0].ch[0].bias = -100000000;
  std::string why;
  EXPECT_EQ(Check(net, &why), TETRA_OK) << why;  // 255 * 127 * 66000 = 2137410000
  net.g.ops[0].rq[0].ch[0].bias = 100000000;
  EXPECT_EQ(Check(net, &why), TETRA_ERANGE);
  Net larger;
  c.cin = 67000;
  Builder(c).Build(&larger);
  std::memset(larger.g.ops[0].weights, 127, 67000);
  larger.g.ops[0].rq[0].ch[0].bias = -100000000;
  EXPECT_EQ(Check(larger, &why), TETRA_ERANGE);
}

// A weight of 127 + 127: every array of its sum counts.
TEST(Overflow, WeightsOfSeveralArrays) {
  Case c;
  c.cin = 40000, c.extra = 1;
  Net net;
  Builder(c).Build(&net);
  std::memset(net.g.ops[0].weights, 127, 80000);
  net.g.ops[0].rq[0].ch[0].bias = 0;
  std::string why;
  EXPECT_EQ(Check(net, &why), TETRA_ERANGE);  // 255 * 254 * 40000 = 2590800000
  std::memset(net.g.ops[0].weights + 40000, 0, 40000);
  EXPECT_EQ(Check(net, &why), TETRA_OK) << why;
}

TEST(Overflow, AveragePoolOfALargeWindow) {
  Case c;
  c.kind = TETRA_AVGPOOL, c.h = c.w = 100, c.kh = c.kw = 100;
  Net net;
  Builder(c).Build(&net);
  net.g.ops[0].rq[0].ch[0].bias = INT32_MAX - 2550000;
  std::string why;
  EXPECT_EQ(Check(net, &why), TETRA_OK) << why;
  net.g.ops[0].rq[0].ch[0].bias++;
  EXPECT_EQ(Check(net, &why), TETRA_ERANGE);
}

// (255 * Mr) << 24 against 2^62, and acc*M on top of it.
TEST(Overflow, JointSumAt2To62) {
  const int32_t mr = static_cast<int32_t>((INT64_C(1) << 38) / 255);  // 255 * mr = 2^38 - 64
  const int32_t rest = static_cast<int32_t>((INT64_C(1) << 38) - INT64_C(255) * mr);
  ASSERT_GT(rest, 0);
  ExpectLimit(TETRA_RES_JOINT, 0, {0, 1, 1, 0, 0, 31, 0}, {0, 1, INT32_MAX, 0, 0, 31, 0}, "2^62");
  // The bias is the accumulator: bias * M = rest * 2^24 fills the sum to 2^62 exactly.
  ExpectLimit(TETRA_RES_JOINT, 0, {rest, 1 << 24, mr, 0, 0, 24, 0}, {rest + 1, 1 << 24, mr, 0, 0, 24, 0}, "2^62");
  ExpectLimit(TETRA_RES_JOINT, 0, {0, 1, mr, 62, 0, 24, 0}, {0, 1, mr + 1, 62, 0, 24, 0}, "2^62");
  // So does the fraction: 2^24 = 512 * 2^15.
  ExpectLimit(TETRA_RES_JOINT, 0, {rest - 1, 1 << 24, mr, 0, 0, 24, 512}, {rest - 1, 1 << 24, mr, 0, 0, 24, 513},
              "2^62");
}

// A zero point of 255 makes the residual -255..0: the negative end counts as well.
TEST(Overflow, JointSumAtMinus2To62) {
  const int32_t mr = static_cast<int32_t>((INT64_C(1) << 38) / 255);
  std::string why;
  Net good, bad;
  OneTap(&good, TETRA_RES_JOINT, 0, {0, 1, mr, 0, 0, 24, 0}, 255);
  EXPECT_EQ(Check(good, &why), TETRA_OK) << why;
  OneTap(&bad, TETRA_RES_JOINT, 0, {-65, 1 << 24, mr, 0, 0, 24, 0}, 255);
  EXPECT_EQ(Check(bad, &why), TETRA_ERANGE);
  Net full, over;
  OneTap(&full, TETRA_RES_JOINT, 0, {-63, 1 << 24, mr, 0, 0, 24, -512}, 255);
  EXPECT_EQ(Check(full, &why), TETRA_OK) << why;
  OneTap(&over, TETRA_RES_JOINT, 0, {-63, 1 << 24, mr, 0, 0, 24, -513}, 255);
  EXPECT_EQ(Check(over, &why), TETRA_ERANGE);
}

TEST(Overflow, ResPreSumAtInt32) {
  // Residual term with r = 31: round(255 * 2^20 / 2^31) = 0. acc: 2047 << 20 = 2^31 - 2^20 fits, 2048 << 20 does not.
  ExpectLimit(TETRA_RES_PRE, 0, {2047, 1, 1 << 30, 0, 31, 20, 0}, {2048, 1, 1 << 30, 0, 31, 20, 0}, "int32");
  // 2047 << 20 leaves 2^20 - 1 for the residual: (255 * 2^23 + 2^10) >> 11 = 255 * 2^12 fits, twice as much does not.
  ExpectLimit(TETRA_RES_PRE, 0, {2047, 1, 1 << 23, 0, 0, 20, 0}, {2047, 1, 1 << 24, 0, 0, 20, 0}, "int32");
}

// Residuals of +-255 * 2^10 are 127.5 units: 128 after rounding, -127 below.
TEST(Overflow, ResPreRoundsTheResidualsHalfUp) {
  ExpectLimit(TETRA_RES_PRE, 0, {INT32_MAX - 128, 0, 1024, 0, 0, 0, 0}, {INT32_MAX - 127, 0, 1024, 0, 0, 0, 0},
              "int32");
  std::string why;
  for (const int below : {127, 126}) {
    Net net;
    OneTap(&net, TETRA_RES_PRE, 0, {INT32_MIN + below, 0, 1024, 0, 0, 0, 0}, 255);
    EXPECT_EQ(Check(net, &why), below == 127 ? TETRA_OK : TETRA_ERANGE) << why;
  }
}

// acc' = +-(2^31 - 16000) by the residual, M = 2^31 - 1: 1000 * 2^35 are left to 2^62 (and less than 2^35 more), and
// that is the unit of a fraction with La = 20.
TEST(Overflow, FractionInResPreAt2To62) {
  const int64_t rest = (1 << 20) - 16000;
  const auto up = static_cast<int32_t>((rest * 2048 - 1024 + 254) / 255),
             down = static_cast<int32_t>((rest * 2048 + 1024) / 255);
  ExpectLimit(TETRA_RES_PRE, 0, {2047, INT32_MAX, up, 62, 0, 20, 1000}, {2047, INT32_MAX, up, 62, 0, 20, 1001}, "2^62");
  std::string why;
  Net good, bad;
  OneTap(&good, TETRA_RES_PRE, 0, {-2047, INT32_MAX, down, 62, 0, 20, -1000}, 255);
  EXPECT_EQ(Check(good, &why), TETRA_OK) << why;
  OneTap(&bad, TETRA_RES_PRE, 0, {-2047, INT32_MAX, down, 62, 0, 20, -1001}, 255);
  EXPECT_EQ(Check(bad, &why), TETRA_ERANGE);
}

TEST(Accepts, LargestMultiplierShiftAndFractionOfAPlainOutput) {
  for (int16_t frac : {0, 32767, -32768}) {
    std::string why;
    Net high, low;
    OneTap(&high, TETRA_RES_NONE, 1, {INT32_MAX - 255, INT32_MAX, 0, 62, 0, 0, frac});
    EXPECT_EQ(Check(high, &why), TETRA_OK) << why;
    OneTap(&low, TETRA_RES_NONE, -1, {INT32_MIN + 255, INT32_MAX, 0, 62, 0, 0, frac});
    EXPECT_EQ(Check(low, &why), TETRA_OK) << why;
  }
}

struct Damage {
  const char *name;
  std::function<void(tetra_graph *)> apply;
  const char *text;  // part of the message
};
void PrintTo(const Damage &d, std::ostream *os) { *os << d.name; }

class Malformed : public testing::TestWithParam<Damage> {};

// A good graph - zeros making a residual, then a padded conv with residual and two outputs - damaged in one place.
TEST_P(Malformed, IsRefused) {
  Case c;
  c.n = 2, c.h = 6, c.w = 5, c.cin = 3, c.cout = 4, c.kh = 3, c.kw = 2, c.top = c.right = 1, c.wbits = 4;
  c.form = TETRA_RES_SEPARATE, c.out = {TETRA_U4, TETRA_S8};
  Net net;
  Builder(c).Build(&net);
  std::string why;
  ASSERT_EQ(Check(net, &why), TETRA_OK) << why;
  GetParam().apply(&net.g);
  EXPECT_EQ(Check(net, &why), TETRA_EINVAL);
  EXPECT_NE(why.find(GetParam().text), std::string::npos) << why;
}

#define BREAK(name, text, statement)                                                \
  Damage {                                                                          \
#name, [](tetra_graph *g) { tetra_op *op = &g->ops[1]; statement; (void)op; }, text \
  }

INSTANTIATE_TEST_SUITE_P(
    Graph, Malformed,
    testing::Values(BREAK(InputIndex, "input", g->input = 99), BREAK(OutputIndex, "output", g->output = -1),
                    BREAK(InputHasProducer, "producer", g->values[g->input].producer = 0),
                    BREAK(OrphanValue, "nothing produces", g->values[op->output[1]].producer = -1),
                    BREAK(WrongProducer, "does not produce", g->values[op->output[1]].producer = 0),
                    BREAK(Dimension, "shape", g->values[0].d.h = 0),
                    BREAK(Format, "format", g->values[0].d.fmt = tetra_fmt(7)),
                    BREAK(ZeroPoint, "zero point", g->values[0].d.zero_point = 256),
                    BREAK(Scale, "scale", g->values[0].d.scale = 0),
                    BREAK(ScaleNan, "scale", g->values[0].d.scale = NAN),
                    BREAK(ScaleInfinite, "scale", g->values[0].d.scale = INFINITY),
                    BREAK(ScaleNegative, "scale", g->values[0].d.scale = -0.5),
                    BREAK(Side, "at most", (g->values[0].d = {1, 70000, 1, 1, TETRA_U8, 0, 1.0}))),
    [](const auto &param) { return param.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Op, Malformed,
    testing::Values(
        BREAK(Kind, "kind", op->kind = tetra_op_kind(4)), BREAK(NoOutputs, "does not produce", op->n_outputs = 0),
        BREAK(ThreeOutputs, "outputs", op->n_outputs = 3), BREAK(Operand, "input", op->input = -1),
        BREAK(LaterOperand, "not before", op->input = op->output[0]), BREAK(Kernel, "kh 0", op->win.kh = 0),
        BREAK(LargeKernel, "kw 1025", op->win.kw = 1025), BREAK(Stride, "stride_x", op->win.stride_x = 0),
        BREAK(Dilation, "dilation_y", op->win.dilation_y = -1), BREAK(Padding, "pad_left", op->win.pad.left = -1),
        BREAK(LargePadding, "pad_bottom", op->win.pad.bottom = 1025),
        BREAK(PadCode, "padding code", op->pad_code = g->values[0].d.zero_point + 1),
        BREAK(Shape, "the op gives", op->win.pad.top = 2), BREAK(WeightBits, "weights", op->wbits = 5),
        BREAK(WeightRange, "weight 8", op->weights[40] = 8), BREAK(WeightRangeLow, "weight -9", op->weights[0] = -9),
        BREAK(ArraysOf4Bits, "1 more arrays of weights", op->extra = 1),
        BREAK(NegativeArrays, "-1 more arrays", op->extra = -1), BREAK(ManyArrays, "3 more", op->extra = 3),
        BREAK(NoWeights, "without weights", free(op->weights); op->weights = nullptr),
        BREAK(Channels, "the op gives", op->cout = 3), BREAK(NoGroups, "0 groups", op->groups = 0),
        BREAK(NegativeGroups, "-1 groups", op->groups = -1), BREAK(GroupsOfInputs, "2 groups", op->groups = 2),
        BREAK(GroupsOfOutputs, "divide 3 input and 4 output", op->groups = 3),
        BREAK(StolenOutput, "not its own", g->ops[0].n_outputs = 2; g->ops[0].output[1] = op->output[1]),
        BREAK(SameOutputTwice, "does not produce", op->output[1] = op->output[0]),
        BREAK(OneOutputTwice, "not its own", g->n_values = 3; op->output[1] = op->output[0]),
        BREAK(InputAsOutput, "in is not its own", g->n_values = 3; op->output[1] = g->input),
        BREAK(PoolWithWeights, "only a conv", op->kind = TETRA_MAXPOOL),
        BREAK(FusedPoolKind, "fused pool 2", op->pool = 2), BREAK(FusedPoolPadding, "padding 2", op->pool_pad_top = 2),
        BREAK(FusedPoolWithResidual, "without residual has", op->pool = 1),
        BREAK(AddWithWindow, "kh 3", op->kind = TETRA_ADD),
        BREAK(ResidualForm, "residual form", op->res_form = tetra_res_form(4)),
        BREAK(ResidualWithoutForm, "residual form", op->res_form = TETRA_RES_NONE),
        BREAK(FormWithoutResidual, "residual form", op->residual = -1),
        BREAK(ResidualIndex, "residual 50", op->residual = 50), BREAK(ResidualShape, "residual in", op->residual = 0)),
    [](const auto &param) { return param.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Requant, Malformed,
    testing::Values(BREAK(Rounding, "rounding", op->rq[1].round = tetra_round(5)),
                    BREAK(ZeroPoint, "zero point", op->rq[0].zp ^= 1), BREAK(Clamp, "clamps", op->rq[0].hi = 16),
                    BREAK(ClampOrder, "clamps", op->rq[0].lo = 9; op->rq[0].hi = 8),
                    BREAK(NoParameters, "no parameters", free(op->rq[1].ch); op->rq[1].ch = nullptr),
                    BREAK(Multiplier, "m -1", op->rq[1].ch[3].m = -1),
                    BREAK(ResidualMultiplier, "mr -5", op->rq[1].ch[3].mr = -5),
                    BREAK(Shift, "s 63", op->rq[0].ch[2].s = 63),
                    BREAK(ResidualShift, "sr 63", op->rq[0].ch[2].sr = 63),
                    BREAK(PreShift, "at most 31", op->res_form = TETRA_RES_PRE; op->rq[0].ch[2].sr = 32),
                    BREAK(LeftShift, "lr 32", op->rq[0].ch[0].lr = 32)),
    [](const auto &param) { return param.param.name; });

TEST(Malformed, EmptyGraph) {
  const tetra_graph g = {};
  EXPECT_EQ(tetra_graph_check(&g, nullptr), TETRA_EINVAL);
}

// A pooled plane has at least two rows and columns, so that a window ends in it.
TEST(Malformed, FusedPoolOfASingleRow) {
  for (int side = 1; side < 4; side++) {
    Case c;
    c.h = side, c.w = 5, c.cin = 2, c.cout = 3, c.pool = c.pool_top = 1;
    Net net;
    Builder(c).Build(&net);
    std::string why;
    EXPECT_EQ(Check(net, &why), side == 1 ? TETRA_EINVAL : TETRA_OK) << why;
    EXPECT_EQ(why.find("1x5") != std::string::npos, side == 1) << why;
  }
}

// Parts of an average pool's plane of 3x3, rows and columns from..to-1.
TEST(Malformed, PartsThatLeaveAHole) {
  struct Parts {
    int first[4], second[4];  // y0, y1, x0, x1
    int good;
  };
  for (const Parts &p : {Parts{{0, 2, 0, 3}, {2, 3, 0, 3}, 1}, Parts{{0, 1, 0, 3}, {2, 3, 0, 3}, 0},
                         Parts{{0, 2, 0, 3}, {2, 3, 0, 2}, 0}, Parts{{0, 3, 0, 1}, {0, 3, 1, 3}, 1},
                         Parts{{0, 3, 1, 2}, {0, 3, 2, 3}, 0}}) {
    Case c;
    c.kind = TETRA_AVGPOOL, c.h = c.w = 4, c.kh = c.kw = 2;
    Net net;
    Builder(c).Build(&net);
    tetra_op second = net.g.ops[0];
    second.rq[0].ch = static_cast<tetra_requant_channel *>(calloc(1, sizeof *second.rq[0].ch));
    *second.rq[0].ch = *net.g.ops[0].rq[0].ch;
    ASSERT_EQ(tetra_graph_add_op(&net.g, &second), 1);
    for (int i = 0; i < 2; i++) {
      const int *part = i == 0 ? p.first : p.second;
      tetra_op *op = &net.g.ops[i];
      op->part_y0 = part[0], op->part_y1 = part[1], op->part_x0 = part[2], op->part_x1 = part[3];
    }
    std::string why;
    EXPECT_EQ(Check(net, &why), p.good ? TETRA_OK : TETRA_EINVAL) << why;
    EXPECT_EQ(why.find("do not cover") != std::string::npos, !p.good) << why;
  }
}

// The input as residual of an op that makes one dimension another.
TEST(Malformed, ResidualOfAnotherShape) {
  for (int dimension : {0, 1, 2, 3}) {  // 0: of the same shape
    Case c;
    c.h = 3, c.w = 4, c.cin = c.cout = 2;
    if (dimension == 1) c.kh = 2;
    if (dimension == 2) c.kw = 2;
    if (dimension == 3) c.cout = 1;
    Net net;
    Builder(c).Build(&net);
    net.g.ops[0].residual = net.g.input, net.g.ops[0].res_form = TETRA_RES_SEPARATE;
    std::string why;
    EXPECT_EQ(Check(net, &why), dimension ? TETRA_EINVAL : TETRA_OK) << why;
    EXPECT_EQ(why.find("residual in is 1x3x4x2") != std::string::npos, dimension != 0) << why;
  }
}

TEST(Malformed, AddWithoutResidual) {
  Case c;
  c.kind = TETRA_ADD;
  Net net;
  Builder(c).Build(&net);
  std::string why;
  EXPECT_EQ(Check(net, &why), TETRA_EINVAL);
  EXPECT_NE(why.find("needs a residual"), std::string::npos) << why;
}

TEST(Graph, AddingGrowsCutsNamesAndSetsProducers) {
  Net net;
  const tetra_desc d = {1, 1, 1, 1, TETRA_U8, 0, 1.0};
  for (int i = 0; i < 100; i++) ASSERT_EQ(tetra_graph_add_value(&net.g, std::string(100, 'v').c_str(), &d), i);
  EXPECT_EQ(std::strlen(net.g.values[99].name), size_t{TETRA_NAME_MAX - 1});
  for (int i = 0; i < 99; i++) {
    tetra_op op = {};
    op.n_outputs = 1, op.output[0] = i + 1;
    ASSERT_EQ(tetra_graph_add_op(&net.g, &op), i);
  }
  EXPECT_EQ(net.g.values[0].producer, -1);
  for (int i = 1; i < 100; i++) EXPECT_EQ(net.g.values[i].producer, i - 1);
  tetra_graph_free(&net.g);
  EXPECT_EQ(net.g.values, nullptr);
  EXPECT_EQ(net.g.n_ops, 0);
}

TEST(OutSize, WindowsThatFitAndThatDoNot) {
  tetra_op op = {};
  op.win.kh = 7, op.win.kw = 3, op.win.stride_y = 2, op.win.stride_x = 1, op.win.dilation_y = 1, op.win.dilation_x = 2;
  op.win.pad.top = op.win.pad.bottom = 3;
  EXPECT_EQ(tetra_op_out_h(&op, 224), 112);
  EXPECT_EQ(tetra_op_out_h(&op, 1), 1);
  EXPECT_EQ(tetra_op_out_w(&op, 5), 1);
  EXPECT_EQ(tetra_op_out_w(&op, 4), 0);
  EXPECT_EQ(tetra_op_out_w(&op, 1), 0);
}

}  // namespace
