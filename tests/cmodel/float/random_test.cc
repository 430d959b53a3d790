// Float nodes of random shapes against the sums written out. All numbers are small whole ones, so that every order of
// summation gives the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <vector>

#include "tetra/float_graph.h"

extern "C" {
#include "float/ops.h"
}

namespace {

using Numbers = std::vector<float>;

class Shapes {
 public:
  explicit Shapes(unsigned seed) : random_(seed) {}
  int Of(int low, int high) { return low + static_cast<int>(random_() % static_cast<unsigned>(high - low + 1)); }
  Numbers Some(size_t n) {
    Numbers v(n);
    for (float &x : v) x = static_cast<float>(Of(-9, 9));
    return v;
  }
  tetra_window Window() {
    tetra_window w = tetra_window_pixel();
    w.kh = Of(1, 3), w.kw = Of(1, 4), w.stride_y = Of(1, 3), w.stride_x = Of(1, 2);
    w.dilation_y = Of(1, 2), w.dilation_x = Of(1, 3);
    w.pad.top = Of(0, 2), w.pad.left = Of(0, 3), w.pad.bottom = Of(0, 3), w.pad.right = Of(0, 2);
    return w;
  }

 private:
  std::mt19937 random_;
};

// An image of n in a batch: its element, or `outside` where the padding is.
float At(const Numbers &x, const tetra_float_value &v, int n, int y, int xx, int c, float outside) {
  if (y < 0 || y >= v.h || xx < 0 || xx >= v.w) return outside;
  return x[((static_cast<size_t>(n) * static_cast<size_t>(v.h) + static_cast<size_t>(y)) * static_cast<size_t>(v.w) +
            static_cast<size_t>(xx)) *
               static_cast<size_t>(v.c) +
           static_cast<size_t>(c)];
}

struct Node {
  tetra_float_node node[1] = {};
  tetra_float_value value[3] = {};
  tetra_float_graph g = {};
  tetra_float_node &n = node[0];
  const tetra_float_value &in = value[0], &out = value[2];

