// Answers of float networks against ONNX's definitions.
#ifndef TETRA_TESTS_QUANTIZE_FLOAT_LOGITS_H
#define TETRA_TESTS_QUANTIZE_FLOAT_LOGITS_H

#include "../import/onnx/cases.h"
#include "../import/onnx/run.h"
#include "tetra/quantize_model.h"

namespace {

std::vector<float> Images(uint32_t seed, int n, size_t size) {
  Rng random(seed);
  std::vector<float> v(static_cast<size_t>(n) * size);
  std::normal_distribution<float> normal;
  for (float &x : v) x = normal(random);
  return v;
}

// What a network says of images of 12x12x3, side by side.
struct FloatAnswer {
  int rc = TETRA_OK, classes = 0, refusals = 0;
  bool answered = false;
  std::vector<float> logits;
  std::string reason, message;  // of the first refusal; the error's
};
FloatAnswer FloatLogits(const Model &m, const std::vector<float> &images) {
  const std::string bytes = m.Bytes();
  const size_t n = images.size() / 432;
  FloatAnswer a;
  float *v = nullptr;
  tetra_import_report refused = {};
  tetra_error err = {};
  a.rc = tetra_float_model_logits(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size(), images.data(),
                                  static_cast<int>(n), &v, &a.classes, &refused, &err);
  a.answered = v != nullptr;
  if (v != nullptr) a.logits.assign(v, v + n * static_cast<size_t>(a.classes));
  a.refusals = refused.n_refusals;
  if (a.refusals > 0) a.reason = refused.refusals[0].reason;
  a.message = err.msg;
  free(v);
  tetra_import_report_free(&refused);
  return a;
}

// Of a network of ten classes.
void ExpectFloatLogits(const Model &m) {
  const auto nhwc = Images(7, 2, 432);
  const FloatAnswer answer = FloatLogits(m, nhwc);
  ASSERT_EQ(answer.rc, TETRA_OK) << answer.message;
  ASSERT_EQ(answer.classes, 10);
  for (size_t n = 0; n < 2; n++) {
    const bool last = m.input_shape[3] == 3;
    onnx::Array x = {onnx::kFloat, m.input_shape, std::vector<double>(432), false};
    for (size_t p = 0; p < 144; p++)
      for (size_t c = 0; c < 3; c++)
        x.v[last ? p * 3 + c : c * 144 + p] = static_cast<double>(nhwc[n * 432 + p * 3 + c]);
    const auto want = onnx::EvalModel(m, x).at("logits").v;
    for (size_t c = 0; c < 10; c++)
      EXPECT_NEAR(static_cast<double>(answer.logits[n * 10 + c]), want[c], 1e-4) << n << " " << c;
  }
}

}  // namespace
#endif
