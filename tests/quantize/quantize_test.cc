// Quantization after training: small networks made by hand, ResNet-20 on CIFAR-10, bad input.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "float_logits.h"

extern "C" {
#include "ptq/equalize.h"
}

namespace {

struct Quantized {
  std::string bytes;
  tetra_quantize_report report = {};
  tetra_import_report refused = {};
  tetra_error err = {};
  int rc = -1;

  Quantized(const std::string &model, const std::vector<float> &images, int n, tetra_precision precision, int search) {
    tetra_quantize_options o;
    tetra_quantize_defaults(&o);
    o.precision = precision;
    o.method = search ? TETRA_METHOD_BEST : TETRA_METHOD_MAX;
    Run(model, images, n, o);
  }
  Quantized(const std::string &model, const std::vector<float> &images, int n, const tetra_quantize_options &o) {
    Run(model, images, n, o);
  }
  void Run(const std::string &model, const std::vector<float> &images, int n, const tetra_quantize_options &o) {
    uint8_t *out = nullptr;
    size_t size = 0;
    rc = tetra_quantize_model(reinterpret_cast<const uint8_t *>(model.data()), model.size(), images.data(), n, &o, &out,
                              &size, &report, &refused, &err);
    if (out) bytes.assign(reinterpret_cast<char *>(out), size);
    free(out);
  }
  ~Quantized() {
    tetra_quantize_report_free(&report);
    tetra_import_report_free(&refused);
  }
  Quantized(const Quantized &) = delete;
  Quantized &operator=(const Quantized &) = delete;
};

// Two residual blocks, a max-pool, a dense layer: stem 3 -> 8, 8 -> 16 with a picked and padded shortcut.
Model FloatModel(Rng *r) {
  Model m = Start({1, 3, 12, 12});
  m.opset = 17;
  const auto conv = [&](const std::string &x, const std::string &name, int64_t cin, int64_t cout, int64_t stride) {
    const auto n = static_cast<size_t>(cout * cin * 9);
    const double size = std::sqrt(3.0 / static_cast<double>(cin * 9)) * 1.4;
    m.Const(name + "_w", onnx::kFloat, {cout, cin, 3, 3}, Real(r, n, -size, size));
    return BatchNorm(&m, r,
                     Op(&m, "Conv", {x, name + "_w"}, name, {{"pads", {1, 1, 1, 1}}, {"strides", {stride, stride}}}),
                     name + "_bn", static_cast<size_t>(cout));
  };
  const auto relu = [&](const std::string &x, const std::string &name) { return Op(&m, "Relu", {x}, name); };
  auto x = relu(conv("x", "stem", 3, 8, 1), "r0");
  x = Op(&m, "MaxPool", {x}, "pool", {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}});
  auto y = conv(relu(conv(x, "a1", 8, 8, 1), "r1"), "a2", 8, 8, 1);
  x = relu(Op(&m, "Add", {y, x}, "sum1"), "r2");
  y = conv(relu(conv(x, "b1", 8, 16, 2), "r3"), "b2", 16, 16, 1);
  const auto s = Pad(&m, Slice(&m, x, "slice", {0, 0}, {2147483647.0, 2147483647.0}, {2, 3}, {2, 2}), "pad",
                     {0, 4, 0, 0, 0, 4, 0, 0});
  x = relu(Op(&m, "Add", {s, y}, "sum2"), "r4");
  x = Op(&m, "Flatten", {Op(&m, "GlobalAveragePool", {x}, "gap")}, "flat");
  m.Const("fc", onnx::kFloat, {10, 16}, Real(r, 160, -0.5, 0.5));
  m.Const("fc_b", onnx::kFloat, {10}, Real(r, 10, -0.5, 0.5));
  Op(&m, "Gemm", {x, "fc", "fc_b"}, "logits", {{"transB", {1}}});
  return m;
}

