// Fusing: the graph that is left gives the same codes in every value that it keeps, by the plain loops and as a plan on
// the documented loop nests; what is no clamp stays an op of its own.
#include "tetra/fuse.h"

#include <random>
#include <utility>

#include "../lower/run_case.h"

namespace {

struct Mover {
  tetra_op_kind kind = TETRA_MAXPOOL;
  tetra_fmt fmt = TETRA_U8;
  int window = 1, stride = 1, top = 0, left = 0, bottom = 0, right = 0;
  int zp = 0, lo = 0, hi = 255, m = 1, s = 0;
  int odd_channel = -1;  // one whose factor differs
};

// Appends a pool that reads `value`; returns the value that it makes.
int Append(Net *net, int value, const std::string &name, const Mover &m) {
  const tetra_desc in = net->g.values[value].d;
  tetra_op op = {};
  snprintf(op.name, sizeof op.name, "%s", name.c_str());
  op.kind = m.kind, op.input = value, op.residual = -1, op.win = tetra_window_pixel(), op.cout = in.c, op.groups = 1;
  op.win.kh = op.win.kw = m.window, op.win.stride_y = op.win.stride_x = m.stride;
  op.win.pad = {m.top, m.left, m.bottom, m.right};
  op.pad_code = in.zero_point;
  op.n_outputs = 1;
  const tetra_desc out = {in.n, tetra_op_out_h(&op, in.h), tetra_op_out_w(&op, in.w), in.c, m.fmt, m.zp, in.scale};
  op.output[0] = tetra_graph_add_value(&net->g, (name + ".out").c_str(), &out);
  op.rq[0] = {TETRA_HALF_EVEN, m.zp, m.lo, m.hi, nullptr};
  op.rq[0].ch = static_cast<tetra_requant_channel *>(calloc(static_cast<size_t>(in.c), sizeof(tetra_requant_channel)));
  for (int c = 0; c < in.c; c++) {
    op.rq[0].ch[c].bias = -in.zero_point;
    op.rq[0].ch[c].m = m.m << (c == m.odd_channel);
    op.rq[0].ch[c].s = static_cast<uint8_t>(m.s);
  }
  EXPECT_GE(tetra_graph_add_op(&net->g, &op), 0);
  net->g.output = op.output[0];
  net->t.push_back({});
  return op.output[0];
}

Case ImageConv(unsigned seed, tetra_fmt out) {
  std::mt19937 r(seed);
  auto in = [&](int lo, int hi) { return lo + static_cast<int>(r() % static_cast<unsigned>(hi - lo + 1)); };
  Case c;
  c.seed = seed, c.n = in(1, 2), c.h = in(8, 30), c.w = in(8, 30), c.cin = in(1, 4), c.cout = in(1, 40);
  c.in = Format(&r), c.wbits = in(0, 1) ? 8 : 4, c.out = {out}, c.kh = in(1, 4), c.kw = in(1, 4), c.sy = c.sx = 1;
  c.top = in(0, 1), c.left = in(0, 1);
  return c;
}

void Run(Net *net) {
  tetra_error err = {};
  ASSERT_EQ(tetra_graph_check(&net->g, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(tetra_run_graph(&net->g, net->t.data(), TETRA_REFERENCE, &err), TETRA_OK) << err.msg;
}

// Fuses and compares: `gone` values disappear, all others are what they were.
void Check(Net *net, const tetra_caps &caps, int gone) {
  Run(net);
  if (testing::Test::HasFatalFailure()) return;
  std::vector<std::pair<std::string, tetra_tensor>> before;
  for (int v = 0; v < net->g.n_values; v++) before.push_back({net->g.values[v].name, net->t[static_cast<size_t>(v)]});
  tetra_fused fused = {};
  tetra_error err = {};
  ASSERT_EQ(tetra_fuse(&net->g, &caps, &fused, &err), TETRA_OK) << err.msg;
  EXPECT_EQ(fused.n, gone);
  ASSERT_EQ(net->g.n_values + fused.n, static_cast<int>(before.size()));
  net->t.assign(static_cast<size_t>(net->g.n_values), tetra_tensor{});
  for (auto &[name, tensor] : before) {
    int value = -1;
    for (int v = 0; v < net->g.n_values; v++)
      if (net->g.values[v].name == name) value = v;
    bool named = false;
    for (int k = 0; k < fused.n; k++) named |= name == fused.names[k];
    EXPECT_EQ(named, value < 0) << name;
    if (value == net->g.input) std::swap(net->t[static_cast<size_t>(value)], tensor);
  }
  tetra_fused_free(&fused);
  Run(net);
  for (auto &[name, tensor] : before) {
    for (int v = 0; v < net->g.n_values && tensor.data != nullptr; v++) {
      if (net->g.values[v].name != name) continue;
      const tetra_tensor &t = net->t[static_cast<size_t>(v)];
      const size_t bytes = static_cast<size_t>(t.d.n) * static_cast<size_t>(t.d.h * t.d.w) * t.pixel_bytes;
      EXPECT_EQ(memcmp(t.data, tensor.data, bytes), 0) << name;
    }
    tetra_tensor_free(&tensor);
  }
  CheckPlan(net->g, net->t, caps, 1);
}

TEST(Fuse, ClampsAndMovesOfCodesBecomePartOfTheOpBefore) {
  for (unsigned seed = 1; seed <= 40; seed++) {
    SCOPED_TRACE(seed);
    std::mt19937 r(seed);
    Net net;
    Builder(ImageConv(seed, TETRA_S8)).Build(&net);
    const int zp = net.g.values[net.g.output].d.zero_point;
    Mover relu;
    relu.kind = seed % 2 ? TETRA_MAXPOOL : TETRA_AVGPOOL;
    relu.fmt = seed % 4 < 2 ? TETRA_U8 : TETRA_S8;
    const int least = relu.fmt == TETRA_U8 ? 0 : -128;
    relu.zp = seed % 3 == 0 && relu.fmt == TETRA_S8 ? zp : least + static_cast<int>(r() % 256);
    relu.lo = seed % 5 ? relu.zp : least;
    relu.hi = relu.lo + static_cast<int>(r() % static_cast<unsigned>(least + 256 - relu.lo));
    const int middle = Append(&net, net.g.output, "relu", relu);
    Append(&net, middle, "again", {TETRA_MAXPOOL, relu.fmt, 1, 1, 0, 0, 0, 0, relu.zp, relu.lo, relu.hi});
    Check(&net, Caps(8, false), 2);
    EXPECT_EQ(net.g.n_ops, 1);
  }
}

TEST(Fuse, AClampOfWhatOthersReadIsTheSecondOutput) {
  for (unsigned seed = 1; seed <= 10; seed++) {
    SCOPED_TRACE(seed);
    Net net;
    Builder(ImageConv(seed, TETRA_S8)).Build(&net);
    const int whole = net.g.output, zp = net.g.values[whole].d.zero_point;
    Append(&net, whole, "relu", {TETRA_MAXPOOL, TETRA_S8, 1, 1, 0, 0, 0, 0, zp, zp, 127});
    Append(&net, whole, "other", {TETRA_AVGPOOL, TETRA_S8, 2, 2, 0, 0, 0, 0, 0, -128, 127, 1, 2});
    Check(&net, Caps(8, false), 0);
    EXPECT_EQ(net.g.n_ops, 2);
    EXPECT_EQ(net.g.ops[0].n_outputs, 2);
  }
}

TEST(Fuse, ThePoolBehindTheImagesConvolutionIsPartOfIt) {
  for (unsigned seed = 1; seed <= 40; seed++) {
    SCOPED_TRACE(seed);
    const tetra_fmt fmt = static_cast<tetra_fmt>(seed % 4);
    Net net;
    Builder(ImageConv(seed, fmt)).Build(&net);
    const tetra_desc plane = net.g.values[net.g.output].d;
    const int top = static_cast<int>(seed / 4 % 2), left = static_cast<int>(seed / 8 % 2);
    // As much padding behind the plane as it takes for all of it to be pooled.
    const int bottom = (plane.h + top) % 2 == 0, right = (plane.w + left) % 2 == 0;
    Append(
        &net, net.g.output, "pool",
        {TETRA_MAXPOOL, fmt, 3, 2, top, left, bottom, right, plane.zero_point, tetra_fmt_min(fmt), tetra_fmt_max(fmt)});
    Check(&net, Caps(seed % 3 ? 8 : 4, false), 1);
    EXPECT_EQ(net.g.n_ops, 1);
    EXPECT_STREQ(net.g.ops[0].name, "op+pool");
  }
}

// Quantized in two ways before it is pooled: two pools, which are the convolution's two outputs.
TEST(Fuse, TwoPoolsOfTheImagesConvolutionArePartOfIt) {
  for (unsigned seed = 1; seed <= 12; seed++) {
    SCOPED_TRACE(seed);
    Case c = ImageConv(seed, TETRA_U8);
    c.out = {TETRA_U8, seed % 2 ? TETRA_U4 : TETRA_S8};
    Net net;
    Builder(c).Build(&net);
    const bool other_padding = seed % 4 == 0;
    for (int o = 0; o < 2; o++) {
      const tetra_desc plane = net.g.values[net.g.ops[0].output[o]].d;
      const int top = o && other_padding;
      Append(&net, net.g.ops[0].output[o], o ? "b" : "a",
             {TETRA_MAXPOOL, plane.fmt, 3, 2, top, 0, (plane.h + top) % 2 == 0, plane.w % 2 == 0, plane.zero_point,
              tetra_fmt_min(plane.fmt), tetra_fmt_max(plane.fmt)});
    }
    Check(&net, Caps(8, false), other_padding ? 0 : 2);
    EXPECT_EQ(net.g.n_ops, other_padding ? 3 : 1);
  }
}

TEST(Fuse, WhatIsNoClampStays) {
  const auto stays = [](const Mover &m) {
    Net net;
    Builder(ImageConv(3, TETRA_S8)).Build(&net);
    const tetra_desc d = net.g.values[net.g.output].d;
    Mover exact = m;
    exact.zp = d.zero_point;
    Append(&net, net.g.output, "mover", exact);
    Check(&net, Caps(8, false), 0);
    EXPECT_EQ(net.g.n_ops, 2);
  };
  stays({TETRA_MAXPOOL, TETRA_S8, 1, 1, 0, 0, 0, 0, 0, -128, 127, 3, 1});     // another scale
  stays({TETRA_MAXPOOL, TETRA_S8, 1, 1, 0, 0, 0, 0, 0, -128, 127, 1, 0, 0});  // in one channel
  stays({TETRA_MAXPOOL, TETRA_S8, 1, 2, 0, 0, 0, 0, 0, -128, 127});           // picks pixels
  stays({TETRA_AVGPOOL, TETRA_S8, 1, 1, 1, 0, 0, 0, 0, -128, 127});           // pads
  stays({TETRA_MAXPOOL, TETRA_S8, 3, 1, 1, 1, 1, 1, 0, -128, 127});           // a pool of stride 1
}

// The least of each buffer with which the pool of a 30x30 image's convolution is part of it, and one less.
TEST(Fuse, APoolIsPartWhereThereIsRoomForIt) {
  struct Room {
    int cout;
    std::vector<tetra_fmt> out;
    uint32_t tetra_caps::*buffer;
    uint32_t least;
  };
  for (const Room &r :
       {Room{5, {TETRA_U8}, &tetra_caps::acc_pixels, 60},  // two rows of the plane
        Room{5, {TETRA_U8}, &tetra_caps::act_words, 240},  // those as packed words, 4 a pixel
        Room{5, {TETRA_U8}, &tetra_caps::res_words, 48},   // four rows of the image, 12 words each
        Room{8, {TETRA_U8}, &tetra_caps::pool_words, 15},  // a row of the pool
        Room{9, {TETRA_U8}, &tetra_caps::pool_words, 30},  // of two words a pixel
        Room{9, {TETRA_U4}, &tetra_caps::pool_words, 15}, Room{8, {TETRA_U8, TETRA_S8}, &tetra_caps::pool_words, 30},
        Room{9, {TETRA_U8, TETRA_U4}, &tetra_caps::pool_words, 45}}) {
    for (const uint32_t lacks : {0u, 1u}) {
      SCOPED_TRACE(std::to_string(r.cout) + " channels, least " + std::to_string(r.least));
      Case c = ImageConv(5, TETRA_U8);
      c.n = 1, c.h = c.w = 30, c.cin = 3, c.in = TETRA_S8, c.wbits = 8, c.kh = c.kw = 3, c.cout = r.cout, c.out = r.out;
      c.top = c.left = c.bottom = c.right = 1;
      Net net;
      Builder(c).Build(&net);
      for (size_t o = 0; o < r.out.size(); o++) {
        const tetra_desc d = net.g.values[net.g.ops[0].output[o]].d;
        Append(&net, net.g.ops[0].output[o], o ? "b" : "a",
               {TETRA_MAXPOOL, d.fmt, 3, 2, 1, 1, 1, 1, d.zero_point, tetra_fmt_min(d.fmt), tetra_fmt_max(d.fmt)});
      }
      tetra_caps caps = Caps(8, false);
      caps.*r.buffer = r.least - lacks;
      tetra_fused fused = {};
      tetra_error err = {};
      ASSERT_EQ(tetra_fuse(&net.g, &caps, &fused, &err), TETRA_OK) << err.msg;
      EXPECT_EQ(fused.n, lacks ? 0 : static_cast<int>(r.out.size()));
      tetra_fused_free(&fused);
    }
  }
}

TEST(Fuse, APoolWithoutRoomForTwoRowsStays) {
  Case c = ImageConv(5, TETRA_U8);
  c.h = c.w = 30, c.kh = c.kw = 3, c.top = c.left = 1;
  for (const uint32_t pixels : {32u, 64u}) {
    Net net;
    Builder(c).Build(&net);
    const tetra_desc d = net.g.values[net.g.output].d;
    Append(&net, net.g.output, "pool", {TETRA_MAXPOOL, TETRA_U8, 3, 2, 1, 1, d.h % 2, d.w % 2, d.zero_point, 0, 255});
    tetra_caps caps = Caps(8, false);
    caps.acc_pixels = pixels;
    Check(&net, caps, pixels == 64);
  }
}

}  // namespace
