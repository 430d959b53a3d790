// The plain loops against results worked out by hand, and how ops are run.
#include <gtest/gtest.h>

#include <cstring>

#include "../core_case.h"

namespace {

// A graph of one op with M = 1, S = 0: the output's code is the accumulator.
Case Shape(tetra_op_kind kind, int h, int w, int cin, tetra_fmt in, tetra_fmt out) {
  Case c;
  c.kind = kind, c.h = h, c.w = w, c.cin = cin, c.cout = cin, c.in = in, c.out = {out};
  return c;
}

void Plain(Net *net, int zero_point = 0) {
  tetra_op *op = &net->g.ops[Last(*net)];
  net->g.values[op->input].d.zero_point = op->pad_code = zero_point;
  for (int o = 0; o < op->n_outputs; o++) {
    tetra_desc *d = &net->g.values[op->output[o]].d;
    d->zero_point = 0;
    op->rq[o] = {TETRA_FLOOR, 0, tetra_fmt_min(d->fmt), tetra_fmt_max(d->fmt), op->rq[o].ch};
    for (int c = 0; c < op->cout; c++) op->rq[o].ch[c] = {0, 1, 0, 0, 0, 0, 0};
  }
}

// Runs the op on `in` (NHWC) by both backends and returns the codes of output o.
std::vector<int16_t> Codes(Net *net, const std::vector<int16_t> &in, int o = 0) {
  tetra_error err = {};
  EXPECT_EQ(tetra_graph_check(&net->g, &err), TETRA_OK) << err.msg;
  const tetra_op &op = net->g.ops[Last(*net)];
  tetra_tensor_pack(&net->t[static_cast<size_t>(op.input)], in.data());
  tetra_tensor *t = &net->t[static_cast<size_t>(op.output[o])];
  std::vector<int16_t> codes[2];
  for (auto backend : {TETRA_REFERENCE, TETRA_FAST}) {
    EXPECT_EQ(tetra_run_op(&net->g, Last(*net), net->t.data(), backend, &err), TETRA_OK) << err.msg;
    codes[backend].resize(static_cast<size_t>(t->d.n * t->d.h * t->d.w * t->d.c));
    tetra_tensor_unpack(t, codes[backend].data());
    std::memset(t->data, 0, static_cast<size_t>(t->d.n * t->d.h * t->d.w) * t->pixel_bytes);
  }
  EXPECT_EQ(codes[0], codes[1]);
  return codes[0];
}

TEST(Conv, WeightOrderIsCoutKhKwCin_1x2x2x2_k2x2x1) {
  Case c = Shape(TETRA_CONV, 2, 2, 2, TETRA_U8, TETRA_U8);
  c.kh = c.kw = 2, c.cout = 1;
  Net net;
  Builder(c).Build(&net);
  Plain(&net);
  const int8_t weights[8] = {1, 2, 3, 4, 5, 6, 7, -8};
  std::memcpy(net.g.ops[0].weights, weights, sizeof weights);
  EXPECT_EQ(Codes(&net, {1, 0, 2, 0, 0, 3, 0, 1}), (std::vector<int16_t>{1 + 6 + 18 - 8}));
  EXPECT_EQ(tetra_op_accumulator(&net.g, 0, net.t.data(), 0, 0, 0, 0), 17);
}

TEST(Conv, AWeightIsTheSumOfItsArrays_1x1x2x3_k1x1x2) {
  Case c = Shape(TETRA_CONV, 1, 2, 3, TETRA_U8, TETRA_U8);
  c.cout = 2, c.extra = 2;
  Net net;
  Builder(c).Build(&net);
  Plain(&net);
  const int8_t weights[18] = {127, 0, -2, 1, 2, 3, 100, 0, 0, 0, 5, 0, 1, 0, 0, 0, 0, -1};
  std::memcpy(net.g.ops[0].weights, weights, sizeof weights);
  // 228, 0, -2 and 1, 7, 2
  EXPECT_EQ(Codes(&net, {1, 9, 3, 0, 2, 10}), (std::vector<int16_t>{222, 1 + 63 + 6, 0, 14 + 20}));
}

// 'SAME' padding of a 3x3 stride-2 conv on an even size: nothing before, one after; padding is the zero point's code.
TEST(Conv, PadsAfterOnlyWithTheZeroPoint_1x4x4x1_k3x3x1_s2x2_p0011) {
  Case c = Shape(TETRA_CONV, 4, 4, 1, TETRA_U8, TETRA_U8);
  c.kh = c.kw = 3, c.sy = c.sx = 2, c.bottom = c.right = 1;
  Net net;
  Builder(c).Build(&net);
  Plain(&net, 3);
  std::memset(net.g.ops[0].weights, 1, 9);
  EXPECT_EQ(Codes(&net, std::vector<int16_t>(16, 1)), (std::vector<int16_t>{9, 6 + 9, 6 + 9, 4 + 15}));
}

TEST(Conv, DilationSkipsPixels_1x1x5x1_k1x3x1_d1x2) {
  Case c = Shape(TETRA_CONV, 1, 5, 1, TETRA_S4, TETRA_S8);
  c.kw = 3, c.dx = 2;
  Net net;
  Builder(c).Build(&net);
  Plain(&net);
  const int8_t weights[3] = {1, -2, 3};
  std::memcpy(net.g.ops[0].weights, weights, sizeof weights);
  EXPECT_EQ(Codes(&net, {-8, 7, 5, 7, 2}), (std::vector<int16_t>{-8 - 10 + 6}));
}

TEST(Conv, WeightsUseTheFullRange_s8_times_s8) {
  Case c = Shape(TETRA_CONV, 1, 1, 2, TETRA_S8, TETRA_U8);
  c.cout = 2;
  Net net;
  Builder(c).Build(&net);
  Plain(&net);
  const int8_t weights[4] = {-128, 0, 0, 127};
  std::memcpy(net.g.ops[0].weights, weights, sizeof weights);
  for (int i = 0; i < 2; i++) net.g.ops[0].rq[0].ch[i] = {0, 1, 0, 7, 0, 0, 0};
  EXPECT_EQ(Codes(&net, {-128, 127}), (std::vector<int16_t>{128, 126}));
}

// Each output comes from the accumulator: the second is 2*acc, not twice the clamped first code.
TEST(Conv, TwoOutputsBothFromTheAccumulator_s4_and_u8) {
  Case c = Shape(TETRA_CONV, 1, 1, 1, TETRA_U8, TETRA_S4);
  c.out = {TETRA_S4, TETRA_U8};
  Net net;
  Builder(c).Build(&net);
  Plain(&net);
  net.g.ops[0].weights[0] = 1;
  net.g.ops[0].rq[1].ch[0].m = 2;
  EXPECT_EQ(Codes(&net, {100}, 0), (std::vector<int16_t>{7}));
  EXPECT_EQ(Codes(&net, {100}, 1), (std::vector<int16_t>{200}));
}

// Output channels 0 and 1 read input channels 0 and 1, 2 and 3 the others; weights are [cout][kh][kw][cin / groups].
TEST(Conv, GroupsReadTheirOwnChannels_1x1x2x4_k1x2x4_g2) {
  Case c = Shape(TETRA_CONV, 1, 2, 4, TETRA_U8, TETRA_S8);
  c.kw = 2, c.groups = 2;
  Net net;
  Builder(c).Build(&net);
  Plain(&net);
  const int8_t weights[16] = {1, 0, 0, 0, 0, 2, 0, 0, 1, 0, 0, 0, 1, 2, 3, -4};
  std::memcpy(net.g.ops[0].weights, weights, sizeof weights);
  EXPECT_EQ(Codes(&net, {1, 2, 3, 4, 5, 6, 7, 8}), (std::vector<int16_t>{1, 4, 3, 3 + 8 + 21 - 32}));
  EXPECT_EQ(tetra_op_macs(&net.g, 0), 16);
}

// Depthwise, two outputs of each input channel.
TEST(Conv, DepthwiseHasAChannelAGroup_1x1x1x3_k1x1x6_g3) {
  Case c = Shape(TETRA_CONV, 1, 1, 3, TETRA_S8, TETRA_S8);
  c.cout = 6, c.groups = 3;
  Net net;
  Builder(c).Build(&net);
  Plain(&net);
  const int8_t weights[6] = {1, 2, 3, 4, 5, 6};
  std::memcpy(net.g.ops[0].weights, weights, sizeof weights);
  EXPECT_EQ(Codes(&net, {-1, 2, 10}), (std::vector<int16_t>{-1, -2, 6, 8, 50, 60}));
  EXPECT_EQ(tetra_op_macs(&net.g, 0), 6);
}

// Weights within a group prove what its outputs can reach: those of others do not count.
TEST(Conv, RangeOfAGroupIsItsOwn_65536_of_131072) {
  Case c = Shape(TETRA_CONV, 1, 1, 131072, TETRA_U8, TETRA_S8);
  c.cout = 2;
  for (int groups : {1, 2}) {
    c.groups = groups;
    Net net;
    Builder(c).Build(&net);
    tetra_error err = {};
    std::memset(net.g.ops[0].weights, -128, 2 * 131072 / static_cast<size_t>(groups));
    for (int i = 0; i < 2; i++) net.g.ops[0].rq[0].ch[i] = {0, 1, 0, 0, 0, 0, 0};
    EXPECT_EQ(tetra_graph_check(&net.g, &err), groups == 1 ? TETRA_ERANGE : TETRA_OK) << err.msg;
  }
}

TEST(MaxPool, PaddingNeverWins_1x2x2x1_k3x3_p1111_s8_all_negative) {
  Case c = Shape(TETRA_MAXPOOL, 2, 2, 1, TETRA_S8, TETRA_S8);
  c.kh = c.kw = 3, c.top = c.left = c.bottom = c.right = 1;
  Net net;
  Builder(c).Build(&net);
  Plain(&net);  // a padding code of 0 would be larger than every input
  EXPECT_EQ(Codes(&net, {-128, -5, -7, -100}), (std::vector<int16_t>{-5, -5, -5, -5}));
}

TEST(MaxPool, StrideAndAfterPadding_1x4x4x1_k3x3_s2x2_p0011) {
  Case c = Shape(TETRA_MAXPOOL, 4, 4, 1, TETRA_U4, TETRA_U8);
  c.kh = c.kw = 3, c.sy = c.sx = 2, c.bottom = c.right = 1;
  Net net;
  Builder(c).Build(&net);
  Plain(&net);
  EXPECT_EQ(Codes(&net, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0}),
            (std::vector<int16_t>{11, 12, 15, 15}));
}

