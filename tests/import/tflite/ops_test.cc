// Random operators from files: the graph that the importer makes gives what the oracle computes, by the plain loops,
// the BLAS path and the RTL.
#include <functional>

#include <gtest/gtest.h>

#include "../accelerator.h"
#include "case.h"

namespace {

Accelerator &Rtl() {
  static Accelerator a;
  return a;
}

void Check(const Case &c, enum tetra_tflite_rounding rounding, bool rtl) {
  Model m;
  m.options.tflite_rounding = rounding;
  ASSERT_EQ(m.ImportTflite(c.file), TETRA_OK) << c.text << ": " << m.err.msg;
  ASSERT_EQ(m.Run(c.input, TETRA_REFERENCE), TETRA_OK) << m.err.msg;
  ASSERT_EQ(m.Output(), c.want) << c.text << ", plain loops";
  ASSERT_EQ(m.Run(c.input, TETRA_FAST), TETRA_OK) << m.err.msg;
  ASSERT_EQ(m.Output(), c.want) << c.text << ", BLAS path";
  if (rtl) {
    ASSERT_EQ(Rtl().Run(m.m.graph, m.tensors), "") << c.text;
  }
}

struct Kind {
  const char *name;
  std::function<Case(unsigned)> make;
  enum tetra_tflite_rounding rounding;
};

constexpr auto kDouble = TETRA_TFLITE_DOUBLE, kSingle = TETRA_TFLITE_SINGLE, kLiteRt = TETRA_TFLITE_LITERT;

class Operators : public ::testing::TestWithParam<Kind> {};

TEST_P(Operators, HundredRandomOnesGiveTheOraclesCodesAndTenRunOnTheRtl) {
  for (unsigned seed = 1; seed <= 100; seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Check(GetParam().make(seed), GetParam().rounding, seed % 10 == 0);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(
    TfLite, Operators,
    ::testing::Values(
        Kind{"Conv2d", [](unsigned s) { return ConvCase(s, false); }, kDouble},
        Kind{"Conv2dSingleRounding", [](unsigned s) { return ConvCase(s, true); }, kSingle},
        Kind{"Groups", [](unsigned s) { return ConvCase(s, false, Channels::kGrouped); }, kDouble},
        Kind{"Depthwise", [](unsigned s) { return ConvCase(s, false, Channels::kDepthwise); }, kDouble},
        Kind{"DepthwiseSingleRounding", [](unsigned s) { return ConvCase(s, true, Channels::kDepthwise); }, kSingle},
        Kind{"FullyConnected", [](unsigned s) { return DenseCase(s, Dense::kDouble); }, kDouble},
        Kind{"FullyConnectedSingleRounding", [](unsigned s) { return DenseCase(s, Dense::kSingle); }, kSingle},
        Kind{"FullyConnectedAsLiteRt", [](unsigned s) { return DenseCase(s, Dense::kReal); }, kLiteRt},
        Kind{"Add", [](unsigned s) { return AddCase(s, false); }, kDouble},
        Kind{"AddSingleRounding", [](unsigned s) { return AddCase(s, true); }, kSingle},
        Kind{"Affine", [](unsigned s) { return AffineCase(s, false, false); }, kDouble},
        Kind{"AffineSingleRounding", [](unsigned s) { return AffineCase(s, true, false); }, kSingle},
        Kind{"AffineAsLiteRt", [](unsigned s) { return AffineCase(s, false, true); }, kLiteRt},
        Kind{"Requantize", [](unsigned s) { return RequantizeCase(s, false); }, kDouble},
        Kind{"RequantizeSingleRounding", [](unsigned s) { return RequantizeCase(s, true); }, kSingle},
        Kind{"MaxPool", [](unsigned s) { return PoolCase(s, oracle::Pool::kMax); }, kDouble},
        Kind{"AveragePool", [](unsigned s) { return PoolCase(s, oracle::Pool::kAverage); }, kDouble},
        Kind{"Mean", [](unsigned s) { return MeanCase(s, false); }, kDouble},
        Kind{"MeanSingleRounding", [](unsigned s) { return MeanCase(s, true); }, kSingle}),
    [](const auto &i) { return std::string(i.param.name); });

int Pads(Builder *b, const std::vector<int> &v) {
  std::vector<uint8_t> bytes(v.size() * 4);
  std::memcpy(bytes.data(), v.data(), bytes.size());
  return b->Tensor({4, 2}, tfl::TensorType::INT32, {}, {}, bytes);
}

// The maximum over a plane and a clamp of it, its shape calculated as where the batch is open: [batch, `columns`].
std::vector<uint8_t> CalculatedShape(int columns) {
  Builder b;
  const int in = b.Value({1, 3, 2, 5}, 0.1f, 10), most = b.Value({1, 1, 1, 5}, 0.1f, 10);
  const int cut = b.Value({1, 1, 1, 5}, 0.1f, 10), out = b.Value({1, 5}, 0.1f, 10);
  const int dims = b.Numbers({4}), batch = b.Numbers({}), shape = b.Numbers({2});
  const int limit = b.Tensor({1}, tfl::TensorType::INT8, {0.1f}, {10}, {100});
  Opt first;
  first.shrink_axis = 1;
  b.Op(Builder::kReduceMax, {in, b.Ints({1, 2})}, {most});
  b.Op(Builder::kMinimum, {most, limit}, {cut});
  b.Op(Builder::kShape, {cut}, {dims});
  b.Op(Builder::kStridedSlice, {dims, b.Ints({0}), b.Ints({1}), b.Ints({1})}, {batch}, first);
  b.Op(Builder::kPack, {batch, b.Number(columns)}, {shape});
  b.Op(Builder::kReshape, {cut, shape}, {out});
  return b.Finish(in, out);
}

TEST(CalculatedShape, FlattensTheMaximumOfAPlane_3x2x5) {
  Case c;
  c.file = CalculatedShape(5);
  Random r(1);
  const oracle::Shape is = {1, 3, 2, 5};
  c.input = r.Codes(is.size());
  for (int k = 0; k < 5; k++) {
    int most = -128;
    for (int p = 0; p < 6; p++) most = std::max(most, c.input[static_cast<size_t>(p * 5 + k)]);
    c.want.push_back(std::min(most, 100));
  }
  Check(c, kDouble, true);
  c.file = CalculatedShape(-1);
  Check(c, kDouble, false);
  Model m;
  EXPECT_NE(m.ImportTflite(CalculatedShape(6)), TETRA_OK);
  ASSERT_EQ(m.report.n_refusals, 1);
  EXPECT_NE(std::string(m.report.refusals[0].reason).find("is not its output's"), std::string::npos);
}

// Networks without a head: what the last operator gives is the output, with the file's zero point.
TEST(Headless, AnAverageWithAZeroPoint_4x4x5) {
  Builder b;
  const int in = b.Value({1, 4, 4, 5}, 0.1f, 10), out = b.Value({1, 2, 2, 5}, 0.1f, 10);
  Opt o;
  o.filter_h = o.filter_w = o.stride_h = o.stride_w = 2;
  b.Op(Builder::kAveragePool, {in}, {out}, o);
  Case c;
  c.file = b.Finish(in, out);
  Random r(1);
  const oracle::Shape is = {1, 4, 4, 5}, os = {1, 2, 2, 5};
  c.input = r.Codes(is.size());
  c.want = oracle::Pools(oracle::Pool::kAverage, is, c.input, os, {2, 2, 2, 2, 1, 1, 0, 0}, -128, 127);
  Check(c, kDouble, true);
  Model m;
  ASSERT_EQ(m.ImportTflite(c.file), TETRA_OK) << m.err.msg;
  EXPECT_EQ(m.m.graph.values[m.m.graph.output].d.zero_point, 10);
}

// Readers of such an average that need the file's zero point in the graph: a padded convolution, and a float end.
TEST(Headless, AnAverageWithAZeroPointIsPaddedAndDequantized_4x4x2) {
  Builder b;
  const int in = b.Value({1, 4, 4, 2}, 0.1f, 10), mean = b.Value({1, 2, 2, 2}, 0.1f, 10);
  const int padded = b.Value({1, 4, 4, 2}, 0.1f, 10),
            out = b.Tensor({1, 4, 4, 2}, tfl::TensorType::FLOAT32, {}, {}, {});
  Opt o;
  o.filter_h = o.filter_w = o.stride_h = o.stride_w = 2;
  b.Op(Builder::kAveragePool, {in}, {mean}, o);
  b.Op(Builder::kPad, {mean, Pads(&b, {0, 0, 1, 1, 1, 1, 0, 0})}, {padded});
  b.Op(Builder::kDequantize, {padded}, {out});
  Case c;
  c.file = b.Finish(in, out);
  Random r(1);
  const oracle::Shape is = {1, 4, 4, 2}, os = {1, 2, 2, 2}, all = {1, 4, 4, 2};
  c.input = r.Codes(is.size());
  const std::vector<int> codes =
      oracle::Pools(oracle::Pool::kAverage, is, c.input, os, {2, 2, 2, 2, 1, 1, 0, 0}, -128, 127);
  c.want.assign(all.size(), 10);
  for (int y = 0; y < 2; y++)
    for (int x = 0; x < 2; x++)
      for (int k = 0; k < 2; k++) c.want[all.at(0, y + 1, x + 1, k)] = codes[os.at(0, y, x, k)];
  Check(c, kDouble, true);
}

TEST(Headless, APaddedPlane_3x3x5) {
  Builder b;
  const int in = b.Value({1, 3, 3, 5}, 0.1f, 10), out = b.Value({1, 6, 5, 5}, 0.1f, 10);
  b.Op(Builder::kPad, {in, Pads(&b, {0, 0, 1, 2, 2, 0, 0, 0})}, {out});
  Case c;
  c.file = b.Finish(in, out);
  Random r(1);
  const oracle::Shape is = {1, 3, 3, 5}, padded = {1, 6, 5, 5};
  c.input = r.Codes(is.size());
  c.want.assign(padded.size(), 10);
  for (int y = 0; y < 3; y++)
    for (int x = 0; x < 3; x++)
      for (int k = 0; k < 5; k++) c.want[padded.at(0, y + 1, x + 2, k)] = c.input[is.at(0, y, x, k)];
  Check(c, kDouble, true);
}

// No convolution takes this padding over: its code is the zero point, which may win.
TEST(Pad, BeforeAMaxPoolSuppliesTheZeroPoint_3x3x5) {
  Builder b;
  const int in = b.Value({1, 3, 3, 5}, 0.1f, 10), mid = b.Value({1, 6, 5, 5}, 0.1f, 10),
            out = b.Value({1, 3, 2, 5}, 0.1f, 10);
  Opt o;
  o.filter_h = o.filter_w = o.stride_h = o.stride_w = 2;
  b.Op(Builder::kPad, {in, Pads(&b, {0, 0, 1, 2, 2, 0, 0, 0})}, {mid});
  b.Op(Builder::kMaxPool, {mid}, {out}, o);
  Case c;
  c.file = b.Finish(in, out);
  Random r(1);
  const oracle::Shape is = {1, 3, 3, 5}, padded = {1, 6, 5, 5}, os = {1, 3, 2, 5};
  c.input = r.Codes(is.size());
  std::vector<int> codes(padded.size(), 10);
  for (int y = 0; y < 3; y++)
    for (int x = 0; x < 3; x++)
      for (int k = 0; k < 5; k++) codes[padded.at(0, y + 1, x + 2, k)] = c.input[is.at(0, y, x, k)];
  c.want = oracle::Pools(oracle::Pool::kMax, padded, codes, os, {2, 2, 2, 2, 1, 1, 0, 0}, -128, 127);
  Check(c, kDouble, true);
}

// Behind a ReLU no code is below the zero point: the pool pads by itself, unless a window could be all padding.
TEST(Pad, BetweenReluAndMaxPoolIsThePools_5x5x3) {
  for (const int before : {1, 3}) {
    Builder b;
    const int side = 5 + before + 1, pooled = (side - 3) / 2 + 1;
    const int in = b.Value({1, 5, 5, 3}, 0.1f, -7), relu = b.Value({1, 5, 5, 3}, 0.1f, -7),
              mid = b.Value({1, side, side, 3}, 0.1f, -7), out = b.Value({1, pooled, pooled, 3}, 0.1f, -7);
    Opt o;
    o.filter_h = o.filter_w = 3;
    o.stride_h = o.stride_w = 2;
    b.Op(Builder::kRelu, {in}, {relu});
    b.Op(Builder::kPad, {relu, Pads(&b, {0, 0, before, 1, before, 1, 0, 0})}, {mid});
    b.Op(Builder::kMaxPool, {mid}, {out}, o);
    Case c;
    c.file = b.Finish(in, out);
    Random r(2);
    const oracle::Shape is = {1, 5, 5, 3}, padded = {1, side, side, 3}, os = {1, pooled, pooled, 3};
    c.input = r.Codes(is.size());
    std::vector<int> codes(padded.size(), -7);
    for (int y = 0; y < 5; y++)
      for (int x = 0; x < 5; x++)
        for (int k = 0; k < 3; k++)
          codes[padded.at(0, y + before, x + before, k)] = std::max(-7, c.input[is.at(0, y, x, k)]);
    c.want = oracle::Pools(oracle::Pool::kMax, padded, codes, os, {3, 3, 2, 2, 1, 1, 0, 0}, -128, 127);
    Check(c, kDouble, true);
    Model m;
    ASSERT_EQ(m.ImportTflite(c.file), TETRA_OK);
    EXPECT_EQ(m.m.graph.n_ops, before == 1 ? 2 : 3);
  }
}

TEST(FloatEnds, QuantizeAndDequantizeBecomeFlags) {
  Builder b;
  const int in = b.Tensor({1, 2, 2, 3}, tfl::TensorType::FLOAT32, {}, {}, {}), a = b.Value({1, 2, 2, 3}, 0.5f, 7),
            p = b.Value({1, 1, 1, 3}, 0.5f, 7), out = b.Tensor({1, 1, 1, 3}, tfl::TensorType::FLOAT32, {}, {}, {});
  Opt o;
  o.filter_h = o.filter_w = 2;
  b.Op(Builder::kQuantize, {in}, {a});
  b.Op(Builder::kMaxPool, {a}, {p}, o);
  b.Op(Builder::kDequantize, {p}, {out});
  Model m;
  ASSERT_EQ(m.ImportTflite(b.Finish(in, out)), TETRA_OK) << m.err.msg;
  EXPECT_TRUE(m.m.input_is_float);
  EXPECT_TRUE(m.m.output_is_float);
  EXPECT_FALSE(m.m.input_nchw);
  const tetra_desc &d = m.m.graph.values[m.m.graph.input].d;
  EXPECT_EQ(d.zero_point, 7);
  EXPECT_EQ(d.scale, 0.5);
  ASSERT_EQ(m.Run({1, 2, 3, 4, 5, -6, 7, 8, -9, 1, 1, 1}, TETRA_REFERENCE), TETRA_OK);
  EXPECT_EQ(m.Output(), (std::vector<int>{7, 8, 3}));
}

TEST(Batch, ReplacesABatchDimensionOfOne) {
  const Case c = ConvCase(3, false);
  Model m;
  m.options.batch = 3;
  ASSERT_EQ(m.ImportTflite(c.file), TETRA_OK) << m.err.msg;
  std::vector<int> input, want;
  for (int i = 0; i < 3; i++) {
    input.insert(input.end(), c.input.begin(), c.input.end());
    want.insert(want.end(), c.want.begin(), c.want.end());
  }
  ASSERT_EQ(m.Run(input, TETRA_FAST), TETRA_OK) << m.err.msg;
  EXPECT_EQ(m.Output(), want);
}

// Against real numbers: an int8 probability is within one step of exp(x) / sum.
TEST(Softmax, IsWithinOneCodeOfTheRealOne) {
  Random r(1);
  for (int trial = 0; trial < 300; trial++) {
    const int n = r.Int(1, 200);
    const double scale = r.Scale(0.001, 2), beta = r.Scale(0.5, 2);
    const std::vector<int> codes = r.Codes(static_cast<size_t>(n));
    const std::vector<int8_t> x(codes.begin(), codes.end());
    std::vector<int8_t> y(x.size());
    tetra_softmax_int8(x.data(), n, scale, beta, r.Int(0, 1), y.data());
    double sum = 0;
    for (const int v : codes) sum += std::exp(beta * scale * (v - 127));
    for (size_t i = 0; i < x.size(); i++) {
      const double p = std::exp(beta * scale * (codes[i] - 127)) / sum;
      const double code = std::min(127.0, 256 * p - 128);
      ASSERT_NEAR(y[i], code, 1.0) << "trial " << trial << ", n " << n << ", scale " << scale << ", beta " << beta;
    }
  }
}

TEST(Softmax, BehindTheLastLayerIsReportedWithItsBeta) {
  Builder b;
  Opt o;
  o.beta = 0.75f;
  const int in = b.Value({1, 1, 1, 4}, 0.1f, 3), mid = b.Value({1, 1, 1, 4}, 0.1f, 3),
            out = b.Value({1, 1, 1, 4}, 1.0f / 256, -128);
  b.Op(Builder::kMaxPool, {in}, {mid});
  b.Op(Builder::kSoftmax, {mid}, {out}, o);
  Model m;
  ASSERT_EQ(m.ImportTflite(b.Finish(in, out)), TETRA_OK) << m.err.msg;
  EXPECT_EQ(m.m.host_softmax, TETRA_SOFTMAX_TFLITE);
  EXPECT_EQ(m.m.softmax_beta, 0.75);
  EXPECT_EQ(m.m.graph.n_ops, 1);
  EXPECT_EQ(m.m.format, TETRA_MODEL_TFLITE);
}

TEST(Softmax, ItsCodesMayBecomeUint8) {
  Builder b;
  const int in = b.Value({1, 1, 1, 4}, 0.1f, 3), mid = b.Value({1, 1, 1, 4}, 0.1f, 3),
            p = b.Value({1, 1, 1, 4}, 1.0f / 256, -128),
            out = b.Tensor({1, 1, 1, 4}, tfl::TensorType::UINT8, {1.0f / 256}, {0}, {});
  b.Op(Builder::kMaxPool, {in}, {mid});
  b.Op(Builder::kSoftmax, {mid}, {p});
  b.Op(Builder::kQuantize, {p}, {out});
  Model m;
  ASSERT_EQ(m.ImportTflite(b.Finish(in, out)), TETRA_OK) << m.err.msg;
  EXPECT_EQ(m.m.host_softmax, TETRA_SOFTMAX_TFLITE);
  EXPECT_EQ(m.m.graph.n_ops, 1);
}

TEST(Uint8, OnlyAtTheEndsAndOnlyThroughQuantize) {
  Builder b;
  const int in = b.Tensor({1, 1, 1, 4}, tfl::TensorType::UINT8, {0.1f}, {3}, {}), out = b.Value({1, 1, 1, 4}, 0.1f, 3);
  b.Op(Builder::kMaxPool, {in}, {out});
  Model m;
  EXPECT_EQ(m.ImportTflite(b.Finish(in, out)), TETRA_EINVAL);
  EXPECT_NE(std::string(m.err.msg).find("UINT8, which only QUANTIZE reads"), std::string::npos) << m.err.msg;
  Builder c;
  const int x = c.Value({1, 1, 1, 4}, 0.1f, 3), mid = c.Tensor({1, 1, 1, 4}, tfl::TensorType::UINT8, {0.1f}, {131}, {}),
            y = c.Value({1, 1, 1, 4}, 0.1f, 3);
  c.Op(Builder::kQuantize, {x}, {mid});
  c.Op(Builder::kQuantize, {mid}, {y});
  EXPECT_EQ(m.ImportTflite(c.Finish(x, y)), TETRA_EINVAL);
  EXPECT_NE(std::string(m.err.msg).find("only a network's ends may be UINT8"), std::string::npos) << m.err.msg;
}

// It would be one over all pixels' channels together.
TEST(Softmax, OverAPlaneIsRefused) {
  Builder b;
  Opt o;
  o.beta = 1;
  const int in = b.Value({1, 2, 1, 4}, 0.1f, 3), mid = b.Value({1, 2, 1, 4}, 0.1f, 3),
            out = b.Value({1, 2, 1, 4}, 1.0f / 256, -128);
  b.Op(Builder::kMaxPool, {in}, {mid});
  b.Op(Builder::kSoftmax, {mid}, {out}, o);
  Model m;
  EXPECT_EQ(m.ImportTflite(b.Finish(in, out)), TETRA_EINVAL);
  EXPECT_NE(std::string(m.err.msg).find("its classes are not the channels of one pixel"), std::string::npos)
      << m.err.msg;
}

}  // namespace
