// A network whose end is not quantized: the host calculates it, says so, and every backend gives the same logits.
#include <cmath>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../../import/onnx/model.h"
#include "program.h"

namespace {

// Convolution to 4 channels, then in float an average and a dense layer that gives their means and the sum of them.
std::string Network(const std::string &path) {
  onnx::Model m;
  m.input_shape = {1, 3, 4, 4};
  const std::string x = m.Qdq("x", "xq", 0.125, 0, onnx::kS8);
  std::vector<double> w;
  for (int i = 0; i < 12; i++) w.push_back(i - 5);
  m.Const("w", onnx::kS8, {4, 3, 1, 1}, w);
  const auto op = [&](const char *name, const std::vector<std::string> &in, const std::string &out) {
    return m.Add({name, in, {}, {}, {}, {}, "", ""}, out);
  };
  op("DequantizeLinear", {"w", m.Scalar("ws", onnx::kFloat, 0.5)}, "wr");
  const std::string c = m.Qdq(op("Conv", {x, "wr"}, "c"), "cq", 0.5, 0, onnx::kS8);
  m.Const("f", onnx::kFloat, {4, 5}, {1, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 1, 1});
  op("MatMul", {op("Flatten", {op("GlobalAveragePool", {c}, "pool")}, "flat"), "f"}, "logits");
  const std::string bytes = m.Bytes();
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<long>(bytes.size()));
  return path;
}

std::vector<float> Row(const std::string &npy, size_t n) {
  const std::string b = ReadFile(npy);
  std::vector<float> v(n);
  if (b.size() >= 4 * n) std::memcpy(v.data(), b.data() + b.size() - 4 * n, 4 * n);
  return v;
}

class Tail : public ::testing::Test {
 protected:
  Tail() : network_(Network(TempName(".onnx"))), out_(TempName(".npy")) {}
  ~Tail() override {
    std::remove(network_.c_str());
    std::remove(out_.c_str());
  }
  const std::string network_, out_;
};

TEST_F(Tail, IsReportedAndGivesTheSameOnEveryBackend) {
  std::vector<float> first;
  for (const char *how : {"--array 16", "--backend fast", "--backend cmodel", "--limit 1"}) {
    const Outcome o = RunSim(network_ + " --output " + out_ + " " + how);
    ASSERT_EQ(o.code, 0) << o;
    EXPECT_TRUE(Contains(o.out,
                         "host     3 operations behind the last quantization, from 'node_pool' on, in float32: "
                         "20 MACs an image\n"))
        << o;
    const std::vector<float> v = Row(out_, 5);
    EXPECT_NE(v[4], 0.0F);
    EXPECT_NEAR(static_cast<double>(v[0] + v[1] + v[2] + v[3]), static_cast<double>(v[4]), 1e-3) << how;
    if (first.empty()) first = v;
    EXPECT_EQ(v, first) << how;
  }
}

TEST_F(Tail, TheTopClassesAreThoseOfItsLogits) {
  const Outcome o = RunSim(network_ + " --array 16 --output " + out_);
  const std::vector<float> v = Row(out_, 5);
  size_t best = 0;
  for (size_t i = 0; i < 5; i++) best = v[i] > v[best] ? i : best;
  char line[80];
  std::snprintf(line, sizeof line, "top classes (class: logit) %zu: %.3f", best, static_cast<double>(v[best]));
  EXPECT_TRUE(Contains(o.out, line)) << line << o;
}

TEST_F(Tail, HasNoCodesButItsInputHas) {
  const Outcome o = RunSim(network_ + " --backend fast --output-codes --output " + out_);
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_TRUE(Contains(o.err, "--output-codes: the host calculates the output in float32; --output-layer 'cq'=")) << o;
  EXPECT_EQ(RunSim(network_ + " --backend fast --output-codes --output-layer cq=" + out_).code, 0);
}

// Tensors and nodes of the file that no value of the graph is called: another name of one, what the host calculates on
// the way, and what is only inside of a layer.
TEST_F(Tail, TensorsHaveTheirNamesInTheFile) {
  ASSERT_EQ(RunSim(network_ + " --array 16 --output-layer cq=" + out_).code, 0);
  const std::vector<float> codes = Row(out_, 64);
  for (const char *how : {" --array 16", " --backend fast"}) {
    for (const char *name : {"cq_real", "node_cq_real", "node_cq"}) {
      const Outcome o = RunSim(network_ + how + " --output-layer " + name + "=" + out_);
      ASSERT_EQ(o.code, 0) << o;
      EXPECT_EQ(Row(out_, 64), codes) << name;
    }
    for (const char *name : {"pool", "flat", "node_flat"}) {
      const Outcome o = RunSim(network_ + how + " --output-layer " + name + "=" + out_);
      ASSERT_EQ(o.code, 0) << o;
      float sum = 0;
      for (size_t i = 0; i < 16; i++) sum += codes[4 * i] / 16;
      EXPECT_NEAR(static_cast<double>(Row(out_, 4)[0]), static_cast<double>(sum), 1e-4) << name;
    }
    const Outcome inside = RunSim(network_ + how + " --output-layer c=" + out_);
    EXPECT_EQ(inside.code, 2) << inside;
    EXPECT_TRUE(Contains(inside.err, "'c' is not stored by itself; the nearest tensor that is stored is 'cq'"))
        << inside;
    const Outcome unknown = RunSim(network_ + how + " --output-layer poool=" + out_);
    EXPECT_EQ(unknown.code, 2) << unknown;
    EXPECT_TRUE(Contains(unknown.err, "the closest are 'pool'")) << unknown;
  }
}

}  // namespace