// A stem, an inverted residual block with batch norms and ReLU6, a convolution in 4 groups, a depthwise one with two
// outputs a channel, a dense layer.
Model MobileModel(Rng *r) {
  Model m = Start({1, 3, 12, 12});
  m.opset = 17;
  const auto zero = m.Scalar("zero", onnx::kFloat, 0), six = m.Scalar("six", onnx::kFloat, 6);
  const auto conv = [&](const std::string &x, const std::string &name, int64_t cin, int64_t cout, int64_t k,
                        int64_t groups, int64_t stride) {
    const auto n = static_cast<size_t>(cout * cin / groups * k * k);
    const double size = std::sqrt(3.0 / static_cast<double>(cin / groups * k * k)) * 1.4;
    m.Const(name + "_w", onnx::kFloat, {cout, cin / groups, k, k}, Real(r, n, -size, size));
    return BatchNorm(&m, r,
                     Op(&m, "Conv", {x, name + "_w"}, name,
                        {{"pads", {k / 2, k / 2, k / 2, k / 2}}, {"strides", {stride, stride}}, {"group", {groups}}}),
                     name + "_bn", static_cast<size_t>(cout));
  };
  const auto clip = [&](const std::string &x, const std::string &name) { return Op(&m, "Clip", {x, zero, six}, name); };
  const auto x = clip(conv("x", "stem", 3, 8, 3, 1, 1), "c0");
  auto y = clip(conv(x, "expand", 8, 24, 1, 1, 1), "c1");
  y = clip(conv(y, "depthwise", 24, 24, 3, 24, 1), "c2");
  y = Op(&m, "Add", {x, conv(y, "project", 24, 8, 1, 1, 1)}, "sum");
  y = clip(conv(y, "grouped", 8, 16, 3, 4, 2), "c3");
  y = clip(conv(y, "twice", 16, 32, 3, 16, 1), "c4");
  y = Op(&m, "Flatten", {Op(&m, "GlobalAveragePool", {y}, "gap")}, "flat");
  m.Const("fc", onnx::kFloat, {10, 32}, Real(r, 320, -0.5, 0.5));
  m.Const("fc_b", onnx::kFloat, {10}, Real(r, 10, -0.5, 0.5));
  Op(&m, "Gemm", {y, "fc", "fc_b"}, "logits", {{"transB", {1}}});
  return m;
}

// Two blocks of a pre-activation network whose image is normalized in the file, and what else a reader of quantized
// networks takes: Sub, Div and Neg of constants, sums of three, Min and Max, a padded plane, the largest of a plane.
Model PreactModel(Rng *r, bool nhwc) {
  Model m = Start(nhwc ? std::vector<int64_t>{1, 12, 12, 3} : std::vector<int64_t>{1, 3, 12, 12});
  m.opset = 17;
  const auto conv = [&](const std::string &x, const std::string &name, int64_t cin, int64_t cout, int64_t pad) {
    const double size = std::sqrt(3.0 / static_cast<double>(cin * 9)) * 1.4;
    m.Const(name + "_w", onnx::kFloat, {cout, cin, 3, 3}, Real(r, static_cast<size_t>(cout * cin * 9), -size, size));
    return Op(&m, "Conv", {x, name + "_w"}, name, {{"pads", {pad, pad, pad, pad}}});
  };
  const auto act = [&](const std::string &x, const std::string &name) {
    return Op(&m, "Relu", {BatchNorm(&m, r, x, name + "_bn", 8)}, name);
  };
  m.Const("mean", onnx::kFloat, {1, 3, 1, 1}, {0.25, -0.5, 0.125});
  m.Const("std", onnx::kFloat, {3, 1, 1}, {1.5, 0.75, 1});
  const auto image = nhwc ? Op(&m, "Transpose", {"x"}, "nchw", {{"perm", {0, 3, 1, 2}}}) : "x";
  auto x = conv(Op(&m, "Div", {Op(&m, "Sub", {image, "mean"}, "centred"), "std"}, "normal"), "stem", 3, 8, 1);
  auto y = conv(act(x, "a"), "c1", 8, 8, 1);
  x = Op(&m, "Add", {x, conv(act(y, "b"), "c2", 8, 8, 1)}, "sum1");
  y = conv(Pad(&m, act(x, "c"), "padded", {0, 0, 1, 1, 0, 0, 1, 1}), "c3", 8, 8, 0);
  x = Op(&m, "Sub", {x, Op(&m, "Neg", {y}, "minus")}, "sum2");
  x = Op(&m, "Sum", {x, y, Op(&m, "Min", {y, m.Scalar("six", onnx::kFloat, 6)}, "least")}, "sum3");
  x = Op(&m, "Max", {Op(&m, "Sub", {m.Scalar("one", onnx::kFloat, 1), x}, "from1"), m.Scalar("low", onnx::kFloat, -3)},
         "most");
  x = Op(&m, "Flatten", {Op(&m, "GlobalMaxPool", {x}, "gmp")}, "flat");
  m.Const("fc", onnx::kFloat, {10, 8}, Real(r, 80, -0.5, 0.5));
  Op(&m, "Mul", {Op(&m, "Gemm", {x, "fc"}, "dense", {{"transB", {1}}}), m.Scalar("half", onnx::kFloat, 0.5)}, "logits");
  return m;
}