TEST(AvgPool, SumsRawCodesAndPadsWithTheZeroPoint_1x2x2x1_k2x2_p0001) {
  Case c = Shape(TETRA_AVGPOOL, 2, 2, 1, TETRA_S4, TETRA_S8);
  c.kh = c.kw = 2, c.right = 1;
  Net net;
  Builder(c).Build(&net);
  Plain(&net, -3);
  EXPECT_EQ(Codes(&net, {-8, 7, -8, 7}), (std::vector<int16_t>{-2, 14 - 6}));
}

TEST(Add, SubtractsTheResidualsZeroPoint_u8_zp_100) {
  Case c = Shape(TETRA_ADD, 1, 2, 1, TETRA_S8, TETRA_S8);
  c.form = TETRA_RES_JOINT, c.res = TETRA_U8;
  Net net;
  Builder(c).Build(&net);
  Plain(&net);
  net.g.values[net.g.ops[1].residual].d.zero_point = net.g.ops[0].rq[0].zp = 100;
  tetra_tensor *res = &net.t[static_cast<size_t>(net.g.ops[1].residual)];
  res->d.zero_point = 100;
  net.g.ops[1].rq[0].ch[0].mr = 1;
  tetra_tensor_set(res, 0, 0, 0, 0, 90);
  tetra_tensor_set(res, 0, 0, 1, 0, 130);
  EXPECT_EQ(Codes(&net, {-20, 5}), (std::vector<int16_t>{-30, 35}));
}

