// What a built network computes: statistics, code ranges, nearness to the float network, determinism.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "net_graph.h"
#include "tetra/float_net.h"

extern "C" void openblas_set_num_threads(int n);

namespace {

std::vector<uint8_t> Synthetic(uint64_t seed, int size) {
  std::vector<uint8_t> rgb(static_cast<size_t>(size) * static_cast<size_t>(size) * 3);
  tetra_synthetic_image(seed, size, rgb.data());
  return rgb;
}

std::vector<std::vector<uint8_t>> CalibrationImages(const tetra_network_options &o) {
  std::vector<std::vector<uint8_t>> images(static_cast<size_t>(tetra_calibration_images(o.image_size)));
  for (size_t i = 0; i < images.size(); i++) {
    images[i].resize(static_cast<size_t>(o.image_size) * static_cast<size_t>(o.image_size) * 3);
    tetra_calibration_image(&o, static_cast<int>(i), images[i].data());
  }
  return images;
}

double Correlation(const std::vector<double> &a, const std::vector<double> &b) {
  const double n = static_cast<double>(a.size());
  double sa = 0, sb = 0, aa = 0, bb = 0, ab = 0;
  for (size_t i = 0; i < a.size(); i++) {
    sa += a[i];
    sb += b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    ab += a[i] * b[i];
  }
  return (ab - sa * sb / n) / std::sqrt((aa - sa * sa / n) * (bb - sb * sb / n));
}

class Precision : public testing::TestWithParam<tetra_precision> {
 protected:
  tetra_network_options Small(const char *network = "resnet18", double width = 0.5, int size = 64) const {
    return Options(network, GetParam(), width, size);
  }
};

// On the calibration image and on one never seen.
TEST_P(Precision, LogitsAreNearTheFloatNetworks) {
  tetra_network_options o = Small();
  o.batch = 2;
  Graph g(o);
  const auto seen = Synthetic(o.seed, o.image_size), unseen = Synthetic(77, o.image_size);
  Execution run(g, {seen, unseen});
  std::vector<uint8_t> both = seen;
  both.insert(both.end(), unseen.begin(), unseen.end());
  std::vector<float> logits(2 * TETRA_CLASSES);
  tetra_error err;
  ASSERT_EQ(tetra_float_logits(&o, both.data(), 2, logits.data(), &err), TETRA_OK) << err.msg;
  const double want = GetParam() == TETRA_W8A8 ? 0.99 : GetParam() == TETRA_W4A8 ? 0.95 : 0.85;
  const std::vector<int16_t> codes = run.Codes(g->output);
  for (size_t i = 0; i < 2; i++) {
    std::vector<double> a(TETRA_CLASSES), b(TETRA_CLASSES);
    double signal = 0, noise = 0;
    for (size_t c = 0; c < TETRA_CLASSES; c++) {
      a[c] = static_cast<double>(logits[i * TETRA_CLASSES + c]);
      b[c] = codes[i * TETRA_CLASSES + c] * g->values[g->output].d.scale;
      signal += a[c] * a[c];
      noise += (a[c] - b[c]) * (a[c] - b[c]);
    }
    EXPECT_GT(Correlation(a, b), want) << "image " << i;
    EXPECT_GT(signal, noise) << "same scale, not only the same direction";
  }
}

// Without a ReLU a batch-normalized tensor has mean beta and deviation gamma, in every precision, because statistics
// come from the quantized run; a wrong stride, padding, scale, bias or sign anywhere would show.
TEST_P(Precision, ProjectionsHaveBatchNormsStatistics) {
  tetra_network_options o = Small("resnet50", 0.5, 96);
  const auto images = CalibrationImages(o);
  o.batch = static_cast<int>(images.size());
  Graph g(o);
  Execution run(g, images);
  for (int stage = 1; stage <= 4; stage++) {
    const int op = g.Find("s" + std::to_string(stage) + "b1.proj");
    ASSERT_GE(op, 0);
    const int value = g->ops[op].output[0];
    const tetra_desc &d = g->values[value].d;
    const std::vector<int16_t> codes = run.Codes(value);
    const size_t channels = static_cast<size_t>(d.c), pixels = codes.size() / channels;
    for (size_t c = 0; c < channels; c++) {
      double mean = 0, square = 0;
      for (size_t p = 0; p < pixels; p++) {
        const double v = codes[p * channels + c] * d.scale;
        mean += v / static_cast<double>(pixels);
        square += v * v / static_cast<double>(pixels);
      }
      EXPECT_LT(std::fabs(mean), 0.3 + 0.05) << "stage " << stage << " channel " << c;
      const double deviation = std::sqrt(square - mean * mean);
      EXPECT_GT(deviation, 0.6 - 0.05) << "stage " << stage << " channel " << c;
      EXPECT_LT(deviation, 1.4 + 0.05) << "stage " << stage << " channel " << c;
    }
  }
}

// Calibration runs what the hardware will run: over its images the largest value of each 8-bit tensor, whose bound it
// is, has the top code (the logits have a quarter of headroom), at the end of the network as at its start.
TEST_P(Precision, EightBitTensorsReachTheirBoundExactly) {
  for (int fuse = 0; fuse < 2; fuse++) {
    tetra_network_options o = Small("resnet50", 0.25, 64);
    const auto images = CalibrationImages(o);
    o.batch = static_cast<int>(images.size());
    o.fuse = fuse;
    Graph g(o);
    Execution run(g, images);
    for (int i = 0; i < g->n_values; i++) {
      const tetra_fmt fmt = g->values[i].d.fmt;
      if (i == g->input || tetra_fmt_bits(fmt) != 8) continue;
      int top = 0, at_top = 0;
      for (int code : run.Codes(i)) {
        top = std::max(top, std::abs(code));
        at_top += std::abs(code) == tetra_fmt_max(fmt);
      }
      if (i == g->output) {
        EXPECT_NEAR(top, 127 / 1.25, 1.0);
      } else {
        EXPECT_EQ(top, tetra_fmt_max(fmt)) << g->values[i].name;
        EXPECT_LT(at_top, 40) << g->values[i].name << ": the bound clips";
      }
    }
  }
}

// No tensor all zero, saturated or confined to a few codes.
void CheckRanges(const tetra_network_options &o) {
  Graph g(o);
  Execution run(g, {Synthetic(o.seed, o.image_size)});
  for (int i = 0; i < g->n_values; i++) {
    const std::vector<int16_t> codes = run.Codes(i);
    const int top = tetra_fmt_max(g->values[i].d.fmt);
    const double n = static_cast<double>(codes.size());
    const auto zeros = std::count(codes.begin(), codes.end(), 0), full = std::count(codes.begin(), codes.end(), top);
    EXPECT_GE(*std::max_element(codes.begin(), codes.end()), top / 3) << g->values[i].name;
    EXPECT_LT(static_cast<double>(zeros) / n, 0.8) << g->values[i].name;
    EXPECT_LT(static_cast<double>(full) / n, 0.05) << g->values[i].name;
  }
}

TEST_P(Precision, CodesUseTheirRangeResNet18) { CheckRanges(Small()); }
TEST_P(Precision, CodesUseTheirRangeResNet18Unfused) {
  tetra_network_options o = Small();
  o.fuse = 0;
  CheckRanges(o);
}
TEST_P(Precision, CodesUseTheirRangeResNet152) { CheckRanges(Small("resnet152", 0.125, 64)); }

TEST_P(Precision, UnfusedWritesEveryTensor) {
  tetra_network_options o = Small("resnet50", 0.125, 32);
  Graph fused(o);
  o.fuse = 0;
  Graph plain(o);
  EXPECT_EQ(plain->n_ops, fused->n_ops + 16 + 1);
  int adds = 0;
  for (int i = 0; i < plain->n_ops; i++) {
    const tetra_op &op = plain->ops[i];
    adds += op.kind == TETRA_ADD;
    EXPECT_EQ(op.residual >= 0, op.kind == TETRA_ADD) << op.name;
    EXPECT_EQ(op.pool, 0) << op.name;
    EXPECT_EQ(std::string(op.name).find('+'), std::string::npos) << op.name;
  }
  EXPECT_EQ(adds, 16);
  const int add = plain.Find("s2b1.add");
  ASSERT_GE(add, 0);
  EXPECT_EQ(plain->values[plain->ops[add].input].producer, plain.Find("s2b1.conv3"));
  EXPECT_EQ(plain->values[plain->ops[add].residual].producer, plain.Find("s2b1.proj"));
  EXPECT_EQ(plain->values[plain->ops[add].input].d.fmt, TETRA_S8);
  EXPECT_EQ(plain->ops[add].n_outputs, fused->ops[fused.Find("s2b1.conv3+add")].n_outputs);
}

TEST_P(Precision, OddSizesAndTinyWidthsBuild) {
  for (int size : {32, 33, 45, 63, 101}) {
    for (const char *network : {"resnet18", "resnet50"}) Graph(Options(network, GetParam(), 1.0 / 64, size));
  }
  Graph(Options("resnet34", GetParam(), 0.3, 75));  // 19 channels, an odd number
}

bool SameGraph(const tetra_graph *a, const tetra_graph *b) {
  if (a->n_ops != b->n_ops || a->n_values != b->n_values) return false;
  for (int i = 0; i < a->n_values; i++) {
    if (a->values[i].d.scale != b->values[i].d.scale) return false;
  }
  for (int i = 0; i < a->n_ops; i++) {
    const tetra_op &x = a->ops[i], &y = b->ops[i];
    const size_t n = x.kind == TETRA_CONV ? static_cast<size_t>(x.cout * x.win.kh * x.win.kw) *
                                                static_cast<size_t>(a->values[x.input].d.c)
                                          : 0;
    if (n && std::memcmp(x.weights, y.weights, n) != 0) return false;
    for (int k = 0; k < x.n_outputs; k++) {
      if (std::memcmp(x.rq[k].ch, y.rq[k].ch, static_cast<size_t>(x.cout) * sizeof *x.rq[k].ch) != 0) return false;
    }
  }
  return true;
}

// Calibration's products are sums of whole numbers, so neither BLAS's threads nor its order can change a network.
TEST_P(Precision, SameNetworkWithAnyNumberOfThreads) {
  const tetra_network_options o = Small("resnet50", 0.5, 64);
  openblas_set_num_threads(1);
  Graph one(o);
  openblas_set_num_threads(3);
  Graph three(o);
  EXPECT_TRUE(SameGraph(one.get(), three.get()));
  tetra_network_options other = o;
  other.seed++;
  Graph different(other);
  EXPECT_FALSE(SameGraph(one.get(), different.get())) << "the comparison can fail";
}

TEST_P(Precision, BatchRunsEachImageAlone) {
  tetra_network_options o = Small("resnet18", 0.25, 40);
  Graph single(o);
  o.batch = 3;
  Graph batch(o);
  EXPECT_TRUE(SameGraph(single.get(), batch.get())) << "the batch must not change calibration";
  const std::vector<std::vector<uint8_t>> images = {Synthetic(5, 40), Synthetic(6, 40), Synthetic(7, 40)};
  Execution all(batch, images);
  const std::vector<int16_t> logits = all.Codes(batch->output);
  for (size_t i = 0; i < 3; i++) {
    Execution alone(single, {images[i]});
    const std::vector<int16_t> want = alone.Codes(single->output);
    EXPECT_TRUE(std::equal(want.begin(), want.end(), logits.begin() + static_cast<long>(i * TETRA_CLASSES))) << i;
  }
}

TEST_P(Precision, FastPathAndPlainLoopsAgreeOnAWholeNetwork) {
  for (int fuse = 0; fuse < 2; fuse++) {
    tetra_network_options o = Small("resnet50", 0.125, 37);
    o.fuse = fuse;
    Graph g(o);
    Execution fast(g, {Synthetic(3, 37)}), plain(g, {Synthetic(3, 37)}, TETRA_REFERENCE);
    for (int i = 0; i < g->n_values; i++) EXPECT_EQ(fast.Codes(i), plain.Codes(i)) << g->values[i].name;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Precision, testing::Values(TETRA_W8A8, TETRA_W4A8, TETRA_W4A4, TETRA_W4A4_INIT8_DENSE8),
                         [](const auto &param) { return Identifier(tetra_precision_name(param.param)); });

TEST(Weights, SomeGammasAreNegativeYetNoMultiplierIs) {
  // Sign folding shows as weights whose sign differs from another precision's in nothing; M itself must never be
  // negative.
  Graph g(Options("resnet18", TETRA_W8A8, 0.5, 32));
  for (int i = 0; i < g->n_ops; i++) {
    for (int c = 0; c < g->ops[i].cout; c++) {
      EXPECT_GT(g->ops[i].rq[0].ch[c].m, 0) << g->ops[i].name;
      EXPECT_GE(g->ops[i].rq[0].ch[c].mr, 0) << g->ops[i].name;
    }
  }
}

TEST(Image, QuantizedByTheFormula) {
  const float mean[] = {0.485f, 0.456f, 0.406f}, deviation[] = {0.229f, 0.224f, 0.225f};
  for (tetra_precision p : {TETRA_W8A8, TETRA_W4A4}) {
    Graph g(Options("resnet18", p, 1.0 / 64, 32));
    const tetra_desc &d = g->values[g->input].d;
    const int b = tetra_fmt_max(d.fmt);
    std::vector<uint8_t> rgb(32 * 32 * 3);
    for (size_t i = 0; i < rgb.size(); i++) rgb[i] = static_cast<uint8_t>(i / 12 + i % 3);
    Execution run(g, {rgb});
    const std::vector<int16_t> codes = run.Codes(g->input);
    for (size_t i = 0; i < rgb.size(); i++) {
      const double x = (rgb[i] / 255.0 - static_cast<double>(mean[i % 3])) / static_cast<double>(deviation[i % 3]);
      EXPECT_NEAR(codes[i], x / d.scale, 0.501) << "pixel level " << int(rgb[i]) << " channel " << i % 3;
      EXPECT_LE(std::abs(codes[i]), b);
    }
    EXPECT_EQ(*std::max_element(codes.begin(), codes.end()), b) << "white in blue is the largest value there is";
  }
}

TEST(Image, WrongInputIsRefused) {
  tetra_tensor t;
  tetra_error err;
  const uint8_t rgb[3] = {0, 0, 0};
  tetra_desc d = {1, 1, 1, 3, TETRA_U8, 0, 1.0};
  ASSERT_EQ(tetra_tensor_init(&t, &d, &err), TETRA_OK);
  EXPECT_EQ(tetra_quantize_image(rgb, &t, 0, &err), TETRA_EINVAL);
  t.d.fmt = TETRA_S8;
  EXPECT_EQ(tetra_quantize_image(rgb, &t, 1, &err), TETRA_EINVAL);
  EXPECT_EQ(tetra_quantize_image(rgb, &t, -1, &err), TETRA_EINVAL);
  EXPECT_EQ(tetra_quantize_image(rgb, &t, 0, &err), TETRA_OK);
  tetra_tensor_free(&t);
}

TEST(Image, SyntheticIsDeterministicAndVaried) {
  const auto a = Synthetic(1, 64), b = Synthetic(1, 64), c = Synthetic(2, 64);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_LT(*std::min_element(a.begin(), a.end()), 64);
  EXPECT_GT(*std::max_element(a.begin(), a.end()), 192);
  uint64_t hash = 1469598103934665603u;  // FNV-1a: the same pixels on every machine
  for (uint8_t v : a) hash = (hash ^ v) * 1099511628211u;
  EXPECT_EQ(hash, 299072608215572822u);
}

TEST(FloatNet, RefusesWhatBuildRefuses) {
  tetra_network_options o = Options("resnet18", TETRA_W8A8, 0.25, 16);
  tetra_error err;
  float logits[TETRA_CLASSES];
  EXPECT_EQ(tetra_float_logits(&o, nullptr, 1, logits, &err), TETRA_EINVAL);
  o.image_size = 32;
  EXPECT_EQ(tetra_float_logits(&o, nullptr, 0, logits, &err), TETRA_EINVAL);
}

TEST(FloatNet, ImagesDoNotInfluenceEachOther) {
  const tetra_network_options o = Options("resnet18", TETRA_W8A8, 0.25, 32);
  std::vector<uint8_t> two = Synthetic(8, 32);
  const auto second = Synthetic(9, 32);
  two.insert(two.end(), second.begin(), second.end());
  std::vector<float> both(2 * TETRA_CLASSES), alone(TETRA_CLASSES);
  ASSERT_EQ(tetra_float_logits(&o, two.data(), 2, both.data(), nullptr), TETRA_OK);
  ASSERT_EQ(tetra_float_logits(&o, second.data(), 1, alone.data(), nullptr), TETRA_OK);
  for (size_t c = 0; c < TETRA_CLASSES; c++) EXPECT_NEAR(both[TETRA_CLASSES + c], alone[c], 1e-3f) << c;
}

TEST(Calibration, LastStageAlwaysHasEnoughPixels) {
  EXPECT_EQ(tetra_calibration_images(224), 1);
  EXPECT_EQ(tetra_calibration_images(512), 1);
  EXPECT_EQ(tetra_calibration_images(64), 13);
  EXPECT_EQ(tetra_calibration_images(32), 49);
  EXPECT_EQ(tetra_calibration_images(33), 13);
}

// The list for messages is the names in their order; the bits are those of docs/numerics.md.
TEST(Precisions, NamesAndBitsAreTheTables) {
  const int bits[4][4] = {{8, 8, 8, 8}, {8, 8, 4, 8}, {4, 4, 4, 4}, {8, 8, 4, 4}};
  std::string list;
  for (int p = 0; p < 4; p++) {
    const char *name = tetra_precision_name(static_cast<tetra_precision>(p));
    list += (p == 0 ? "" : p == 3 ? " or " : ", ") + std::string(name);
    EXPECT_EQ(tetra_precision_parse(name), p);
    const tetra_precision_bits b = tetra_bits_of_precision(static_cast<tetra_precision>(p));
    EXPECT_EQ(b.outer_weights, bits[p][0]) << name;
    EXPECT_EQ(b.outer_acts, bits[p][1]) << name;
    EXPECT_EQ(b.weights, bits[p][2]) << name;
    EXPECT_EQ(b.acts, bits[p][3]) << name;
  }
  EXPECT_EQ(list, TETRA_PRECISION_NAMES);
  EXPECT_EQ(tetra_precision_name(static_cast<tetra_precision>(4)), nullptr);
}

}  // namespace