// 10 log10 of signal to noise over images, against the evaluator's float answers.
double LogitsSnr(const Model &m, const std::string &quantized, uint32_t seed) {
  const Imported i(quantized);
  EXPECT_EQ(i.rc, TETRA_OK) << i.Why();
  if (i.rc) return 0;
  double signal = 0, noise = 0;
  for (int k = 0; k < 10; k++) {
    const auto nhwc = Images(seed + static_cast<uint32_t>(k), 1, 432);
    const bool last = m.input_shape[3] == 3;
    onnx::Array x = {onnx::kFloat, m.input_shape, std::vector<double>(432), false};
    for (size_t p = 0; p < 144; p++)
      for (size_t c = 0; c < 3; c++) x.v[last ? p * 3 + c : c * 144 + p] = static_cast<double>(nhwc[p * 3 + c]);
    const auto want = onnx::EvalModel(m, x).at("logits").v, got = RunModel(i, x.v, TETRA_FAST);
    for (size_t c = 0; c < want.size(); c++) {
      signal += want[c] * want[c];
      noise += (want[c] - got.at(c)) * (want[c] - got.at(c));
    }
  }
  return 10 * std::log10(signal / noise);
}

TEST(Quantize, float_logits_are_the_networks) {
  Rng random(3);
  ExpectFloatLogits(FloatModel(&random));
  ExpectFloatLogits(MobileModel(&random));
  ExpectFloatLogits(PreactModel(&random, false));
  ExpectFloatLogits(PreactModel(&random, true));
}

TEST(Quantize, what_the_reader_of_quantized_networks_takes) {
  for (const bool nhwc : {false, true}) {
    Rng random(5);
    const Model m = PreactModel(&random, nhwc);
    for (const int search : {0, 1}) {
      const Quantized q(m.Bytes(), Images(100, 32, 432), 32, TETRA_W8A8, search);
      ASSERT_EQ(q.rc, TETRA_OK) << q.err.msg;
      EXPECT_GT(LogitsSnr(m, q.bytes, 1000), 25) << nhwc << search;
      const Imported i(q.bytes);
      EXPECT_EQ(i.m.input_nchw, nhwc ? 0 : 1);
      EXPECT_EQ(i.m.n_steps, 2);
    }
  }
}

TEST(Quantize, a_network_of_vectors) {
  Rng random(5);
  Model m = Start({1, 20});
  m.opset = 17;
  m.Const("w", onnx::kFloat, {20, 12}, Real(&random, 240, -0.5, 0.5));
  m.Const("v", onnx::kFloat, {12, 4}, Real(&random, 48, -0.5, 0.5));
  m.Const("b", onnx::kFloat, {12}, Real(&random, 12, -0.5, 0.5));
  const auto h = Op(&m, "Relu", {Op(&m, "Add", {Op(&m, "MatMul", {"x", "w"}, "h"), "b"}, "hb")}, "r");
  m.Const("k", onnx::kFloat, {12}, Real(&random, 12, 0.5, 2));
  Op(&m, "MatMul", {Op(&m, "Mul", {h, "k"}, "scaled"), "v"}, "logits");
  const Quantized q(m.Bytes(), Images(100, 64, 20), 64, TETRA_W8A8, 1);
  ASSERT_EQ(q.rc, TETRA_OK) << q.err.msg;
  const Imported i(q.bytes);
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  const auto image = Images(7, 1, 20);
  onnx::Array x = {onnx::kFloat, {1, 20}, {}, false};
  for (const float v : image) x.v.push_back(static_cast<double>(v));
  const auto want = onnx::EvalModel(m, x).at("logits").v, got = RunModel(i, x.v, TETRA_FAST);
  for (size_t c = 0; c < 4; c++) EXPECT_NEAR(got.at(c), want[c], 0.1);
}

// Of the logits of m, quantized after 32 x 32 images.
double QuantizedSnr(const Model &m, const std::vector<float> &images, tetra_precision precision, int search) {
  const Quantized q(m.Bytes(), images, 32, precision, search);
  EXPECT_EQ(q.rc, TETRA_OK) << q.err.msg;
  return LogitsSnr(m, q.bytes, 1000);
}

TEST(Quantize, convolutions_in_groups) {
  Rng random(5);
  const Model m = MobileModel(&random);
  const auto images = Images(100, 32, 432);
  const auto snr = [&](tetra_precision precision, int search) { return QuantizedSnr(m, images, precision, search); };
  EXPECT_GT(snr(TETRA_W8A8, 0), 25);
  EXPECT_GT(snr(TETRA_W8A8, 1), 25);
  EXPECT_GT(snr(TETRA_W4A8, 1), snr(TETRA_W4A8, 0) + 2) << "searching must be worth it";
  const Quantized q(m.Bytes(), images, 32, TETRA_W4A4_INIT8_DENSE8, 1);
  const Imported i(q.bytes);
  ASSERT_EQ(i.rc, TETRA_OK) << q.err.msg << i.Why();
  EXPECT_EQ(q.bytes.find("Clip"), std::string::npos) << "which onnxruntime refuses before 4 bits";
  std::vector<int> groups;
  for (int k = 0; k < i.m.graph.n_ops; k++)
    if (i.m.graph.ops[k].kind == TETRA_CONV) groups.push_back(i.m.graph.ops[k].groups);
  EXPECT_EQ(groups, (std::vector<int>{1, 1, 24, 1, 4, 16, 1}));
}

