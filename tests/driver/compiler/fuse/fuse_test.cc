// Fusing: the graph that is left gives the same codes in every value that it keeps, by the plain loops and as a plan on
// the documented loop nests; what is no clamp stays an op of its own.
#include <random>

#include "mover.h"

namespace {

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
    for (int k = 0; k < 2; k++) {
      const int o = seed % 3 ? k : !k;  // in either order
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
    Case c = ImageConv(3, TETRA_S8);
    c.cout = 3;
    Builder(c).Build(&net);
    const tetra_desc d = net.g.values[net.g.output].d;
    Mover exact = m;
    exact.zp = d.zero_point;
    Append(&net, net.g.output, "mover", exact);
    Check(&net, Caps(8, false), 0);
    EXPECT_EQ(net.g.n_ops, 2);
  };
  stays({TETRA_MAXPOOL, TETRA_S8, 1, 1, 0, 0, 0, 0, 0, -128, 127, 3, 1});  // another scale
  for (const int field : {0, 1, 2, 3})
    for (const int channel : {0, 1, 2})
      stays({TETRA_MAXPOOL, TETRA_S8, 1, 1, 0, 0, 0, 0, 0, -128, 127, 1, 0, channel, field});  // in one channel
  stays({TETRA_MAXPOOL, TETRA_S8, 1, 2, 0, 0, 0, 0, 0, -128, 127});                            // picks pixels
  stays({TETRA_AVGPOOL, TETRA_S8, 1, 1, 1, 0, 0, 0, 0, -128, 127});                            // pads
  stays({TETRA_MAXPOOL, TETRA_S8, 3, 1, 1, 1, 1, 1, 0, -128, 127});                            // a pool of stride 1
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