// The residual's term is (res * Mr + 2^10) >> 11, then half away from zero by r: ties and both signs.
TEST(Add, ResPreRoundsTheResidualTwice_s8) {
  for (int r : {0, 1}) {
    Case c = Shape(TETRA_ADD, 1, 6, 1, TETRA_S8, TETRA_S8);
    c.form = TETRA_RES_PRE, c.res = TETRA_S8, c.round = TETRA_FLOOR;
    Net net;
    Builder(c).Build(&net);
    Plain(&net);
    net.g.values[net.g.ops[1].residual].d.zero_point = net.g.ops[0].rq[0].zp = 0;
    tetra_tensor *res = &net.t[static_cast<size_t>(net.g.ops[1].residual)];
    res->d.zero_point = 0;
    net.g.ops[1].rq[0].ch[0] = {0, 1, 1024, 0, static_cast<uint8_t>(r), 1, 0};
    const int codes[6] = {0, 1, 2, -1, -2, -5};
    for (int x = 0; x < 6; x++) tetra_tensor_set(res, 0, 0, x, 0, codes[x]);
    const std::vector<int16_t> once = {20, 21, 21, 20, 19, 18}, twice = {20, 21, 21, 20, 19, 19};
    EXPECT_EQ(Codes(&net, std::vector<int16_t>(6, 10)), r ? twice : once) << "r " << r;
  }
}