// An average's divisor survives reading the float network, calibrating it and writing it again: 28 dB need all three.
TEST(Quantize, averages_of_windows_of_different_sizes) {
  const std::map<std::string, std::vector<int64_t>> kernel = {
      {"kernel_shape", {3, 3}}, {"strides", {2, 3}}, {"pads", {1, 0, 1, 1}}};
  for (const auto &[padding_counts, ceil_mode] : {std::pair(0, 0), std::pair(0, 1), std::pair(1, 0), std::pair(1, 1)}) {
    SCOPED_TRACE("count_include_pad " + std::to_string(padding_counts) + ", ceil_mode " + std::to_string(ceil_mode));
    Rng random(3);
    Model m = FloatModel(&random);
    for (onnx::Node &n : m.nodes) {
      if (n.op != "MaxPool") continue;
      n.op = "AveragePool";
      n.ints = kernel;
      n.ints["count_include_pad"] = {padding_counts};
      n.ints["ceil_mode"] = {ceil_mode};
    }
    const Quantized q(m.Bytes(), Images(100, 32, 432), 32, TETRA_W8A8, 1);
    ASSERT_EQ(q.rc, TETRA_OK) << q.err.msg;
    EXPECT_GT(LogitsSnr(m, q.bytes, 1000), 28);
  }
}

TEST(Quantize, precisions_by_signal_to_noise) {
  Rng random(3);
  const Model m = FloatModel(&random);
  const auto images = Images(100, 32, 432);
  const auto snr = [&](tetra_precision precision, int search) { return QuantizedSnr(m, images, precision, search); };
  const double w8a8 = snr(TETRA_W8A8, 1), w4a8 = snr(TETRA_W4A8, 1), inner4 = snr(TETRA_W4A4_INIT8_DENSE8, 1),
               w4a4 = snr(TETRA_W4A4, 1);
  EXPECT_GT(w8a8, 28);
  EXPECT_GT(w8a8, w4a8);
  EXPECT_GT(w4a8, inner4);
  EXPECT_GT(inner4, w4a4);
  EXPECT_GT(w4a8, snr(TETRA_W4A8, 0) + 2) << "searching must be worth it";
  EXPECT_GT(inner4, snr(TETRA_W4A4_INIT8_DENSE8, 0) + 1);
}

// What channels of the 4-bit tensors reach, the least (but for dead ones) over the most, mean of the logarithms.
double Spread(const tetra_float_graph &g, const quant_plan &p, const std::vector<float> &images, int n) {
  std::vector<float *> x(static_cast<size_t>(g.n_values));
  double sum = 0;
  int tensors = 0;
  for (int i = 0; i < g.n_nodes; i++) {
    const tetra_float_node &node = g.nodes[i];
    const auto value = [&](int v) -> const float * {
      return v < 0 ? nullptr : v == g.input ? images.data() : x[static_cast<size_t>(v)];
    };
    const float *const in[2] = {value(node.in[0]), value(node.in[1])};
    float *&out = x[static_cast<size_t>(node.out)];
    EXPECT_EQ(tetra_float_run(&g, &node, n, in, nullptr, nullptr, &out, nullptr), TETRA_OK);
    if (!p.points[node.out][POINT_4].used) continue;
    const auto c = static_cast<size_t>(g.values[node.out].c);
    std::vector<float> most(c);
    for (size_t e = 0; e < tetra_float_size(&g.values[node.out], n); e++)
      most[e % c] = std::max(most[e % c], std::fabs(out[e]));
    most.erase(std::remove_if(most.begin(), most.end(), [](float m) { return m < 0.01f; }), most.end());
    sum += std::log(*std::min_element(most.begin(), most.end()) / *std::max_element(most.begin(), most.end()));
    tensors++;
  }
  for (float *t : x) free(t);
  EXPECT_GT(tensors, 2);
  return sum / tensors;
}

