// Biases that are no whole number of accumulator units: float ones, batch norms, constants behind pools. Against double
// arithmetic over enough elements that one code in 100,000 would show, and against another tool's own result.
#include <fstream>
#include <iterator>

#include "../npy.h"
#include "cases.h"
#include "run.h"

namespace {

constexpr double kAllowed = 1e-5;  // share of elements that may be one code off

// Elements that differ from double arithmetic; `whole` without the biases' fractions.
struct Differing {
  size_t exact = 0, whole = 0, elements = 0;
};

size_t Compare(const Imported &i, const std::vector<double> &x, const std::vector<double> &want,
               tetra_backend backend) {
  const std::vector<double> got = RunModel(i, x, backend);
  EXPECT_EQ(got.size(), want.size());
  size_t n = 0;
  for (size_t k = 0; k < std::min(got.size(), want.size()); k++) n += got[k] != want[k];
  return n;
}

void DropFractions(tetra_graph *g) {
  for (int i = 0; i < g->n_ops; i++)
    for (int o = 0; o < g->ops[i].n_outputs; o++)
      for (int c = 0; c < g->ops[i].cout; c++) g->ops[i].rq[o].ch[c].frac = 0;
}

Differing Measure(const std::function<Model(Rng *)> &make) {
  Differing d;
  for (uint32_t seed = 1; seed <= 40; seed++) {
    Rng random(seed);
    const Model m = make(&random);
    Imported i(m.Bytes());
    EXPECT_EQ(i.rc, TETRA_OK) << i.Why();
    if (i.rc) break;
    const onnx::Array x = RandomInput(m, &random);
    const std::vector<double> want = onnx::EvalModel(m, x).at(m.output).v;
    const size_t plain = Compare(i, x.v, want, TETRA_REFERENCE);
    EXPECT_EQ(Compare(i, x.v, want, TETRA_FAST), plain) << "seed " << seed;
    d.exact += plain;
    d.elements += want.size();
    DropFractions(&i.m.graph);
    d.whole += Compare(i, x.v, want, TETRA_FAST);
  }
  return d;
}

// The fractions must be what makes the difference: without them the same comparison has to fail.
void ExpectExact(const std::function<Model(Rng *)> &make) {
  const Differing d = Measure(make);
  const double elements = static_cast<double>(d.elements);
  ASSERT_GE(elements, 100000);
  EXPECT_LE(static_cast<double>(d.exact), kAllowed * elements) << "of " << elements;
  EXPECT_GT(static_cast<double>(d.whole), 20 * kAllowed * elements) << "of " << elements;
}

constexpr double kIn4 = 0.25;

// A 3x3 convolution of a u4 tensor with s4 weights, and no bias.
std::string Conv4(Model *m, Rng *r, const std::string &x, const std::string &name, int64_t cout, int64_t cin) {
  const Weights w = {onnx::kS4, true, 0, false, 0};
  return Conv(m, r, x, name, {cout, cin, 3, 3}, kIn4, w, {{"pads", {1, 1, 1, 1}}});
}

TEST(FloatBias, Conv4Bits) {
  ExpectExact([](Rng *r) {
    Model m = Start({1, 8, 16, 16});
    const auto in = AddWeights(&m, r, "w", {16, 8, 3, 3}, kIn4, {onnx::kS4, true, 0, false, 0});
    m.Const("b", onnx::kFloat, {16}, Real(r, 16, -2, 2));
    const auto x = m.Qdq("x", "xq", kIn4, 5, onnx::kU4);
    m.Q(Op(&m, "Conv", {x, in[0], "b"}, "c"), "y", 0.8, 7, onnx::kU4);
    return m;
  });
}

TEST(FloatBias, BatchNormRelu) {
  ExpectExact([](Rng *r) {
    Model m = Start({1, 8, 16, 16});
    const auto x = m.Qdq("x", "xq", kIn4, 8, onnx::kU4);
    m.Q(Op(&m, "Relu", {BatchNorm(&m, r, Conv4(&m, r, x, "c", 16, 8), "bn", 16)}, "r"), "y", 0.5, 0, onnx::kU4);
    return m;
  });
}

TEST(FloatBias, JointResidual) {
  ExpectExact([](Rng *r) {
    Model m = Start({1, 16, 16, 16});
    const auto x = m.Qdq("x", "xq", kIn4, 8, onnx::kU4);
    const auto c = BatchNorm(&m, r, Conv4(&m, r, x, "c", 16, 16), "bn", 16);
    m.Q(Op(&m, "Relu", {Op(&m, "Add", {c, x}, "a")}, "r"), "y", 0.5, 0, onnx::kU4);
    return m;
  });
}

// The second output has scales and fractions of its own.
TEST(FloatBias, TwoOutputs) {
  ExpectExact([](Rng *r) {
    Model m = Start({1, 16, 16, 16});
    const auto x = m.Qdq("x", "xq", kIn4, 8, onnx::kU4);
    const auto c = Op(&m, "Relu", {BatchNorm(&m, r, Conv4(&m, r, x, "c", 16, 16), "bn", 16)}, "r");
    const auto narrow = m.Qdq(c, "q4", 0.7, 0, onnx::kU4);
    const auto wide = m.Qdq(c, "q8", 0.03, 0, onnx::kU8);
    m.Q(Op(&m, "Add", {BatchNorm(&m, r, Conv4(&m, r, narrow, "d", 16, 16), "bn2", 16), wide}, "s"), "y", 0.8, 8,
        onnx::kU4);
    return m;
  });
}

TEST(FloatBias, BatchNormOfAQuantizedTensor) {
  ExpectExact([](Rng *r) {
    Model m = Start({1, 16, 24, 24});
    const auto x = m.Qdq("x", "xq", 0.04, 8, onnx::kU8);
    const auto b = BatchNorm(&m, r, Op(&m, "MaxPool", {x}, "p", {{"kernel_shape", {2, 2}}}), "bn", 16);
    for (double &g : m.constants["bn_g"].v) g = 0.1 + std::fabs(g);
    m.Q(b, "y", 0.03, 100, onnx::kU8);
    return m;
  });
}

// A sum over a window is a coarse unit: here 1/9 of a code, and constants are not multiples of it.
TEST(FloatBias, ConstantBehindAnAverage) {
  ExpectExact([](Rng *r) {
    Model m = Start({1, 16, 20, 20});
    const auto x = m.Qdq("x", "xq", kIn4, 3, onnx::kU4);
    auto p = Op(&m, "AveragePool", {x}, "p", {{"kernel_shape", {3, 3}}, {"strides", {1, 1}}});
    p = Op(&m, "Mul", {p, m.Const("g", onnx::kFloat, {16, 1, 1}, Real(r, 16, 0.2, 1))}, "scaled");
    p = Op(&m, "Add", {p, m.Const("b", onnx::kFloat, {16, 1, 1}, Real(r, 16, -1, 1))}, "shifted");
    m.Q(p, "y", 0.1, 7, onnx::kU4);
    return m;
  });
}

// A channel times 0 is its constant.
TEST(FloatBias, ChannelOfAPoolTimesZero) {
  for (const char *pool : {"AveragePool", "MaxPool"}) {
    Rng random(3);
    Model m = Start({1, 4, 8, 8});
    const auto x = m.Qdq("x", "xq", kIn4, 3, onnx::kU4);
    auto p = Op(&m, pool, {x}, "p", {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}});
    p = Op(&m, "Mul", {p, m.Const("g", onnx::kFloat, {4, 1, 1}, {0, 1, 0, 0})}, "scaled");
    p = Op(&m, "Add", {p, m.Const("b", onnx::kFloat, {4, 1, 1}, {1.26, -0.5, 1000, -0.375})}, "shifted");
    m.Q(p, "y", 0.25, 7, onnx::kU4);
    ExpectSame(m, 3);
  }
}

