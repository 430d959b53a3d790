// Gradients of every kind of node, and of whole networks, against finite differences.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

extern "C" {
#include "step/loss.h"
#include "memory.h"
#include "step/pass.h"
}

namespace {

using Build = std::function<int(tetra_arena *, tetra_float_graph *)>;

constexpr int kClasses = 3;

int Add(tetra_float_graph *g, tetra_float_kind kind, int a, int b = -1,
        const std::function<void(tetra_float_node *)> &set = nullptr) {
  const std::string name = "n" + std::to_string(g->n_nodes);
  tetra_float_node *n = tetra_float_graph_add(g, kind, name.c_str(), name.c_str(), a, b);
  if (set) set(n);
  EXPECT_TRUE(tetra_float_shape(g, n));
  return n->out;
}

int Conv(tetra_float_graph *g, int in, int k, int stride, int pad, int cout, int dilation = 1) {
  return Add(g, TETRA_FLOAT_CONV, in, -1, [&](tetra_float_node *n) {
    n->win = {k, k, stride, stride, dilation, dilation, {pad, pad, pad, pad}};
    n->cin = g->values[in].c;
    n->cout = cout;
  });
}

// A network of an image of h x w x c, `build`, and a dense layer over what that gives.
struct Net {
  tetra_train *t = nullptr;
  std::vector<float> images;
  std::vector<int> labels;
  const int kImages = 5;

  Net(int h, int w, int c, int norms, const Build &build) {
    t = static_cast<tetra_train *>(calloc(1, sizeof *t));
    t->arena.err = &t->own;
    t->arena.budget = SIZE_MAX / 4;
    tetra_train_defaults(&t->o);
    t->batch = kImages;
    t->wants_input_gradient = 1;
    EXPECT_EQ(tetra_threads_open(&t->threads, 2, nullptr), TETRA_OK);
    tetra_float_graph *g = &t->g;
    g->nodes = static_cast<tetra_float_node *>(tetra_arena_alloc(&t->arena, 32, sizeof *g->nodes));
    g->values = static_cast<tetra_float_value *>(tetra_arena_alloc(&t->arena, 33, sizeof *g->values));
    g->values[0].h = h;
    g->values[0].w = w;
    g->values[0].c = c;
    g->values[0].producer = -1;
    g->n_values = 1;
    const int v = build(&t->arena, g);
    const int flat = Add(g, TETRA_FLOAT_FLATTEN, v);
    g->output = Add(g, TETRA_FLOAT_CONV, flat, -1, [&](tetra_float_node *n) {
      n->dense = 1;
      n->win.kh = g->values[v].h;
      n->win.kw = g->values[v].w;
      n->cin = g->values[v].c;
      n->cout = kClasses;
    });
    g->values[g->output].n_uses++;
    EXPECT_EQ(train_prepare(t, norms), TETRA_OK) << t->own.msg;
    Fill(h * w * c);
  }

  Net(tetra_train *trained, int images_of_it, int size) : t(trained), kImages(images_of_it) { Fill(size); }
  Net(const Net &) = delete;
  Net &operator=(const Net &) = delete;
  ~Net() { tetra_train_close(t); }

  void Fill(int size) {
    std::mt19937 rng(7);
    std::normal_distribution<float> normal;
    images.resize(static_cast<size_t>(kImages * size));
    for (float &x : images) x = normal(rng);
    for (int i = 0; i < kImages; i++) labels.push_back(i % kClasses);
    for (int i = 0; i < t->g.n_nodes; i++) {
      const train_layer &l = t->layer[i];
      if (!l.w.n) continue;
      const float sd = 1 / std::sqrt(static_cast<float>(l.w.n) / static_cast<float>(l.bias.n));
      for (size_t j = 0; j < l.w.n; j++) t->param[l.w.at + j] = sd * normal(rng);
      for (size_t j = 0; j < l.bias.n; j++) t->param[l.bias.at + j] = 0.3f * normal(rng);
      for (size_t j = 0; j < l.gamma.n; j++) t->param[l.gamma.at + j] = 1 + 0.3f * normal(rng);
    }
  }

  tetra_train_batch Batch() const {
    tetra_train_batch b = {};
    b.images = images.data();
    b.labels = labels.data();
    b.n = b.n_global = kImages;
    return b;
  }

  double Loss() {
    tetra_train_batch b = Batch();
    int correct = 0;
    std::memcpy(train_x(t, t->g.input), images.data(), images.size() * sizeof(float));
    train_forward(t, kImages, 1, 0);
    return train_loss(t, &b, &correct) / kImages;
  }