  Node(tetra_float_kind kind, int h, int w, int c, bool two) {
    g.nodes = node, g.values = value, g.n_values = 2;
    for (int i = 0; i < 2; i++) value[i].h = h, value[i].w = w, value[i].c = c;
    tetra_float_graph_add(&g, kind, "node", "out", 0, two ? 1 : -1);
  }
  Numbers Run(int images, const Numbers &x, const Numbers &other = {}, const float *w = nullptr,
              const double *bias = nullptr) {
    const float *const operands[2] = {x.data(), other.data()};
    float *y = nullptr;
    EXPECT_EQ(tetra_float_run(&g, node, images, operands, w, bias, &y, nullptr), TETRA_OK);
    const Numbers got(y, y + tetra_float_size(&out, images));
    std::free(y);
    return got;
  }
  // Of every output element what `element(n, y, x, c)` says.
  template <typename Element>
  Numbers Every(int images, Element element) const {
    Numbers want;
    for (int i = 0; i < images; i++)
      for (int y = 0; y < out.h; y++)
        for (int x = 0; x < out.w; x++)
          for (int c = 0; c < out.c; c++) want.push_back(element(i, y, x, c));
    return want;
  }
  // Sum over the window above an output pixel of `term(ky, kx, input row, input column)`.
  template <typename Term>
  void Window(int y, int x, Term term) const {
    const tetra_window &w = n.win;
    for (int ky = 0; ky < w.kh; ky++)
      for (int kx = 0; kx < w.kw; kx++)
        term(ky, kx, y * w.stride_y - w.pad.top + ky * w.dilation_y, x * w.stride_x - w.pad.left + kx * w.dilation_x);
  }
};

TEST(FloatRandom, ConvOfGroupsIsTheSum) {
  int kinds[3] = {0, 0, 0};  // dense, of groups, depthwise
  for (unsigned seed = 1; seed <= 120; seed++) {
    Shapes s(seed);
    const int kind = s.Of(0, 2), groups = kind == 0 ? 1 : s.Of(2, 3), cin = kind == 2 ? 1 : s.Of(1, 3),
              outputs = kind == 2 ? 1 : s.Of(1, 3), images = s.Of(1, 3);
    Node v(TETRA_FLOAT_CONV, s.Of(1, 6), s.Of(1, 7), groups * cin, false);
    v.n.win = s.Window(), v.n.groups = groups, v.n.cin = cin, v.n.cout = groups * outputs;
    if (!tetra_float_shape(&v.g, v.node)) continue;
    kinds[kind]++;
    const int kh = v.n.win.kh, kw = v.n.win.kw;
    const Numbers x = s.Some(tetra_float_size(&v.in, images)),
                  w = s.Some(static_cast<size_t>(v.n.cout * kh * kw * cin));
    std::vector<double> bias;
    for (int c = 0; c < v.n.cout; c++) bias.push_back(s.Of(-50, 50));
    const auto element = [&](int i, int y, int xx, int c) {
      float sum = static_cast<float>(bias[static_cast<size_t>(c)]);
      v.Window(y, xx, [&](int ky, int kx, int iy, int ix) {
        for (int k = 0; k < cin; k++)
          sum += At(x, v.in, i, iy, ix, c / outputs * cin + k, 0) *
                 w[static_cast<size_t>(((c * kh + ky) * kw + kx) * cin + k)];
      });
      return sum;
    };
    EXPECT_EQ(v.Run(images, x, {}, w.data(), bias.data()), v.Every(images, element)) << seed;
    // The node's own weights and bias where no others are given.
    v.n.w = const_cast<float *>(w.data()), v.n.bias = bias.data();
    EXPECT_EQ(v.Run(images, x), v.Every(images, element)) << seed;
  }
  for (int count : kinds) EXPECT_GT(count, 10);
}

TEST(FloatRandom, PoolsAreMaximumAndMean) {
  int run = 0;
  for (unsigned seed = 1; seed <= 120; seed++) {
    Shapes s(seed);
    const bool max = s.Of(0, 1);
    Node v(max ? TETRA_FLOAT_MAXPOOL : TETRA_FLOAT_AVGPOOL, s.Of(1, 6), s.Of(1, 7), s.Of(1, 3), false);
    v.n.win = s.Window();
    tetra_pads &counted = v.n.counted;
    const tetra_pads &pad = v.n.win.pad;
    if (s.Of(0, 1)) counted = {s.Of(0, pad.top), s.Of(0, pad.left), s.Of(0, pad.bottom), s.Of(0, pad.right)};
    if (!tetra_float_shape(&v.g, v.node)) continue;
    const Numbers x = s.Some(tetra_float_size(&v.in, 2));
    bool empty = false;  // a window of padding alone has no mean
    const Numbers want = v.Every(2, [&](int i, int y, int xx, int c) {
      float most = -INFINITY, sum = 0;
      int count = 0;
      v.Window(y, xx, [&](int, int, int iy, int ix) {
        most = std::max(most, At(x, v.in, i, iy, ix, c, -INFINITY));
        sum += At(x, v.in, i, iy, ix, c, 0);
        count +=
            iy >= -counted.top && iy < v.in.h + counted.bottom && ix >= -counted.left && ix < v.in.w + counted.right;
      });
      empty |= count == 0;
      return max ? most : sum * (1.0f / static_cast<float>(count));
    });
    if (empty && !max) continue;
    run++;
    EXPECT_EQ(v.Run(2, x), want) << seed;
  }
  EXPECT_GT(run, 40);
}

TEST(FloatRandom, PointwiseNodesClampAfterWhatTheyAdd) {
  for (tetra_float_kind kind : {TETRA_FLOAT_ADD, TETRA_FLOAT_CLAMP, TETRA_FLOAT_FLATTEN, TETRA_FLOAT_PLANE}) {
    Shapes s(7);
    const bool add = kind == TETRA_FLOAT_ADD;
    Node v(kind, 3, 4, 2, add);
    v.n.lo = -4, v.n.hi = 5;
    ASSERT_EQ(tetra_float_shape(&v.g, v.node), 1);
    const Numbers a = s.Some(48), b = s.Some(48), got = v.Run(2, a, b);
    for (size_t i = 0; i < 48; i++) EXPECT_EQ(got[i], std::min(5.0f, std::max(-4.0f, add ? a[i] + b[i] : a[i])));
  }
}

TEST(FloatRandom, AffineIsByChannel) {
  Shapes s(3);
  Node v(TETRA_FLOAT_AFFINE, 2, 3, 3, false);
  float w[3] = {2, -3, 0};
  double bias[3] = {1, 0, -7};
  v.n.cout = 3, v.n.w = w, v.n.bias = bias;
  ASSERT_EQ(tetra_float_shape(&v.g, v.node), 1);
  const Numbers x = s.Some(36), got = v.Run(2, x);
  for (size_t i = 0; i < 36; i++) EXPECT_EQ(got[i], x[i] * w[i % 3] + static_cast<float>(bias[i % 3]));
}

TEST(FloatRandom, PickWithStepsAndPadding) {
  for (unsigned seed = 1; seed <= 60; seed++) {
    Shapes s(seed);
    Node v(TETRA_FLOAT_PICK, s.Of(1, 6), s.Of(1, 7), s.Of(1, 5), false);
    const int size[3] = {v.in.h, v.in.w, v.in.c};
    tetra_float_range *ranges[3] = {&v.n.picks.y, &v.n.picks.x, &v.n.picks.c};
    for (int k = 0; k < 3; k++) {
      const int start = s.Of(0, size[k] - 1), step = s.Of(1, 3), all = (size[k] - start + step - 1) / step;
      *ranges[k] = {start, step, s.Of(0, all)};
    }
    tetra_pads &pad = v.n.win.pad;
    pad = {s.Of(0, 2), s.Of(0, 2), s.Of(0, 2), s.Of(0, 2)};
    v.n.c_before = s.Of(0, 2), v.n.c_after = s.Of(0, 2);
    ASSERT_EQ(tetra_float_shape(&v.g, v.node), 1);
    int count[3];
    for (int k = 0; k < 3; k++) {
      const tetra_float_range &r = *ranges[k];
      count[k] = r.n ? r.n : (size[k] - r.start + r.step - 1) / r.step;
    }
    EXPECT_EQ(v.out.h, pad.top + count[0] + pad.bottom);
    EXPECT_EQ(v.out.w, pad.left + count[1] + pad.right);
    EXPECT_EQ(v.out.c, v.n.c_before + count[2] + v.n.c_after);
    const Numbers x = s.Some(tetra_float_size(&v.in, 2));
    EXPECT_EQ(v.Run(2, x), v.Every(2, [&](int i, int oy, int ox, int oc) {
      const int at[3] = {oy - pad.top, ox - pad.left, oc - v.n.c_before};
      for (int k = 0; k < 3; k++)
        if (at[k] < 0 || at[k] >= count[k]) return 0.0f;
      return At(x, v.in, i, ranges[0]->start + at[0] * ranges[0]->step, ranges[1]->start + at[1] * ranges[1]->step,
                ranges[2]->start + at[2] * ranges[2]->step, 0);
    })) << seed;
  }
}

// Calibration's convolution, in one band and in several.
TEST(FloatRandom, CalibrationsConvIsTheSum) {
  for (unsigned seed = 1; seed <= 41; seed++) {
    Shapes s(seed);
    const bool bands = seed == 41;  // 2^16 weights a channel leave 16 pixels a band
    const int h = bands ? 36 : s.Of(1, 6), w = bands ? 36 : s.Of(1, 7), c = bands ? 64 : s.Of(1, 3), n = s.Of(1, 2);
    tetra_window win = s.Of(0, 3) ? s.Window() : tetra_window_pixel();
    if (bands) win = tetra_window_pixel(), win.kh = win.kw = 32, win.pad.left = 1;
    const int cout = s.Of(1, 3), ho = tetra_window_out_h(&win, h), wo = tetra_window_out_w(&win, w);
    ftensor in, out;
    ASSERT_EQ(ftensor_init(&in, n, h, w, c, nullptr), TETRA_OK);
    Numbers x = s.Some(ftensor_size(&in));
    std::copy(x.begin(), x.end(), in.v);
    const Numbers weights = s.Some(tetra_window_elements(&win, c) * static_cast<size_t>(cout));
    ASSERT_EQ(float_conv(&win, cout, &in, weights.data(), &out, nullptr), TETRA_OK);
    EXPECT_EQ(std::vector<int>({out.n, out.h, out.w, out.c}), std::vector<int>({n, ho, wo, cout}));
    Node v(TETRA_FLOAT_CONV, h, w, c, false);
    v.n.win = win;
    v.value[2].h = ho, v.value[2].w = wo, v.value[2].c = cout;
    EXPECT_EQ(Numbers(out.v, out.v + ftensor_size(&out)), v.Every(n, [&](int i, int y, int xx, int o) {
      float sum = 0;
      v.Window(y, xx, [&](int ky, int kx, int iy, int ix) {
        for (int k = 0; k < c; k++)
          sum += At(x, v.in, i, iy, ix, k, 0) * weights[static_cast<size_t>(((o * win.kh + ky) * win.kw + kx) * c + k)];
      });
      return sum;
    })) << seed;
    ftensor_free(&in);
    ftensor_free(&out);
  }
}

// Of the first images only, whatever their number and whichever element is the largest.
TEST(FloatRange, LargestMagnitudeAndRootOfTheMeanSquare) {
  for (int n = 0; n <= 20; n++)
    for (int at = 0; at < n; at++) {
      Numbers v(40, 100.0f);
      std::fill(v.begin(), v.begin() + n, 2.0f);
      v[static_cast<size_t>(at)] = at % 2 ? 6.0f : -6.0f;
      const ftensor t = {40, 1, 1, 1, v.data()};
      float max = 0, rms = 0;
      float_range(&t, n, &max, &rms);
      EXPECT_EQ(max, 6);
      EXPECT_EQ(rms, static_cast<float>(std::sqrt((4.0 * (n - 1) + 36) / n)));
    }
  const ftensor none = {1, 1, 1, 1, nullptr};
  float max = 0, rms = 0;
  float_range(&none, 0, &max, &rms);
  EXPECT_EQ(max, 1);
  EXPECT_EQ(rms, 1);
}

}  // namespace