// A quantized bias stays the integer it is.
TEST(FloatBias, IntegerBiasHasNoFraction) {
  Rng random(1);
  Model m = Start({1, 8, 6, 6});
  m.Q(Conv(&m, &random, Input(&m), "c", {24, 8, 3, 3}, kIn), "y", 0.05, 100, onnx::kU8);
  const Imported i(m.Bytes());
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  for (int c = 0; c < 24; c++) EXPECT_EQ(i.m.graph.ops[0].rq[0].ch[c].frac, 0) << c;
}

// Brevitas' export of a 4-bit layer with an unfolded batch norm; y is what its own runtime gives.
TEST(FloatBias, FileOfAnotherTool) {
  const std::string base = std::string(TETRA_DATA_DIR) + "/cases/float_bias_rounding_4bit";
  std::ifstream f(base + ".onnx", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(f)), std::istreambuf_iterator<char>());
  Npy x, y;
  if (bytes.empty() || !ReadNpy(base + "_x.npy", &x) || !ReadNpy(base + "_y_qonnx.npy", &y))
    GTEST_SKIP() << "no " << base << ".onnx with _x.npy and _y_qonnx.npy";
  const Imported i(bytes);
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  std::vector<double> in;
  for (size_t k = 0; k < x.size(); k++) in.push_back(x[k]);
  const double step = i.Desc(i.m.graph.output).scale;
  for (tetra_backend backend : {TETRA_REFERENCE, TETRA_FAST}) {
    const std::vector<double> got = RunModel(i, in, backend);
    ASSERT_EQ(got.size(), y.size());
    size_t differing = 0;
    for (size_t k = 0; k < got.size(); k++) differing += std::fabs(got[k] - y[k]) > step / 2;
    EXPECT_LE(static_cast<double>(differing), kAllowed * static_cast<double>(got.size()));
  }
}

}  // namespace
