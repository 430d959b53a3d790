// What tests of training share: images, a step, and an exported network's tensors beside the trainer's.
#ifndef TESTS_TRAIN_NETWORKS_H
#define TESTS_TRAIN_NETWORKS_H

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

extern "C" {
#include "state.h"
#include "step/exact.h"
#include "step/pass.h"
#include "tetra/exec.h"
#include "tetra/import.h"
}

constexpr int kSide = 8, kClasses = 4, kImages = 16;

struct Closer {
  void operator()(tetra_train *t) const { tetra_train_close(t); }
};
using Train = std::unique_ptr<tetra_train, Closer>;

// Images that are told apart by which corner is bright.
struct Data {
  std::vector<float> images;
  std::vector<int> labels;

  explicit Data(int n, unsigned seed = 3) {
    std::mt19937 rng(seed);
    std::normal_distribution<float> noise(0, 0.5f);
    for (int i = 0; i < n; i++) {
      const int label = i % kClasses;
      labels.push_back(label);
      for (int y = 0; y < kSide; y++)
        for (int x = 0; x < kSide; x++)
          for (int c = 0; c < 3; c++)
            images.push_back(noise(rng) + ((y < kSide / 2) == (label < 2) && (x < kSide / 2) == (label % 2 == 0)));
    }
  }
};

// All of d as one batch; d has to live as long.
inline tetra_train_batch BatchOf(const Data &d) {
  tetra_train_batch b = {};
  b.images = d.images.data();
  b.labels = d.labels.data();
  b.n = b.n_global = static_cast<int>(d.labels.size());
  return b;
}

inline double Step(tetra_train *t, const Data &d, double rate, bool freeze = false, int *correct = nullptr) {
  tetra_train_batch b = BatchOf(d);
  tetra_train_result r;
  tetra_error err;
  b.rate = rate;
  b.freeze = freeze;
  EXPECT_EQ(tetra_train_step(t, &b, &r, &err), TETRA_OK) << err.msg;
  if (correct) *correct = r.correct;
  return r.loss;
}

// A file of an imported network and its tensors.
struct Model {
  tetra_model m = {};
  std::vector<tetra_tensor> tensors;
  bool ok = false;

  Model(const uint8_t *bytes, size_t size, int batch) {
    tetra_import_options o;
    tetra_import_report refused;
    tetra_error err;
    tetra_import_defaults(&o);
    o.batch = batch;
    ok = tetra_import_onnx(bytes, size, &o, &m, &refused, &err) == TETRA_OK;
    EXPECT_TRUE(ok) << err.msg;
    tetra_import_report_free(&refused);
    tensors.resize(static_cast<size_t>(m.graph.n_values));
  }
  Model(const Model &) = delete;
  Model &operator=(const Model &) = delete;
  ~Model() {
    for (tetra_tensor &t : tensors) tetra_tensor_free(&t);
    tetra_model_free(&m);
  }

  // Codes of the output for images, [n][classes].
  std::vector<int> Run(const std::vector<float> &images, int n) {
    const tetra_graph *g = &m.graph;
    tetra_tensor *in = &tensors[static_cast<size_t>(g->input)];
    tetra_error err;
    EXPECT_EQ(tetra_tensor_init(in, &g->values[g->input].d, &err), TETRA_OK);
    size_t at = 0;
    for (int i = 0; i < n; i++)
      for (int y = 0; y < kSide; y++)
        for (int x = 0; x < kSide; x++)
          for (int c = 0; c < 3; c++) {
            const float q = std::nearbyint(images[at++] / static_cast<float>(in->d.scale));
            tetra_tensor_set(
                in, i, y, x, c,
                static_cast<int>(std::min<float>(std::max<float>(q, static_cast<float>(tetra_fmt_min(in->d.fmt))),
                                                 static_cast<float>(tetra_fmt_max(in->d.fmt)))));
          }
    tetra_exec *exec = nullptr;
    EXPECT_EQ(tetra_exec_open(&exec, g, nullptr, &err), TETRA_OK) << err.msg;
    EXPECT_EQ(tetra_exec_run(exec, tensors.data(), &err), TETRA_OK) << err.msg;
    tetra_exec_close(exec);
    std::vector<int> codes;
    for (int i = 0; i < n; i++)
      for (int c = 0; c < kClasses; c++)
        codes.push_back(tetra_tensor_get(&tensors[static_cast<size_t>(g->output)], i, 0, 0, c));
    return codes;
  }
  // The tensor of codes at point k of value v of a network in training; NULL: there is none.
  const tetra_tensor *Codes(const tetra_train *t, int v, int k) const {
    const std::string name = std::string(t->g.values[v].name) + (k == TETRA_PLAN_8 ? ".q8.codes" : ".q4.codes");
    for (int i = 0; i < m.graph.n_values; i++)
      if (name == m.graph.values[i].name) return &tensors[static_cast<size_t>(i)];
    return nullptr;
  }
  double Scale() const { return m.graph.values[m.graph.output].d.scale; }
};