  void Gradients() {
    tetra_train_batch b = Batch();
    tetra_train_result r;
    tetra_error err;
    ASSERT_EQ(tetra_train_step(t, &b, &r, &err), TETRA_OK) << err.msg;
  }

  // The derivative along a direction in which every number goes its gradient's way, each by another share.
  void Check(const std::string &what, float *x, const float *gradient, size_t n) {
    const std::vector<float> g(gradient, gradient + n), x0(x, x + n);
    double norm = 0;
    for (float v : g) norm += static_cast<double>(v) * v;
    norm = std::sqrt(norm);
    ASSERT_GT(norm, 1e-7) << what;
    std::mt19937 rng(11);
    std::uniform_real_distribution<double> share(0, 2);
    for (int draw = 0; draw < 2; draw++) {
      std::vector<double> d(n);
      double expected = 0, best = 1e30;
      for (size_t j = 0; j < n; j++) {
        d[j] = share(rng) * g[j] / norm;
        expected += d[j] * g[j];
      }
      // Rounding spoils small steps, clamps and curvature large ones.
      for (double e = 0.05; e > 2e-5; e /= 4) {
        double loss[2];
        double moved = 0;
        for (int side = 0; side < 2; side++) {
          for (size_t j = 0; j < n; j++) x[j] = static_cast<float>(x0[j] + (side ? -e : e) * d[j]);
          loss[side] = Loss();
        }
        moved = (loss[0] - loss[1]) / (2 * e);
        best = std::min(best, std::fabs(moved - expected) / expected);
      }
      std::memcpy(x, x0.data(), n * sizeof *x);
      EXPECT_LT(best, 1e-3) << what << ", draw " << draw;
    }
  }

