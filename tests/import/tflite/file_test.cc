// What is no TensorFlow Lite file, or one that cannot run: an error of one line, never more.
#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "case.h"

namespace {

std::vector<uint8_t> Words(const std::vector<int32_t> &v) {
  std::vector<uint8_t> bytes(4 * v.size());
  std::memcpy(bytes.data(), v.data(), bytes.size());
  return bytes;
}

void ExpectRefusedInOneLine(Model *m, const std::vector<uint8_t> &file, const std::string &message) {
  const int rc = m->ImportTflite(file);
  EXPECT_TRUE(rc == TETRA_EINVAL || rc == TETRA_ERANGE) << rc;
  EXPECT_EQ(m->m.graph.n_ops, 0) << "nothing is left of a model that failed";
  EXPECT_NE(std::string(m->err.msg).find(message), std::string::npos) << m->err.msg;
  EXPECT_EQ(std::string(m->err.msg).find('\n'), std::string::npos) << m->err.msg;
}

TEST(File, EmptyAndForeignOnes) {
  Model m;
  ExpectRefusedInOneLine(&m, {}, "0 bytes");
  ExpectRefusedInOneLine(&m, std::vector<uint8_t>(100, 0), "not TFL3");
  ExpectRefusedInOneLine(&m, std::vector<uint8_t>(100, 0xff), "not TFL3");
}

TEST(File, TruncatedAtEveryLengthIsAnError) {
  Model m;
  const std::vector<uint8_t> whole = ConvCase(5, false).file;
  ASSERT_EQ(m.ImportTflite(whole), TETRA_OK) << m.err.msg;
  for (size_t n = 0; n + 4 < whole.size(); n++) {
    const std::vector<uint8_t> part(whole.begin(), whole.begin() + static_cast<long>(n));
    ASSERT_NE(m.ImportTflite(part), TETRA_OK) << n << " of " << whole.size() << " bytes";
  }
}

TEST(File, EveryByteChangedIsAcceptedOrAnErrorButNoCrash) {
  for (const Case &c :
       {ConvCase(5, false), AddCase(2, false), PoolCase(3, oracle::Pool::kAverage), DenseCase(4, Dense::kDouble)}) {
    int refused = 0;
    for (size_t i = 0; i < c.file.size(); i++) {
      for (const int change : {0x01, 0x80, 0xff}) {
        std::vector<uint8_t> file = c.file;
        file[i] = static_cast<uint8_t>(file[i] ^ change);
        Model m;
        refused += m.ImportTflite(file) != TETRA_OK;
      }
    }
    EXPECT_GT(refused, 100) << c.text;
  }
}

// A file with one MAX_POOL_2D, and what its input tensor is.
std::vector<uint8_t> OnePool(float scale, int64_t zero_point, const std::vector<int> &shape = {1, 2, 2, 3}) {
  Builder b;
  const int in = b.Tensor(shape, tfl::TensorType::INT8, {scale}, {zero_point}, {}), out = b.Value({1, 2, 2, 3}, 1, 0);
  b.Op(Builder::kMaxPool, {in}, {out});
  return b.Finish(in, out);
}

TEST(Tensor, ScalesAndZeroPointsOutOfRange) {
  Model m;
  ASSERT_EQ(m.ImportTflite(OnePool(1, 0)), TETRA_OK) << m.err.msg;
  for (const float s : {0.0f, -1.0f, std::numeric_limits<float>::infinity(), std::nanf("")}) {
    ExpectRefusedInOneLine(&m, OnePool(s, 0), "must be positive and finite");
  }
  for (const int64_t z : {int64_t{128}, int64_t{-129}, int64_t{1} << 40}) {
    ExpectRefusedInOneLine(&m, OnePool(1, z), "is not in -128..127");
  }
}

TEST(Tensor, DimensionsThatNoTensorHas) {
  Model m;
  ExpectRefusedInOneLine(&m, OnePool(1, 0, {1, 0, 2, 3}), "dimension 1 is 0");
  ExpectRefusedInOneLine(&m, OnePool(1, 0, {1, -1, 2, 3}), "dimension 1 is -1");
  ExpectRefusedInOneLine(&m, OnePool(1, 0, {1, 65536, 65536, 3}), "below 2^31 elements");
  ExpectRefusedInOneLine(&m, OnePool(1, 0, {1, 1, 1, 2147483647}), "65536 pixels a side and channels");
  ExpectRefusedInOneLine(&m, OnePool(1, 0, {1, 1, 1, 1, 1, 1, 1}), "7 dimensions");
  ExpectRefusedInOneLine(&m, OnePool(1, 0, {1, 2, 3, 3}), "gives 1x2x3x3, its output is 1x2x2x3");
}

TEST(Operator, IndicesOutOfRange) {
  for (const int index : {-2, 2, 1000000}) {
    Builder b;
    const int in = b.Value({1, 2, 2, 3}, 1, 0), out = b.Value({1, 2, 2, 3}, 1, 0);
    b.Op(Builder::kMaxPool, {index}, {out});
    Model m;
    ExpectRefusedInOneLine(&m, b.Finish(in, out), "operator 0: input tensor " + std::to_string(index));
  }
}

TEST(Operator, CyclesAndSecondWritersAreErrors) {
  Builder b;
  const int in = b.Value({1, 2, 2, 3}, 1, 0), a = b.Value({1, 2, 2, 3}, 1, 0), out = b.Value({1, 2, 2, 3}, 1, 0);
  b.Op(Builder::kAdd, {in, out}, {a});
  b.Op(Builder::kMaxPool, {a}, {out});
  Model m;
  ExpectRefusedInOneLine(&m, b.Finish(in, out), "produced by no operator before it");
  Builder twice;
  const int x = twice.Value({1, 2, 2, 3}, 1, 0), y = twice.Value({1, 2, 2, 3}, 1, 0);
  twice.Op(Builder::kMaxPool, {x}, {y});
  twice.Op(Builder::kMaxPool, {x}, {y});
  ExpectRefusedInOneLine(&m, twice.Finish(x, y), "has its contents already");
}

TEST(Operator, WithoutItsOptionsOrWithAbsurdOnes) {
  Opt o;
  for (const int stride : {0, -1, 1025, 2147483647}) {
    o.stride_h = stride;
    Builder b;
    const int in = b.Value({1, 2, 2, 3}, 1, 0), out = b.Value({1, 2, 2, 3}, 1, 0);
    b.Op(Builder::kMaxPool, {in}, {out}, o);
    Model m;
    ExpectRefusedInOneLine(&m, b.Finish(in, out), "outside of 1..1024");
  }
}

TEST(Network, WithoutOperatorsOrWithoutAnOutput) {
  Builder b;
  const int in = b.Value({1, 2, 2, 3}, 1, 0);
  Model m;
  ExpectRefusedInOneLine(&m, b.Finish(in, in), "no operators");
  Builder c;
  const int x = c.Value({1, 2, 2, 3}, 1, 0), y = c.Value({1, 2, 2, 3}, 1, 0), z = c.Value({1, 2, 2, 3}, 1, 0);
  c.Op(Builder::kMaxPool, {x}, {y});
  ExpectRefusedInOneLine(&m, c.Finish(x, z), "no operator produces the network's output");
}

TEST(Network, AnAccumulatorThatCouldOverflowIsRefusedByName) {
  Builder b;
  const int n = 65536, in = b.Value({1, 1, 1, n}, 1, 0), out = b.Value({1, 2}, 1, 0);
  const int w = b.Tensor({2, n}, tfl::TensorType::INT8, {1}, {0}, std::vector<uint8_t>(2 * n, 0x7f));
  b.Op(Builder::kDense, {in, w, b.Ints({2000000000, 0})}, {out});
  Model m;
  ExpectRefusedInOneLine(&m, b.Finish(in, out), "beyond int32");
}

// Every operator that cannot run is listed with its name and a reason, also behind others that cannot.
TEST(Refusals, AreListedAllAtOnce) {
  Builder b;
  const auto value = [&b] { return b.Value({1, 4, 4, 4}, 0.5f, 0); };
  const int in = value(), a = value(), c = value(), d = value(), e = value(), f = value(), out = value();
  const int w = b.Tensor({4, 1, 1, 3}, tfl::TensorType::INT8, {1}, {0}, std::vector<uint8_t>(12, 1));
  const int two = b.Tensor({2, 1, 1, 4}, tfl::TensorType::INT8, {1}, {0}, std::vector<uint8_t>(8, 1));
  const int asymmetric = b.Tensor({4, 1, 1, 4}, tfl::TensorType::INT8, {1}, {3}, std::vector<uint8_t>(16, 1));
  Opt tanh;
  tanh.activation = tfl::Activation::TANH;
  b.Op(Builder::kDepthwise, {in, two, -1}, {a});
  b.Op(Builder::kConv, {in, w, -1}, {c});
  b.Op(Builder::kAdd, {a, c}, {d}, tanh);
  b.Op(Builder::kConv, {d, asymmetric, -1}, {e});
  b.Op(Builder::kMaxPool, {e}, {f});  // this one could
  b.Op(110, {f}, {out});
  Model m;
  ExpectRefusedInOneLine(&m, b.Finish(in, out), "5 operations cannot run, first DEPTHWISE_CONV_2D 't1'");
  ASSERT_EQ(m.report.n_refusals, 5);
  const std::vector<std::vector<std::string>> want = {
      {"DEPTHWISE_CONV_2D", "t1", "weights of 2x1x1x4 for 4 input channels"},
      {"CONV_2D", "t2", "weights of 4x1x1x3 for 4 input channels, which do not divide"},
      {"ADD", "t3", "activation"},
      {"CONV_2D", "t4", "zero point"},
      {"operation 110", "t6", "not supported"}};
  for (size_t i = 0; i < want.size(); i++) {
    const tetra_refusal &r = m.report.refusals[i];
    EXPECT_EQ(r.op, want[i][0]);
    EXPECT_EQ(r.name, want[i][1]);
    EXPECT_NE(std::string(r.reason).find(want[i][2]), std::string::npos) << r.reason;
  }
}

TEST(Refusals, AnotherTypeThanInt8) {
  Builder b;
  const int in = b.Tensor({1, 2, 2, 3}, tfl::TensorType::UINT8, {1}, {3}, {}), out = b.Value({1, 2, 2, 3}, 1, 0);
  b.Op(Builder::kMaxPool, {in}, {out});
  Model m;
  ExpectRefusedInOneLine(&m, b.Finish(in, out), "its input is UINT8, which only QUANTIZE reads");
  Builder i16;
  const int wide = i16.Tensor({1, 2, 2, 3}, tfl::TensorType::INT16, {1}, {0}, {}), y = i16.Value({1, 2, 2, 3}, 1, 0);
  i16.Op(Builder::kMaxPool, {wide}, {y});
  ExpectRefusedInOneLine(&m, i16.Finish(wide, y), "input 't0' is INT16");
}

TEST(Refusals, BroadcastingAndConstantOperandsOfAnAdd) {
  Builder b;
  const int in = b.Value({1, 2, 2, 3}, 1, 0), small = b.Value({1, 1, 1, 3}, 1, 0), mid = b.Value({1, 2, 2, 3}, 1, 0),
            out = b.Value({1, 2, 2, 3}, 1, 0);
  const int constant = b.Tensor({1, 2, 2, 3}, tfl::TensorType::INT8, {1}, {0}, std::vector<uint8_t>(12, 1));
  Opt o;
  o.filter_h = o.filter_w = 2;
  b.Op(Builder::kMaxPool, {in}, {small}, o);
  b.Op(Builder::kAdd, {in, small}, {mid});
  b.Op(Builder::kAdd, {mid, constant}, {out});
  Model m;
  ExpectRefusedInOneLine(&m, b.Finish(in, out), "2 operations cannot run");
  EXPECT_NE(std::string(m.report.refusals[0].reason).find("broadcasting"), std::string::npos);
  EXPECT_NE(std::string(m.report.refusals[1].reason).find("constant"), std::string::npos);
}

// A type that is not read, in the middle or at the input, hides nothing of what is wrong with operators behind it.
TEST(Refusals, BehindAnotherTypeAreListed) {
  for (const bool at_input : {true, false}) {
    Builder b;
    const auto int16 = [&b] { return b.Tensor({1, 4, 4, 4}, tfl::TensorType::INT16, {0.5f}, {0}, {}); };
    const int in = at_input ? int16() : b.Value({1, 4, 4, 4}, 0.5f, 0), a = int16(), c = int16(), d = int16(),
              e = b.Value({1, 4, 4, 4}, 0.5f, 0), out = b.Value({1, 4, 4, 4}, 0.5f, 0);
    const int w = b.Tensor({4, 1, 1, 4}, tfl::TensorType::INT8, {1}, {0}, std::vector<uint8_t>(16, 1));
    const int bias = b.Tensor({4}, tfl::TensorType::INT64, {1}, {0}, std::vector<uint8_t>(32, 0));
    const int asymmetric = b.Tensor({4, 1, 1, 4}, tfl::TensorType::INT8, {1}, {3}, std::vector<uint8_t>(16, 1));
    Opt tanh;
    tanh.activation = tfl::Activation::TANH;
    b.Op(Builder::kConv, {in, w, -1}, {a});
    b.Op(Builder::kConv, {a, w, bias}, {c});  // nothing wrong but the type
    b.Op(Builder::kAdd, {a, c}, {d}, tanh);
    b.Op(Builder::kConv, {d, asymmetric, -1}, {e});
    b.Op(110, {e}, {out});
    Model m;
    ExpectRefusedInOneLine(&m, b.Finish(in, out),
                           at_input ? "input 't0' is INT16" : "4 operations cannot run, first CONV_2D 't1'");
    std::vector<std::string> ops;
    for (int k = 0; k < m.report.n_refusals; k++) ops.push_back(m.report.refusals[k].name);
    EXPECT_EQ(ops, at_input ? (std::vector<std::string>{"t3", "t4", "t5"})
                            : (std::vector<std::string>{"t1", "t3", "t4", "t5"}));
  }
}

// SPACE_TO_BATCH_ND, a convolution and BATCH_TO_SPACE_ND over a 5x6 plane: dilation 2x3 with padding 1 above, 3 below
// (2 more to make the rows a whole number, which are cut off), 4 on the left, 2 on the right, of which 1 is cut off.
TEST(Network, ADilationBetweenBatchesIsTheConvolutions) {
  std::vector<int> input, want;
  for (int i = 0; i < 5 * 6 * 2; i++) input.push_back(i * 37 % 256 - 128);
  const std::vector<int> taps = {3, -5, 7, 11, -13, 17, 19, -23, 2, 4, -6, 8, 10, -12, 14, 16, -18, 20};
  for (const bool apart : {false, true}) {
    Builder b;
    const int in = b.Value({1, 5, 6, 2}, 0.5f, 3), out = b.Value({1, 5, 5, 2}, 2, -7);
    const int w = b.Tensor({1, 3, 3, 2}, tfl::TensorType::INT8, {0.1f}, {0}, Bytes(taps), 3);
    const int bias = b.Ints({10, -20}, {0.05f});
    Opt o;
    o.padding = tfl::Padding::VALID;
    if (apart) {
      const int block = b.Ints({2, 3}), pads = b.Ints({1, 4, 4, 2}), crops = b.Ints({0, 1, 0, 1});
      const int split = b.Value({6, 5, 4, 2}, 0.5f, 3), small = b.Value({6, 3, 2, 2}, 2, -7);
      b.Op(38, {in, block, pads}, {split});
      b.Op(Builder::kDepthwise, {split, w, bias}, {small}, o);
      b.Op(37, {small, block, crops}, {out});
    } else {
      const int amounts = b.Tensor({4, 2}, tfl::TensorType::INT32, {}, {}, Words({0, 0, 1, 3, 4, 1, 0, 0}));
      const int padded = b.Value({1, 9, 11, 2}, 0.5f, 3);
      o.dilation_h = 2;
      o.dilation_w = 3;
      b.Op(Builder::kPad, {in, amounts}, {padded});
      b.Op(Builder::kDepthwise, {padded, w, bias}, {out}, o);
    }
    Model m;
    ASSERT_EQ(m.ImportTflite(b.Finish(in, out)), TETRA_OK) << m.err.msg;
    ASSERT_EQ(m.m.graph.n_ops, 1);
    ASSERT_EQ(m.Run(input, TETRA_REFERENCE), TETRA_OK) << m.err.msg;
    if (!apart) want = m.Output();
    EXPECT_EQ(m.Output(), want);
  }
}

}  // namespace