TEST(Quantize, equal_channels_are_the_same_function) {
  for (const bool mobile : {false, true}) {
    Rng random(3);
    const std::string bytes = (mobile ? MobileModel(&random) : FloatModel(&random)).Bytes();
    const auto images = Images(100, 8, 432);
    tetra_error err = {};
    tetra_arena arena = {};
    arena.err = &err;
    tetra_float_graph g = {};
    tetra_import_report refused = {};
    ASSERT_EQ(tetra_import_float(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size(), &arena, &g, &refused),
              TETRA_OK);
    tetra_quantize_options o;
    tetra_quantize_defaults(&o);
    o.precision = TETRA_W4A4;
    quant_plan p = {};
    p.g = &g;
    p.o = &o;
    ASSERT_EQ(quant_place(&arena, &p), TETRA_OK);
    float *before = nullptr, *after = nullptr;
    ASSERT_EQ(tetra_float_run_graph(&g, images.data(), 8, &before, &err), TETRA_OK);
    const double spread = Spread(g, p, images, 8);
    ASSERT_EQ(quant_equalize(&arena, &p, images.data(), 8), TETRA_OK);
    ASSERT_EQ(tetra_float_run_graph(&g, images.data(), 8, &after, &err), TETRA_OK);
    for (int e = 0; e < 80; e++) EXPECT_NEAR(after[e], before[e], 1e-4f) << e;
    // ReLU6 says where its channels end: nothing may move there.
    EXPECT_GT(Spread(g, p, images, 8), spread + (mobile ? -1e-9 : 0.1));
    free(before);
    free(after);
    tetra_arena_free(&arena);
  }
}

TEST(Quantize, formats_of_mostly_4_bit) {
  Rng random(3);
  const Quantized q(FloatModel(&random).Bytes(), Images(100, 4, 432), 4, TETRA_W4A4_INIT8_DENSE8, 1);
  ASSERT_EQ(q.rc, TETRA_OK) << q.err.msg;
  const Imported i(q.bytes, 2);
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  const tetra_graph &g = i.m.graph;
  EXPECT_EQ(i.Desc(g.input).n, 2);
  int convs = 0, joint = 0, two_outputs = 0;
  for (int k = 0; k < g.n_ops; k++) {
    const tetra_op &op = g.ops[k];
    const std::string name = op.name;
    if (op.kind != TETRA_CONV || name.find("slice") != std::string::npos || name.find("pad") != std::string::npos)
      continue;
    const bool outer = name == "node_stem" || name == "node_logits";
    EXPECT_EQ(op.wbits, outer ? 8 : 4) << name;
    EXPECT_EQ(tetra_fmt_bits(g.values[op.input].d.fmt), outer ? 8 : 4) << name;
    EXPECT_EQ(tetra_fmt_signed(g.values[op.input].d.fmt), name == "node_stem") << name;
    convs++;
    joint += op.res_form == TETRA_RES_JOINT;
    two_outputs += op.n_outputs == 2;
  }
  EXPECT_EQ(convs, 6);
  EXPECT_EQ(joint, 2);
  EXPECT_EQ(two_outputs, 2) << "the stem, which is quantized behind its pool, and the first block's sum feed a 4-bit "
                               "convolution and an 8-bit shortcut each";
}

TEST(Quantize, plain_weights_use_the_whole_range_of_each_channel) {
  Rng random(3);
  const Quantized q(FloatModel(&random).Bytes(), Images(100, 2, 432), 2, TETRA_W8A8, 0);
  ASSERT_EQ(q.rc, TETRA_OK) << q.err.msg;
  const Imported i(q.bytes);
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  const tetra_op &op = i.m.graph.ops[0];
  for (int c = 0; c < op.cout; c++) {
    int most = 0;
    for (int k = 0; k < 27; k++) most = std::max(most, std::abs(static_cast<int>(op.weights[c * 27 + k])));
    EXPECT_EQ(most, 127) << "channel " << c;
  }
}

TEST(Quantize, same_input_same_file) {
  Rng random(3);
  const std::string model = FloatModel(&random).Bytes();
  const auto images = Images(100, 8, 432);
  const Quantized a(model, images, 8, TETRA_W4A4, 1), b(model, images, 8, TETRA_W4A4, 1);
  EXPECT_EQ(a.bytes, b.bytes);
}

TEST(Quantize, layers_are_reported) {
  Rng random(3);
  const Quantized q(FloatModel(&random).Bytes(), Images(100, 4, 432), 4, TETRA_W4A8, 1);
  ASSERT_EQ(q.rc, TETRA_OK) << q.err.msg;
  int weights = 0;
  for (int i = 0; i < q.report.n_items; i++) {
    const tetra_quantized &item = q.report.items[i];
    EXPECT_GT(item.bound, 0) << item.name;
    EXPECT_GT(item.snr_db, item.is_weights && tetra_fmt_bits(item.fmt) == 8 ? 35 : 8) << item.name;
    EXPECT_LT(item.saturated, 0.05) << item.name;
    weights += item.is_weights;
  }
  EXPECT_EQ(weights, 6);
  EXPECT_GT(q.report.output_snr_db, 10);
}