// How far x is from where its code changes, in codes.
inline float Margin(const train_quantizer &q, float x) {
  const float v = (x - q.shift) * q.scale;
  const bool floors = q.rounding == TRAIN_AQT && !tetra_fmt_signed(q.fmt);
  return std::fabs(floors ? v - std::nearbyint(v) : std::fabs(v - std::floor(v)) - 0.5f);
}

// Compares the codes of every tensor that both have, image by image: as training computes them, in float, and as its
// evaluation does, in double. Float sums differ from exact ones where they lie just at the border between two codes,
// and evaluation only where the integers' own fractions end: the first tensor in which an image differs must do so
// nowhere else.
struct Comparison {
  int tensors = 0, images_at_borders = 0, logits_differ = 0;
  int wrong = 0;  // elements that differ for no such reason
  int exact_at_borders = 0, exact_wrong = 0;

  Comparison(tetra_train *t, const Model &model, const std::vector<float> &images) {
    std::vector<float> logits(static_cast<size_t>(kImages * kClasses));
    tetra_train_logits(t, images.data(), kImages, 1, logits.data());
    Each(t, model, true);
    std::memcpy(train_x(t, t->g.input), images.data(), images.size() * sizeof(float));
    train_forward(t, kImages, 0, 0);
    Each(t, model, false);
  }

  void Each(const tetra_train *t, const Model &model, bool exact) {
    std::vector<bool> differs(kImages, false);
    for (int v = 0; v < t->g.n_values; v++) {
      for (int k = 0; k < TETRA_PLAN_POINTS; k++) {
        if (!t->plan.points[v][k].used) continue;
        const tetra_tensor *got = model.Codes(t, v, k);
        EXPECT_NE(got, nullptr) << t->g.values[v].name;
        if (got == nullptr) continue;
        if (exact)
          Exact(t, v, k, *got, &differs);
        else
          Tensor(t, v, k, *got, &differs);
      }
    }
    for (const bool d : differs) (exact ? exact_at_borders : images_at_borders) += d;
  }

  static int Code(const tetra_tensor &got, int image, size_t j) {
    const size_t channels = static_cast<size_t>(got.d.c), width = static_cast<size_t>(got.d.w), pixel = j / channels;
    return tetra_tensor_get(&got, image, static_cast<int>(pixel / width), static_cast<int>(pixel % width),
                            static_cast<int>(j % channels));
  }

  void Exact(const tetra_train *t, int v, int k, const tetra_tensor &got, std::vector<bool> *differs) {
    const size_t size = train_image_size(t, v);
    for (int i = 0; i < kImages; i++) {
      const double *x = t->value[t->value[v].root].exact + static_cast<size_t>(i) * size;
      const bool before = (*differs)[static_cast<size_t>(i)];
      std::vector<double> codes(size);
      train_exact_codes(t, v, k, i, codes.data());
      for (size_t j = 0; j < size; j++) {
        if (Code(got, i, j) == static_cast<int>(codes[j])) continue;
        const double code = x[j] / static_cast<double>(t->exported.points[v][k].scale);
        (*differs)[static_cast<size_t>(i)] = true;
        exact_wrong += !before && std::fabs(std::fabs(code - std::floor(code)) - 0.5) > 1e-6;
      }
    }
  }

  void Tensor(const tetra_train *t, int v, int k, const tetra_tensor &got, std::vector<bool> *differs) {
    const train_quantizer &q = t->value[v].point[k];
    const size_t size = train_image_size(t, v);
    tensors++;
    for (int i = 0; i < kImages; i++) {
      const float *x = train_x(t, v) + static_cast<size_t>(i) * size;
      const bool before = (*differs)[static_cast<size_t>(i)];
      std::vector<float> codes(size);
      train_quantize(&q, x, size, codes.data());
      for (size_t j = 0; j < size; j++) {
        if (Code(got, i, j) == static_cast<int>(codes[j])) continue;
        logits_differ += v == t->logits;
        (*differs)[static_cast<size_t>(i)] = true;
        wrong += !before && Margin(q, x[j]) > 2e-4f;
      }
    }
  }
};

#endif
