// Imports an ONNX model, runs it on the C model and compares with the evaluator.
#ifndef TETRA_TESTS_IMPORT_ONNX_RUN_H
#define TETRA_TESTS_IMPORT_ONNX_RUN_H

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "eval.h"
#include "tetra/import.h"

struct Imported {
  tetra_model m = {};
  tetra_import_report report = {};
  tetra_error err = {};
  int rc = -1;

  explicit Imported(const std::string &bytes, int batch = 1) {
    tetra_import_options o;
    tetra_import_defaults(&o);
    o.batch = batch;
    rc = tetra_import_onnx(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size(), &o, &m, &report, &err);
  }
  ~Imported() {
    tetra_model_free(&m);
    tetra_import_report_free(&report);
  }
  Imported(const Imported &) = delete;
  Imported &operator=(const Imported &) = delete;

  std::string Why() const {
    std::string s = err.msg;
    for (int i = 0; i < report.n_refusals; i++)
      s += std::string("\n  ") + report.refusals[i].op + " '" + report.refusals[i].name +
           "': " + report.refusals[i].reason;
    return s;
  }
  const tetra_desc &Desc(int value) const { return m.graph.values[value].d; }
};

// Element of an array in the file's layout that belongs to (n, y, x, c).
inline size_t At(const tetra_desc &d, bool nchw, int n, int y, int x, int c) {
  return static_cast<size_t>(nchw ? ((n * d.c + c) * d.h + y) * d.w + x : ((n * d.h + y) * d.w + x) * d.c + c);
}

// The number that is quantized where x is the input of the file.
inline double InputReal(const Imported &i, double x, int c) {
  return i.m.n_steps ? static_cast<double>(tetra_input_real(&i.m, static_cast<float>(x), c)) : x;
}

inline int Code(const tetra_desc &d, double x) {
  const double code = std::nearbyint(x / d.scale) + d.zero_point;
  return static_cast<int>(std::min<double>(tetra_fmt_max(d.fmt), std::max<double>(tetra_fmt_min(d.fmt), code)));
}

// What the host makes of the graph's output, in the file's layout.
inline std::vector<double> RunTail(const Imported &i, const tetra_tensor &out) {
  const tetra_float_value &v = i.m.tail->values[i.m.tail->output];
  const tetra_desc d = {out.d.n, v.h, v.w, v.c, TETRA_S8, 0, 1};
  tetra_error err = {};
  float *reals = nullptr;
  EXPECT_EQ(tetra_tail_run(&i.m, &out, &reals, &err), TETRA_OK) << err.msg;
  std::vector<double> y;
  for (int n = 0; n < d.n && reals; n++)
    for (int c = 0; c < d.c; c++)
      for (int h = 0; h < d.h; h++)
        for (int w = 0; w < d.w; w++) y.push_back(static_cast<double>(reals[At(d, false, n, h, w, c)]));
  free(reals);
  return y;
}

// The output in the file's layout: codes, or reals where the file's output is float.
inline std::vector<double> RunModel(const Imported &i, const std::vector<double> &x, tetra_backend backend) {
  const tetra_graph &g = i.m.graph;
  std::vector<tetra_tensor> t(static_cast<size_t>(g.n_values));
  tetra_tensor &in = t[static_cast<size_t>(g.input)];
  tetra_error err = {};
  EXPECT_EQ(tetra_tensor_init(&in, &g.values[g.input].d, &err), TETRA_OK) << err.msg;
  const tetra_desc &d = in.d;
  for (int n = 0; n < d.n; n++)
    for (int y = 0; y < d.h; y++)
      for (int xx = 0; xx < d.w; xx++)
        for (int c = 0; c < d.c; c++) {
          const double v = x.at(At(d, i.m.input_nchw != 0, n, y, xx, c));
          tetra_tensor_set(&in, n, y, xx, c, i.m.input_is_float ? Code(d, InputReal(i, v, c)) : static_cast<int>(v));
        }
  EXPECT_EQ(tetra_run_graph(&g, t.data(), backend, &err), TETRA_OK) << err.msg;
  const tetra_tensor &out = t[static_cast<size_t>(g.output)];
  std::vector<double> y;
  if (i.m.tail != nullptr) {
    y = RunTail(i, out);
    for (auto &v : t) tetra_tensor_free(&v);
    return y;
  }
  for (int n = 0; n < out.d.n && out.data; n++)
    for (int c = 0; c < out.d.c; c++)
      for (int h = 0; h < out.d.h; h++)
        for (int w = 0; w < out.d.w; w++) {
          const int code = tetra_tensor_get(&out, n, h, w, c);
          y.push_back(i.m.output_is_float ? (code - out.d.zero_point) * out.d.scale : code);
        }
  for (auto &v : t) tetra_tensor_free(&v);
  return y;
}

inline onnx::Array RandomInput(const onnx::Model &m, std::mt19937 *random) {
  onnx::Array x = {m.input_type, m.input_shape, {}, false};
  double lo = -4, hi = 4;
  if (m.input_type != onnx::kFloat) onnx::Range(m.input_type, &lo, &hi);
  for (int64_t k = 0; k < onnx::Count(x.shape); k++) {
    const double u = std::uniform_real_distribution<double>(lo, hi)(*random);
    x.v.push_back(m.input_type == onnx::kFloat ? static_cast<double>(static_cast<float>(u)) : std::nearbyint(u));
  }
  return x;
}

// Runs the model on a random input, on both paths of the C model, and expects the evaluator's output.
inline void ExpectSame(const onnx::Model &m, uint32_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  const Imported i(m.Bytes());
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  std::mt19937 random(seed);
  const onnx::Array x = RandomInput(m, &random), want = onnx::EvalModel(m, x).at(m.output);
  double slack = 0;  // of the host's sums in float32
  for (double v : want.v) slack = std::max(slack, i.m.tail ? std::fabs(v) * 0x1p-22 : 0.0);
  for (tetra_backend backend : {TETRA_REFERENCE, TETRA_FAST}) {
    const std::vector<double> got = RunModel(i, x.v, backend);
    ASSERT_EQ(got.size(), want.v.size());
    for (size_t k = 0; k < got.size(); k++)
      ASSERT_NEAR(got[k], want.v[k], 1e-9 + 1e-6 * std::fabs(want.v[k]) + slack)
          << "element " << k << ", backend " << backend;
  }
}

#endif