TEST(Quantize, what_cannot_be_is_refused) {
  Rng random(3);
  Model m = FloatModel(&random);
  for (auto &n : m.nodes)
    if (n.name == "node_r1") n.op = "Tanh";
  m.nodes[0].ints["dilations"] = {2000, 1};
  const Quantized q(m.Bytes(), Images(1, 1, 432), 1, TETRA_W8A8, 1);
  EXPECT_EQ(q.rc, TETRA_EINVAL);
  ASSERT_EQ(q.refused.n_refusals, 2);
  EXPECT_STREQ(q.refused.refusals[0].op, "Conv");
  EXPECT_STREQ(q.refused.refusals[1].op, "Tanh");
}

TEST(Quantize, images_and_weights_must_be_finite) {
  Rng random(3);
  Model m = FloatModel(&random);
  auto images = Images(1, 1, 432);
  images[5] = std::nanf("");
  const Quantized nan(m.Bytes(), images, 1, TETRA_W8A8, 1);
  EXPECT_EQ(nan.rc, TETRA_EINVAL);
  EXPECT_NE(std::string(nan.err.msg).find("element 5 of the images is nan"), std::string::npos) << nan.err.msg;
  const Quantized none(m.Bytes(), images, 0, TETRA_W8A8, 1);
  EXPECT_EQ(none.rc, TETRA_EINVAL);
  m.constants["a1_w"].v[7] = static_cast<double>(INFINITY);
  const Quantized inf(m.Bytes(), Images(1, 1, 432), 1, TETRA_W8A8, 1);
  EXPECT_EQ(inf.rc, TETRA_EINVAL);
  EXPECT_NE(std::string(inf.err.msg).find("Conv 'node_a1'"), std::string::npos) << inf.err.msg;
}

TEST(Quantize, a_constant_image_and_dead_channels) {
  Rng random(3);
  Model m = FloatModel(&random);
  for (size_t k = 0; k < 72; k++) m.constants["a1_w"].v[k] = 0;
  const Quantized q(m.Bytes(), std::vector<float>(432, 0.0f), 1, TETRA_W4A4, 1);
  EXPECT_EQ(q.rc, TETRA_OK) << q.err.msg;
}

// A batch norm's gamma of 0, or next to it, leaves the channel its bias, which must not run out of int32.
TEST(Quantize, a_channel_of_tiny_weights_keeps_its_bias) {
  for (const double gamma : {0.0, 1e-12, 1e-7}) {
    for (int at = 0; at < 2 * TETRA_METHOD_COUNT; at++) {
      const auto precision = at % 2 ? TETRA_W8A8 : TETRA_W4A4;
      Rng random(5);
      Model m = Start({1, 3, 12, 12});
      m.opset = 17;
      m.Const("w", onnx::kFloat, {4, 3, 3, 3}, Real(&random, 108, -0.4, 0.4));
      for (size_t k = 0; k < 27; k++) m.constants["w"].v[k] *= gamma;
      m.Const("b", onnx::kFloat, {4}, {0.5, 0.1, -0.2, 0});
      Op(&m, "Conv", {"x", "w", "b"}, "logits", {{"pads", {1, 1, 1, 1}}});
      const auto images = Images(9, 4, 432);
      tetra_quantize_options o;
      tetra_quantize_defaults(&o);
      o.method = static_cast<tetra_quantize_method>(at / 2);
      o.precision = precision;
      const Quantized q(m.Bytes(), images, 4, o);
      ASSERT_EQ(q.rc, TETRA_OK) << gamma << ": " << q.err.msg;
      const Imported i(q.bytes);
      ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
      const tetra_graph &g = i.m.graph;
      const double step = g.values[g.output].d.scale;
      const auto y = RunModel(i, std::vector<double>(images.begin(), images.begin() + 432), TETRA_FAST);
      for (size_t p = 0; p < 144; p++) ASSERT_NEAR(y.at(p), 0.5, 0.5001 * step) << gamma << " pixel " << p;
    }
  }
}

constexpr tetra_quantize_method kMethods[] = {TETRA_METHOD_MAX,  TETRA_METHOD_SQUANT, TETRA_METHOD_GPTQ,
                                              TETRA_METHOD_GPFQ, TETRA_METHOD_CD,     TETRA_METHOD_ADAROUND,
                                              TETRA_METHOD_BEST};

tetra_quantize_options With(tetra_quantize_method method, tetra_precision precision) {
  tetra_quantize_options o;
  tetra_quantize_defaults(&o);
  o.method = method;
  o.precision = precision;
  return o;
}