// A conv feeding two convs by two outputs, and an add joining them again: the whole graph by both backends.
TEST(RunGraph, TwoOutputsJoinedByAnAdd) {
  Net net;
  const tetra_desc in = {2, 3, 3, 2, TETRA_U8, 0, 1.0};
  tetra_desc mid = in;
  const int x = tetra_graph_add_value(&net.g, "x", &in);
  mid.fmt = TETRA_S4;
  const int a = tetra_graph_add_value(&net.g, "a", &mid);
  mid.fmt = TETRA_U4;
  const int b = tetra_graph_add_value(&net.g, "b", &mid);
  mid.fmt = TETRA_S8;
  const int y = tetra_graph_add_value(&net.g, "y", &mid);
  auto channels = [](int m, int s) {
    auto *ch = static_cast<tetra_requant_channel *>(calloc(2, sizeof(tetra_requant_channel)));
    for (int c = 0; c < 2; c++) ch[c].m = m, ch[c].mr = 4, ch[c].s = static_cast<uint8_t>(s);
    return ch;
  };
  tetra_op pool = {};
  pool.kind = TETRA_AVGPOOL, pool.input = x, pool.residual = -1, pool.cout = 2;
  pool.win.kh = pool.win.kw = 3, pool.win.stride_y = pool.win.stride_x = pool.win.dilation_y = pool.win.dilation_x = 1;
  pool.win.pad.top = pool.win.pad.left = pool.win.pad.bottom = pool.win.pad.right = 1;
  pool.n_outputs = 2, pool.output[0] = a, pool.output[1] = b;
  pool.rq[0] = {TETRA_HALF_UP, 0, -8, 7, channels(1, 8)};
  pool.rq[1] = {TETRA_FLOOR, 0, 0, 15, channels(1, 7)};
  EXPECT_GE(tetra_graph_add_op(&net.g, &pool), 0);
  tetra_op add = {};
  add.kind = TETRA_ADD, add.input = a, add.residual = b, add.res_form = TETRA_RES_JOINT, add.cout = 2;
  add.win.kh = add.win.kw = add.win.stride_y = add.win.stride_x = add.win.dilation_y = add.win.dilation_x = 1;
  add.n_outputs = 1, add.output[0] = y;
  add.rq[0] = {TETRA_HALF_EVEN, 0, -128, 127, channels(3, 1)};
  EXPECT_GE(tetra_graph_add_op(&net.g, &add), 0);
  net.g.input = x, net.g.output = y;
  tetra_error err = {};
  ASSERT_EQ(tetra_graph_check(&net.g, &err), TETRA_OK) << err.msg;
  for (auto backend : {TETRA_REFERENCE, TETRA_FAST}) {
    net.t.assign(4, tetra_tensor{});
    ASSERT_EQ(tetra_tensor_init(&net.t[0], &in, nullptr), TETRA_OK);
    for (size_t i = 0; i < 36; i++) net.t[0].data[i] = static_cast<uint8_t>(7 * i);
    ASSERT_EQ(tetra_run_graph(&net.g, net.t.data(), backend, &err), TETRA_OK) << err.msg;
    // Corner pixel, image 1, channel 0: codes 18, 20, 24 and 26 of a run of 7s: sum 7 * 88 = 616.
    EXPECT_EQ(tetra_op_accumulator(&net.g, 0, net.t.data(), 1, 0, 0, 0), 616);
    EXPECT_EQ(tetra_tensor_get(&net.t[1], 1, 0, 0, 0), 2);  // 2.4
    EXPECT_EQ(tetra_tensor_get(&net.t[2], 1, 0, 0, 0), 4);  // 4.8
    EXPECT_EQ(tetra_tensor_get(&net.t[3], 1, 0, 0, 0), (3 * 2 + 4 * 4) / 2);
    for (auto &t : net.t) tetra_tensor_free(&t);
  }
}

