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

// Of a network of ten classes and images of 12x12x3.
void ExpectFloatLogits(const Model &m) {
  const std::string bytes = m.Bytes();
  const auto nhwc = Images(7, 2, 432);
  float *logits = nullptr;
  int classes = 0;
  tetra_import_report refused = {};
  tetra_error err = {};
  ASSERT_EQ(tetra_float_model_logits(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size(), nhwc.data(), 2,
                                     &logits, &classes, &refused, &err),
            TETRA_OK)
      << err.msg;
  ASSERT_EQ(classes, 10);
  for (size_t n = 0; n < 2; n++) {
    const bool last = m.input_shape[3] == 3;
    onnx::Array x = {onnx::kFloat, m.input_shape, std::vector<double>(432), false};
    for (size_t p = 0; p < 144; p++)
      for (size_t c = 0; c < 3; c++)
        x.v[last ? p * 3 + c : c * 144 + p] = static_cast<double>(nhwc[n * 432 + p * 3 + c]);
    const auto want = onnx::EvalModel(m, x).at("logits").v;
    for (size_t c = 0; c < 10; c++)
      EXPECT_NEAR(static_cast<double>(logits[n * 10 + c]), want[c], 1e-4) << n << " " << c;
  }
  free(logits);
}

}  // namespace
#endif