TEST(Quantize, j_never_rises_from_stage_to_stage) {
  for (const bool grouped : {false, true}) {
    Rng random(3);
    const Model m = grouped ? MobileModel(&random) : FloatModel(&random);
    const auto images = Images(100, 8, 432);
    for (const auto method : kMethods) {
      const Quantized q(m.Bytes(), images, 8, With(method, TETRA_W4A4_INIT8_DENSE8));
      ASSERT_EQ(q.rc, TETRA_OK) << q.err.msg;
      for (int i = 0; i < q.report.n_items; i++) {
        const tetra_quantized &item = q.report.items[i];
        if (!item.is_weights) continue;
        ASSERT_GE(item.n_stages, 1) << item.name;
        EXPECT_LT(item.stages[0].j, item.power) << item.name;
        for (int s = 1; s < item.n_stages; s++)
          EXPECT_LE(item.stages[s].j, item.stages[s - 1].j) << item.name << " " << item.stages[s].name;
      }
    }
  }
}

TEST(Quantize, every_method_is_another_network_and_no_worse_than_the_plain_one) {
  Rng random(3);
  const Model m = FloatModel(&random);
  const auto images = Images(100, 32, 432);
  std::vector<std::string> files;
  double plain = 0;
  for (const auto method : kMethods) {
    const Quantized q(m.Bytes(), images, 32, With(method, TETRA_W4A8));
    ASSERT_EQ(q.rc, TETRA_OK) << q.err.msg;
    files.push_back(q.bytes);
    const double snr = LogitsSnr(m, q.bytes, 1000);
    if (method == TETRA_METHOD_MAX) plain = snr;
    EXPECT_GE(snr, plain) << tetra_quantize_method_name(method);
  }
  std::sort(files.begin(), files.end());
  EXPECT_EQ(std::unique(files.begin(), files.end()), files.end());
}

TEST(Quantize, names_of_methods) {
  for (const auto method : kMethods) EXPECT_EQ(tetra_quantize_method_parse(tetra_quantize_method_name(method)), method);
  EXPECT_EQ(tetra_quantize_method_parse("Best"), -1);
  EXPECT_EQ(tetra_quantize_method_name(TETRA_METHOD_COUNT), nullptr);
}

TEST(Quantize, coarser_scales_are_shared_and_lose_more) {
  Rng random(3);
  const Model m = FloatModel(&random);
  const auto images = Images(100, 32, 432);
  double before = 0;
  for (const int granularity : {0, 4, 1}) {
    auto o = With(TETRA_METHOD_SQUANT, TETRA_W4A8);
    o.granularity = granularity;
    const Quantized q(m.Bytes(), images, 32, o);
    const Imported i(q.bytes);
    ASSERT_EQ(i.rc, TETRA_OK) << q.err.msg << i.Why();
    double lost = 0;
    for (int k = 0; k < q.report.n_items; k++)
      if (q.report.items[k].is_weights) lost -= q.report.items[k].snr_db;
    if (granularity != 0) {
      EXPECT_LT(lost, before) << granularity;
    }
    before = lost;
  }
}

TEST(Quantize, without_an_image_from_batch_norms) {
  Rng random(3);
  const Model m = FloatModel(&random);
  auto o = With(TETRA_METHOD_SQUANT, TETRA_W8A8);
  o.data_free = 1;
  for (int c = 0; c < 3; c++) {
    o.image_low[c] = -3;
    o.image_high[c] = 3;
  }
  const Quantized q(m.Bytes(), {}, 0, o);
  ASSERT_EQ(q.rc, TETRA_OK) << q.err.msg;
  EXPECT_GT(LogitsSnr(m, q.bytes, 1000), 8) << "the model's batch norms are random, not its own statistics";
  o.method = TETRA_METHOD_GPTQ;
  const Quantized needs(m.Bytes(), {}, 0, o);
  EXPECT_EQ(needs.rc, TETRA_EINVAL);
  EXPECT_NE(std::string(needs.err.msg).find("gptq needs images"), std::string::npos) << needs.err.msg;
  Model folded = Start({1, 3, 12, 12});
  folded.opset = 17;
  folded.Const("w", onnx::kFloat, {4, 3, 3, 3}, Real(&random, 108, -0.4, 0.4));
  Op(&folded, "Relu", {Op(&folded, "Conv", {"x", "w"}, "first")}, "logits");
  o.method = TETRA_METHOD_SQUANT;
  const Quantized none(folded.Bytes(), {}, 0, o);
  EXPECT_EQ(none.rc, TETRA_EINVAL);
  EXPECT_NE(std::string(none.err.msg).find("no batch norm behind 'node_first'"), std::string::npos) << none.err.msg;
}

// ResNet-20 and CIFAR-10.

std::string ReadFile(const std::string &path) {
  std::ifstream f(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(f)), std::istreambuf_iterator<char>());
}

constexpr size_t kPixels = 32 * 32;

struct Cifar {
  std::vector<float> images;  // normalized, NHWC
  std::vector<int> labels;
};