TEST(RunOp, RefusesMissingAndMismatchedTensors) {
  Net net;
  Builder(Shape(TETRA_CONV, 3, 3, 2, TETRA_U8, TETRA_U8)).Build(&net);
  tetra_error err = {};
  EXPECT_EQ(tetra_run_op(&net.g, 1, net.t.data(), TETRA_FAST, &err), TETRA_EINVAL);
  EXPECT_STREQ(err.msg, "op 1: must be 0..0");
  EXPECT_EQ(tetra_run_op(&net.g, -1, net.t.data(), TETRA_FAST, &err), TETRA_EINVAL);
  net.t[0].d.fmt = TETRA_S8;
  EXPECT_EQ(tetra_run_op(&net.g, 0, net.t.data(), TETRA_FAST, &err), TETRA_EINVAL);
  EXPECT_NE(std::string(err.msg).find("in is s8 1x3x3x2"), std::string::npos) << err.msg;
  tetra_tensor_free(&net.t[0]);
  EXPECT_EQ(tetra_run_op(&net.g, 0, net.t.data(), TETRA_REFERENCE, &err), TETRA_EINVAL);
  EXPECT_EQ(net.t[1].data, nullptr);
}

TEST(Macs, CountsPaddingAndBatch) {
  Net net;
  Case c = Shape(TETRA_CONV, 56, 56, 64, TETRA_U8, TETRA_U8);
  c.n = 2, c.kh = c.kw = 3, c.top = c.left = c.bottom = c.right = 1;
  Builder(c).Build(&net);
  EXPECT_EQ(tetra_op_macs(&net.g, 0), 2 * INT64_C(115605504));
  Net pool;
  Builder(Shape(TETRA_MAXPOOL, 4, 4, 4, TETRA_U8, TETRA_U8)).Build(&pool);
  EXPECT_EQ(tetra_op_macs(&pool.g, 0), 0);
}

}  // namespace