  void CheckAll() {
    Gradients();
    const std::vector<float> all(t->grad, t->grad + t->n_params);
    const size_t input = images.size();
    const std::vector<float> of_input(train_grad(t, t->g.input), train_grad(t, t->g.input) + input);
    for (int i = 0; i < t->g.n_nodes; i++) {
      const train_layer &l = t->layer[i];
      const std::string name = t->g.nodes[i].name;
      if (!l.w.n) continue;
      Check(name + " weights", t->param + l.w.at, all.data() + l.w.at, l.w.n);
      Check(name + " bias", t->param + l.bias.at, all.data() + l.bias.at, l.bias.n);
      if (l.gamma.n) Check(name + " gamma", t->param + l.gamma.at, all.data() + l.gamma.at, l.gamma.n);
    }
    if (t->wants_input_gradient) Check("input", images.data(), of_input.data(), input);
  }
};

struct Shape {
  int h, w, cin, cout, k, stride, pad, dilation;
};

class Convolution : public testing::TestWithParam<Shape> {};

TEST_P(Convolution, PlainAndNormalized) {
  const Shape s = GetParam();
  for (int norms = 0; norms < 2; norms++) {
    Net net(s.h, s.w, s.cin, norms, [&](tetra_arena *, tetra_float_graph *g) {
      const int v = Conv(g, g->input, s.k, s.stride, s.pad, s.cout, s.dilation);
      return v;
    });
    net.CheckAll();
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Convolution,
                         testing::Values(Shape{6, 6, 3, 16, 3, 1, 1, 1}, Shape{8, 7, 5, 18, 3, 2, 1, 1},
                                         Shape{8, 8, 16, 33, 1, 2, 0, 1}, Shape{9, 9, 4, 7, 5, 3, 2, 1},
                                         Shape{9, 8, 2, 64, 3, 1, 2, 2}, Shape{7, 7, 3, 5, 7, 2, 3, 1},
                                         Shape{8, 8, 17, 80, 3, 2, 0, 1}),
                         [](const testing::TestParamInfo<Shape> &i) {
                           const Shape &s = i.param;
                           return "h" + std::to_string(s.h) + "w" + std::to_string(s.w) + "_" + std::to_string(s.cin) +
                                  "to" + std::to_string(s.cout) + "_k" + std::to_string(s.k) + "s" +
                                  std::to_string(s.stride) + "p" + std::to_string(s.pad) + "d" +
                                  std::to_string(s.dilation);
                         });

TEST(Gradient, Clamps) {
  for (int fused = 0; fused < 2; fused++) {
    Net net(6, 6, 4, fused, [&](tetra_arena *, tetra_float_graph *g) {
      const int v = fused ? Conv(g, g->input, 3, 1, 1, 8) : g->input;
      return Add(g, TETRA_FLOAT_CLAMP, v, -1, [&](tetra_float_node *n) {
        n->lo = 0;
        n->hi = fused ? 1.5 : INFINITY;
      });
    });
    net.CheckAll();
  }
}

TEST(Gradient, AdditionOfTwoReaders) {
  Net net(6, 6, 4, 1, [&](tetra_arena *, tetra_float_graph *g) {
    const int a = Conv(g, g->input, 3, 1, 1, 4), b = Conv(g, a, 1, 1, 0, 4);
    const int sum = Add(g, TETRA_FLOAT_ADD, b, a);
    return Add(g, TETRA_FLOAT_CLAMP, sum, -1, [](tetra_float_node *n) { n->lo = 0; });
  });
  net.CheckAll();
}

TEST(Gradient, Pools) {
  for (int kind = 0; kind < 3; kind++) {
    Net net(7, 6, 3, 0, [&](tetra_arena *, tetra_float_graph *g) {
      const int v = Conv(g, g->input, 3, 1, 1, 5);
      return Add(g, kind ? TETRA_FLOAT_AVGPOOL : TETRA_FLOAT_MAXPOOL, v, -1, [&](tetra_float_node *n) {
        n->win = {3, 2, 2, 2, 1, 1, {1, 0, 1, 0}};
        if (kind == 2) n->counted = {1, 0, 1, 0};
      });
    });
    net.CheckAll();
  }
}

TEST(Gradient, PickAndAffine) {
  Net net(7, 6, 3, 0, [&](tetra_arena *a, tetra_float_graph *g) {
    int v = Conv(g, g->input, 3, 1, 1, 5);
    v = Add(g, TETRA_FLOAT_AFFINE, v, -1, [&](tetra_float_node *n) {
      n->cout = 5;
      n->w = static_cast<float *>(tetra_arena_alloc(a, 5, sizeof(float)));
      n->bias = static_cast<double *>(tetra_arena_alloc(a, 5, sizeof(double)));
      for (int c = 0; c < 5; c++) n->w[c] = static_cast<float>(c - 2), n->bias[c] = c;
    });
    return Add(g, TETRA_FLOAT_PICK, v, -1, [](tetra_float_node *n) {
      n->picks.y = {1, 2, 0};
      n->picks.x = {0, 2, 0};
      n->picks.c = {1, 1, 3};
      n->c_before = 2;
      n->c_after = 1;
      n->win.pad = {1, 0, 0, 1};
    });
  });
  net.CheckAll();
}

// Rounding and the clamps' corners leave no single layer's derivative exact to 1e-3 there: all parameters move at once.
// With clamps that never clamp, each layer's move alone.
TEST(Gradient, WholeResNet8) {
  for (int projection = 0; projection < 2; projection++) {
    for (int clamps = 0; clamps < 2; clamps++) {
      const tetra_train_resnet r = {8, 0.5, kClasses, 12, 12, 3, projection, 0};
      const int images = clamps ? 32 : 5;
      tetra_train_options o;
      tetra_train_defaults(&o);
      o.batch = images;
      o.threads = 2;
      tetra_train *t = nullptr;
      tetra_error err;
      ASSERT_EQ(tetra_train_resnet_open(&t, &r, &o, &err), TETRA_OK) << err.msg;
      Net net(t, images, 12 * 12 * 3);
      if (clamps) {
        net.Gradients();
        const std::vector<float> all(t->grad, t->grad + t->n_params);
        net.Check("all", t->param, all.data(), t->n_params);
        continue;
      }
      for (int i = 0; i < t->g.n_nodes; i++)
        if (t->g.nodes[i].kind == TETRA_FLOAT_CLAMP) t->g.nodes[i].lo = -1e6;
      net.CheckAll();
    }
  }
}

// A network for photographs: bottlenecks, a max pool, projections. Deep as it is, only without clamps is there a step
// that is small for all of it and not yet rounding's.
TEST(Gradient, WholeResNet50) {
  const tetra_train_resnet r = {50, 0.0625, kClasses, 64, 64, 3, 0, 1};
  tetra_train_options o;
  tetra_train_defaults(&o);
  o.batch = 12;
  o.threads = 2;
  tetra_train *t = nullptr;
  tetra_error err;
  ASSERT_EQ(tetra_train_resnet_open(&t, &r, &o, &err), TETRA_OK) << err.msg;
  int convolutions = 0;
  for (int i = 0; i < t->g.n_nodes; i++) {
    convolutions += t->g.nodes[i].kind == TETRA_FLOAT_CONV;
    if (t->g.nodes[i].kind == TETRA_FLOAT_CLAMP) t->g.nodes[i].lo = -1e6;
  }
  EXPECT_EQ(convolutions, 54);  // 50 and four shortcuts
  Net net(t, 12, 64 * 64 * 3);
  net.Gradients();
  const std::vector<float> all(t->grad, t->grad + t->n_params);
  net.Check("all", t->param, all.data(), t->n_params);
}

}  // namespace