// The first n images: an .npy file's data is its end.
Cifar ReadCifar(const std::string &set, size_t n) {
  const std::string folder = std::string(TETRA_DATA_DIR) + "/cifar10/" + set;
  const std::string images = ReadFile(folder + "_images.npy"), labels = ReadFile(folder + "_labels.npy");
  const size_t header = static_cast<unsigned char>(images[8]) + 256 * static_cast<unsigned char>(images[9]) + 10;
  const size_t header2 = static_cast<unsigned char>(labels[8]) + 256 * static_cast<unsigned char>(labels[9]) + 10;
  const float mean[] = {0.485f, 0.456f, 0.406f}, std[] = {0.229f, 0.224f, 0.225f};
  Cifar c;
  for (size_t i = 0; i < n * kPixels * 3; i++)
    c.images.push_back((static_cast<float>(static_cast<unsigned char>(images.at(header + i))) / 255 - mean[i % 3]) /
                       std[i % 3]);
  for (size_t i = 0; i < n; i++) c.labels.push_back(labels.at(header2 + i));
  return c;
}

class QuantizeResNet20 : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string path = std::string(TETRA_DATA_DIR) + "/models/resnet20_cifar10_float.npz";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
    weights = ReadFile(path);
    test = ReadCifar("test", 500);
    training = ReadCifar("train", 96);
  }

  static int Best(const double *v) { return static_cast<int>(std::max_element(v, v + 10) - v); }

  double FloatAccuracy() {
    float *logits = nullptr;
    int classes = 0, right = 0;
    tetra_import_report refused = {};
    tetra_error err = {};
    EXPECT_EQ(tetra_float_model_logits(reinterpret_cast<const uint8_t *>(weights.data()), weights.size(),
                                       test.images.data(), 500, &logits, &classes, &refused, &err),
              TETRA_OK)
        << err.msg;
    for (size_t i = 0; logits && i < 500; i++) {
      const std::vector<double> v(logits + 10 * i, logits + 10 * i + 10);
      right += Best(v.data()) == test.labels[i];
    }
    free(logits);
    return right / 500.0;
  }

  double Accuracy(tetra_precision precision, int search) {
    const Quantized q(weights, training.images, 96, precision, search);
    EXPECT_EQ(q.rc, TETRA_OK) << q.err.msg;
    const Imported i(q.bytes, 100);
    EXPECT_EQ(i.rc, TETRA_OK) << i.Why();
    int right = 0;
    for (size_t batch = 0; !i.rc && batch < 5; batch++) {
      std::vector<double> x(100 * kPixels * 3);
      for (size_t k = 0; k < x.size(); k++) {
        const size_t n = k / (3 * kPixels), c = k / kPixels % 3, p = k % kPixels;
        x[k] = static_cast<double>(test.images[((batch * 100 + n) * kPixels + p) * 3 + c]);
      }
      const auto y = RunModel(i, x, TETRA_FAST);
      for (size_t n = 0; n < 100; n++) right += Best(&y.at(10 * n)) == test.labels[batch * 100 + n];
    }
    return right / 500.0;
  }

  std::string weights;
  Cifar test, training;
};

TEST_F(QuantizeResNet20, w8a8_within_half_a_point_of_float) {
  const double real = FloatAccuracy();
  EXPECT_GE(real, 0.905);
  EXPECT_GE(Accuracy(TETRA_W8A8, 1), real - 0.005);
}

TEST_F(QuantizeResNet20, mostly_4_bit_is_better_for_the_search) {
  const double searched = Accuracy(TETRA_W4A4_INIT8_DENSE8, 1), plain = Accuracy(TETRA_W4A4_INIT8_DENSE8, 0);
  EXPECT_GE(searched, 0.89);
  EXPECT_GE(searched, plain + 0.01);
}

TEST_F(QuantizeResNet20, cut_off_or_renamed_weights) {
  const std::string cut[] = {weights.substr(0, 20), weights.substr(0, 1000), weights.substr(0, weights.size() / 2)};
  for (const auto &bytes : cut) EXPECT_EQ(Quantized(bytes, training.images, 1, TETRA_W8A8, 1).rc, TETRA_EINVAL);
  std::string renamed = weights;
  const std::string name = "layer2.1.bn1.bias";  // before its data, and in the zip's directory
  for (size_t at = renamed.find(name); at != std::string::npos; at = renamed.find(name)) renamed[at + 1] = 'A';
  const Quantized q(renamed, training.images, 1, TETRA_W8A8, 1);
  EXPECT_EQ(q.rc, TETRA_EINVAL);
  EXPECT_NE(std::string(q.err.msg).find(name), std::string::npos) << q.err.msg;
}

}  // namespace
