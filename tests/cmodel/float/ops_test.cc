// Float operations of the calibration run, by hand: planes, windows and padding small enough to do in one's head.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <vector>

#include "tetra/float_graph.h"

extern "C" {
#include "float/ops.h"
}

namespace {

struct Tensor {
  ftensor t = {};
  Tensor() = default;
  Tensor(int n, int h, int w, int c, std::initializer_list<float> v) {
    EXPECT_EQ(ftensor_init(&t, n, h, w, c, nullptr), TETRA_OK);
    EXPECT_EQ(v.size(), ftensor_size(&t));
    std::copy(v.begin(), v.end(), t.v);
  }
  Tensor(const Tensor &) = delete;
  Tensor &operator=(const Tensor &) = delete;
  ~Tensor() { ftensor_free(&t); }
  std::vector<float> values() const { return std::vector<float>(t.v, t.v + ftensor_size(&t)); }
};

tetra_window Window(int k, int stride, int pad) {
  tetra_window w = tetra_window_pixel();
  w.kh = w.kw = k, w.stride_y = w.stride_x = stride;
  w.pad.top = w.pad.left = w.pad.bottom = w.pad.right = pad;
  return w;
}

TEST(FloatConv, WeightOrderIsCoutKhKwCin_1x2x2x2_k2x2) {
  const Tensor in(1, 2, 2, 2, {1, 2, 3, 4, 5, 6, 7, 8});
  const float w[16] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 100};  // in(0,0,0); 10 in(0,0,1) + 100 in(1,1,1)
  const tetra_window win = Window(2, 1, 0);
  Tensor out;
  ASSERT_EQ(float_conv(&win, 2, &in.t, w, &out.t, nullptr), TETRA_OK);
  EXPECT_EQ(out.values(), (std::vector<float>{1, 820}));
}

