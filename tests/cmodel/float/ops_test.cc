// Float operations of the calibration run, by hand: planes, windows and padding small enough to do in one's head.
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <vector>

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
  const Tensor in(1, 2, 2, 1, {-4, -3, -2, -1});
  const tetra_window win = Window(3, 2, 1);
  Tensor out;
  ASSERT_EQ(float_maxpool(&win, &in.t, &out.t, nullptr), TETRA_OK);
  EXPECT_EQ(out.values(), (std::vector<float>{-1}));
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

}  // namespace