TEST(FloatConv, PaddingIsZero_1x3x3x1_k3x3_s2x2_p1111) {
  const Tensor in(1, 3, 3, 1, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const float w[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  const tetra_window win = Window(3, 2, 1);
  Tensor out;
  ASSERT_EQ(float_conv(&win, 1, &in.t, w, &out.t, nullptr), TETRA_OK);
  EXPECT_EQ(out.values(), (std::vector<float>{12, 16, 24, 28}));
}

TEST(FloatMaxPool, PaddingNeverWins_1x2x2x1_k3x3_p1111_all_negative) {
  const tetra_window win = Window(3, 2, 1);
  for (int at = 0; at < 4; at++) {  // wherever the largest is
    Tensor in(1, 2, 2, 1, {-4, -3, -2, -5}), out;
    in.t.v[at] = -1;
    ASSERT_EQ(float_maxpool(&win, &in.t, &out.t, nullptr), TETRA_OK);
    EXPECT_EQ(out.values(), (std::vector<float>{-1})) << at;
  }
}

TEST(FloatPlaneSum, OfEachImageAndChannel_2x1x2x2) {
  const Tensor in(2, 1, 2, 2, {1, 10, 2, 20, 3, 30, 4, 40});
  Tensor out;
  ASSERT_EQ(float_plane_sum(&in.t, &out.t, nullptr), TETRA_OK);
  EXPECT_EQ(out.values(), (std::vector<float>{3, 30, 7, 70}));
}

TEST(FloatMoments, AreOfTheFirstImagesAndBiased_2x1x2x1) {
  const Tensor in(2, 1, 2, 1, {1, 3, 100, 100});
  double mean = 0, var = 0;
  float_moments(&in.t, 1, &mean, &var);
  EXPECT_EQ(mean, 2);
  EXPECT_EQ(var, 1);
  float_moments(&in.t, 0, &mean, &var);
  EXPECT_EQ(mean, 0);
  EXPECT_EQ(var, 1);
}

TEST(FloatPointwise, AffineAddAndReluInThisOrder_1x1x2x2) {
  const Tensor in(1, 1, 2, 2, {1, 1, -1, 2}), other(1, 1, 2, 2, {1, 1, 1, 1});
  Tensor out(1, 1, 2, 2, {0, 0, 0, 0});
  const double mult[2] = {2, -3}, offset[2] = {0.5, 1};
  float_affine(&in.t, mult, offset, &out.t);
  EXPECT_EQ(out.values(), (std::vector<float>{2.5f, -2, -1.5f, -5}));
  float_add(&out.t, &other.t, 0.5f);
  EXPECT_EQ(out.values(), (std::vector<float>{3, -1.5f, -1, -4.5f}));
  float_relu(&out.t);
  EXPECT_EQ(out.values(), (std::vector<float>{3, 0, 0, 0}));
}

// One node on an input of two images, 2 x 3 x 2: the numbers 1 to 12, then their negatives.
struct OneNode {
  tetra_float_node node[1] = {};
  tetra_float_value value[2] = {};
  tetra_float_graph g = {};
  std::vector<float> in;
  OneNode(tetra_float_kind kind, int in1) {
    g.nodes = node, g.values = value, g.n_values = 1;
    value[0].h = 2, value[0].w = 3, value[0].c = 2, value[0].producer = -1;
    for (int i = 0; i < 24; i++) in.push_back(static_cast<float>(i < 12 ? i + 1 : 11 - i));
    node[0] = *tetra_float_graph_add(&g, kind, "node", "out", 0, in1);
    node[0].win = tetra_window_pixel();
    g.output = node[0].out;
  }
  // Shape, then what is computed: of the whole graph, which must be what the node alone makes.
  std::vector<float> Run(int h, int w, int c) {
    EXPECT_EQ(tetra_float_shape(&g, node), 1);
    const tetra_float_value &out = value[1];
    EXPECT_EQ(std::vector<int>({out.h, out.w, out.c}), std::vector<int>({h, w, c}));
    float *alone = nullptr, *whole = nullptr;
    const float *const operands[2] = {in.data(), in.data()};
    EXPECT_EQ(tetra_float_run(&g, node, 2, operands, nullptr, nullptr, &alone, nullptr), TETRA_OK);
    EXPECT_EQ(tetra_float_run_graph(&g, in.data(), 2, &whole, nullptr), TETRA_OK);
    const std::vector<float> got(alone, alone + tetra_float_size(&out, 2));
    EXPECT_EQ(got, std::vector<float>(whole, whole + got.size()));
    std::free(alone);
    std::free(whole);
    return got;
  }
};

TEST(FloatGraph, PickTakesStepsAndPadsWithZeros) {
  OneNode n(TETRA_FLOAT_PICK, -1);
  n.node[0].picks.y = {1, 1, 1};
  n.node[0].picks.x = {0, 2, 0};
  n.node[0].picks.c = {1, 1, 1};
  n.node[0].win.pad.left = 1, n.node[0].win.pad.bottom = 1;
  n.node[0].c_before = 1;
  // Row 1, columns 0 and 2, channel 1: 8 and 12; a zero channel before, a column of zeros before, a row after.
  const std::vector<float> want = {0, 0, 0, 8, 0, 12, 0, 0, 0, 0, 0, 0};
  const std::vector<float> got = n.Run(2, 3, 2);
  for (size_t i = 0; i < 12; i++) {
    EXPECT_EQ(got[i], want[i]) << i;
    EXPECT_EQ(got[12 + i], -want[i]) << i;
  }
}

TEST(FloatGraph, AveragePoolCountsWhatItMay) {
  OneNode n(TETRA_FLOAT_AVGPOOL, -1);
  n.node[0].win = Window(2, 2, 0);
  n.node[0].win.pad.right = 1;
  const std::vector<float> want = {5, 6, 8, 9}, got = n.Run(1, 2, 2);  // (1+3+7+9)/4 and so on; (5+11)/2
  for (size_t i = 0; i < 4; i++) {
    EXPECT_EQ(got[i], want[i]) << i;
    EXPECT_EQ(got[4 + i], -want[i]) << i;
  }
}

TEST(FloatGraph, PaddingNeverWinsAMaxPool) {
  OneNode n(TETRA_FLOAT_MAXPOOL, -1);
  n.node[0].win = Window(2, 1, 0);
  n.node[0].win.pad.top = 1;
  const std::vector<float> got = n.Run(2, 2, 2);
  EXPECT_EQ(std::vector<float>(got.begin(), got.begin() + 8), std::vector<float>({3, 4, 5, 6, 9, 10, 11, 12}));
  EXPECT_EQ(std::vector<float>(got.begin() + 8, got.end()), std::vector<float>({-1, -2, -3, -4, -1, -2, -3, -4}));
}

TEST(FloatGraph, ValueAddedToItselfIsUsedTwice) {
  OneNode n(TETRA_FLOAT_ADD, 0);
  EXPECT_EQ(n.value[0].n_uses, 2);
  const std::vector<float> got = n.Run(2, 3, 2);
  for (size_t i = 0; i < got.size(); i++) EXPECT_EQ(got[i], 2 * n.in[i]);
}

TEST(FloatGraph, WindowThatDoesNotFitHasNoShape) {
  OneNode n(TETRA_FLOAT_MAXPOOL, -1);
  n.node[0].win = Window(3, 1, 0);  // 3 rows of 2
  EXPECT_EQ(tetra_float_shape(&n.g, n.node), 0);
  n.node[0].win.kh = 2, n.node[0].win.kw = 4;  // 4 columns of 3
  EXPECT_EQ(tetra_float_shape(&n.g, n.node), 0);
  n.node[0].win.kw = 3;
  EXPECT_EQ(tetra_float_shape(&n.g, n.node), 1);
}

TEST(FloatGraph, FlattenIsFlatUnlessItIsOnePixel) {
  OneNode n(TETRA_FLOAT_FLATTEN, -1);
  for (int h : {1, 2})
    for (int w : {1, 2})
      for (int flat : {0, 1}) {
        n.value[0].h = h, n.value[0].w = w, n.value[0].flat = flat;
        EXPECT_EQ(tetra_float_shape(&n.g, n.node), 1);
        EXPECT_EQ(n.value[1].flat, flat || h * w > 1) << h << " x " << w;
      }
}

}  // namespace
