// Files that hold two networks, of 8-bit and of 4-bit weights, and residuals that round twice.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "../import/onnx/cases.h"
#include "../import/onnx/run.h"
#include "tetra/nest.h"
#include "tetra/quantize_model.h"

namespace {

// A stem, two convolutions with a shortcut around them, a projection, a dense layer.
Model Residual(Rng *r) {
  Model m = Start({1, 3, 10, 10});
  m.opset = 17;
  const auto conv = [&](const std::string &x, const std::string &name, int64_t cin, int64_t cout, int64_t k) {
    const double size = std::sqrt(3.0 / static_cast<double>(cin * k * k)) * 1.4;
    m.Const(name + "_w", onnx::kFloat, {cout, cin, k, k},
            Real(r, static_cast<size_t>(cout * cin * k * k), -size, size));
    m.Const(name + "_b", onnx::kFloat, {cout}, Real(r, static_cast<size_t>(cout), -0.5, 0.5));
    return Op(&m, "Conv", {x, name + "_w", name + "_b"}, name, {{"pads", {k / 2, k / 2, k / 2, k / 2}}});
  };
  const auto relu = [&](const std::string &x, const std::string &name) { return Op(&m, "Relu", {x}, name); };
  auto x = relu(conv("x", "stem", 3, 8, 3), "r0");
  x = relu(Op(&m, "Add", {conv(relu(conv(x, "a1", 8, 8, 3), "r1"), "a2", 8, 8, 3), x}, "sum1"), "r2");
  x = relu(Op(&m, "Add", {conv(x, "b1", 8, 16, 3), conv(x, "down", 8, 16, 1)}, "sum2"), "r3");
  x = Op(&m, "Flatten", {Op(&m, "GlobalAveragePool", {x}, "gap")}, "flat");
  m.Const("fc", onnx::kFloat, {10, 16}, Real(r, 160, -0.5, 0.5));
  m.Const("fc_b", onnx::kFloat, {10}, Real(r, 10, -0.5, 0.5));
  Op(&m, "Gemm", {x, "fc", "fc_b"}, "logits", {{"transB", {1}}});
  return m;
}

std::string Quantize(const tetra_quantize_options &o, int *rc, std::string *why) {
  Rng r(5);
  const std::string model = Residual(&r).Bytes();
  std::vector<float> images(8 * 300);
  std::normal_distribution<float> normal;
  for (float &x : images) x = normal(r);
  uint8_t *out = nullptr;
  size_t size = 0;
  tetra_quantize_report report = {};
  tetra_import_report refused = {};
  tetra_error err = {};
  *rc = tetra_quantize_model(reinterpret_cast<const uint8_t *>(model.data()), model.size(), images.data(), 8, &o, &out,
                             &size, &report, &refused, &err);
  *why = err.msg;
  const std::string bytes = out ? std::string(reinterpret_cast<char *>(out), size) : "";
  free(out);
  tetra_quantize_report_free(&report);
  tetra_import_report_free(&refused);
  return bytes;
}

tetra_quantize_options Options(tetra_precision p) {
  tetra_quantize_options o;
  tetra_quantize_defaults(&o);
  o.precision = p;
  return o;
}

std::string Quantize(const tetra_quantize_options &o) {
  int rc = -1;
  std::string why;
  std::string bytes = Quantize(o, &rc, &why);
  EXPECT_EQ(rc, TETRA_OK) << why;
  return bytes;
}

// The file as a reader sees it that does not know our metadata.
std::string Plain(std::string bytes) {
  for (size_t at; (at = bytes.find("tetra.")) != std::string::npos;) bytes[at] = 'T';
  return bytes;
}

void ExpectSameGraph(const tetra_graph &a, const tetra_graph &b) {
  ASSERT_EQ(a.n_ops, b.n_ops);
  ASSERT_EQ(a.n_values, b.n_values);
  for (int v = 0; v < a.n_values; v++) {
    EXPECT_EQ(a.values[v].d.fmt, b.values[v].d.fmt);
    EXPECT_EQ(a.values[v].d.scale, b.values[v].d.scale);
  }
  for (int i = 0; i < a.n_ops; i++) {
    const tetra_op &x = a.ops[i], &y = b.ops[i];
    SCOPED_TRACE(x.name);
    EXPECT_EQ(x.wbits, y.wbits);
    EXPECT_EQ(x.res_form, y.res_form);
    if (x.weights) {
      EXPECT_EQ(std::memcmp(x.weights, y.weights, tetra_op_array(&x, a.values[x.input].d.c)), 0);
    }
    for (int c = 0; c < x.cout; c++) {
      const tetra_requant_channel &p = x.rq[0].ch[c], &q = y.rq[0].ch[c];
      EXPECT_EQ(p.bias, q.bias) << c;
      EXPECT_EQ(p.frac, q.frac) << c;
      EXPECT_EQ(p.m, q.m) << c;
      EXPECT_EQ(p.s, q.s) << c;
      EXPECT_EQ(p.mr, q.mr) << c;
      EXPECT_EQ(p.lr, q.lr) << c;
    }
  }
}

TEST(Nested, EightBitsAreAPlainNetwork) {
  tetra_quantize_options o = Options(TETRA_W4A8);
  o.nested = 1;
  const std::string bytes = Quantize(o);
  const Imported nested(bytes), plain(Plain(bytes));
  ASSERT_EQ(nested.rc, TETRA_OK) << nested.Why();
  ASSERT_EQ(plain.rc, TETRA_OK) << plain.Why();
  EXPECT_EQ(nested.m.n_nested, 4);  // a1, a2, b1, down; stem and dense have 8 bits in both
  EXPECT_EQ(plain.m.n_nested, 0);
  for (int i = 0; i < nested.m.graph.n_ops; i++) {
    const tetra_op &op = nested.m.graph.ops[i];
    EXPECT_TRUE(op.kind != TETRA_CONV || op.wbits == 8) << op.name;
  }
  ExpectSameGraph(nested.m.graph, plain.m.graph);
}

// Switched to 4 bits, the network is the one that w4a8 alone gives, code by code and parameter by parameter.
TEST(Nested, FourBitsAreThePlain4BitNetwork) {
  tetra_quantize_options o = Options(TETRA_W4A8);
  const std::string four = Quantize(o);
  o.nested = 1;
  Imported nested(Quantize(o));
  const Imported plain(four);
  ASSERT_EQ(nested.rc, TETRA_OK) << nested.Why();
  ASSERT_EQ(plain.rc, TETRA_OK) << plain.Why();
  tetra_error err = {};
  for (int k = 0; k < nested.m.n_nested; k++) ASSERT_EQ(tetra_model_narrow(&nested.m, k, &err), TETRA_OK) << err.msg;
  ExpectSameGraph(nested.m.graph, plain.m.graph);
  EXPECT_EQ(tetra_model_narrow(&nested.m, 0, &err), TETRA_EINVAL);  // is narrow already
}

// Without biases in the file the layer keeps its own, to a 2^-16 of the new unit: real sums are the same.
TEST(Nested, BiasesThatAreNotGivenStay) {
  Imported a(Quantize(Options(TETRA_W8A8)));
  ASSERT_EQ(a.rc, TETRA_OK) << a.Why();
  for (int i = 0; i < a.m.graph.n_ops; i++) {
    tetra_op *op = &a.m.graph.ops[i];
    if (op->kind != TETRA_CONV) continue;
    const std::vector<tetra_requant_channel> before(op->rq[0].ch, op->rq[0].ch + op->cout);
    tetra_error err = {};
    ASSERT_EQ(tetra_nest(&a.m.graph, i, nullptr, &err), TETRA_OK) << err.msg;
    for (int c = 0; c < op->cout; c++) {
      const tetra_requant_channel &p = before[static_cast<size_t>(c)], &q = op->rq[0].ch[c];
      EXPECT_DOUBLE_EQ(std::ldexp(p.m, 4 - p.s), std::ldexp(q.m, -q.s));
      const double codes = std::ldexp(static_cast<double>(p.bias) * p.m + std::ldexp(p.frac, 15), -p.s);
      EXPECT_NEAR(std::ldexp(static_cast<double>(q.bias) * q.m + std::ldexp(q.frac, 15), -q.s), codes,
                  std::ldexp(q.m, -q.s - 15));
    }
  }
  EXPECT_EQ(tetra_graph_check(&a.m.graph, nullptr), TETRA_OK);
}

TEST(Nested, FourBitInputsAreRefused) {
  tetra_quantize_options o = Options(TETRA_W4A4);
  o.nested = 1;
  int rc = TETRA_OK;
  std::string why;
  Quantize(o, &rc, &why);
  EXPECT_EQ(rc, TETRA_EINVAL);
  EXPECT_NE(why.find("has 4-bit inputs; in a nested network inputs have 8 bits"), std::string::npos) << why;
}

TEST(Nested, BrokenMetadataAreRefused) {
  tetra_quantize_options o = Options(TETRA_W4A8);
  o.nested = 1;
  const std::string bytes = Quantize(o);
  const size_t key = bytes.find("tetra.nested:"), value = key + static_cast<uint8_t>(bytes[key - 1]) + 2;
  const auto why = [&](size_t at, char c) {
    std::string broken = bytes;
    broken[at] = c;
    const Imported i(broken);
    EXPECT_EQ(i.rc, TETRA_EINVAL);
    return i.Why();
  };
  EXPECT_NE(why(key + 13, '~').find("names no convolution of the network"), std::string::npos);
  EXPECT_NE(why(value, 'x').find("must be 8 whole numbers of 32 bits"), std::string::npos) << why(value, 'x');
}

// HAWQ-V3's formulas from the file's scales: m = round(f * 2^31) of f * 2^e = scale, a product and a rounding half away
// from zero by 31 - e for the sum, the same for the residual, and their sum clamped.
int64_t Dyadic(int64_t x, double scale) {
  int e;
  const auto m = static_cast<int64_t>(std::floor(std::ldexp(std::frexp(scale, &e), 31) + 0.5));
  const int64_t product = x * m, half = int64_t{1} << (30 - e);
  return product < 0 ? -((-product + half) >> (31 - e)) : (product + half) >> (31 - e);
}

TEST(Separate, ResidualsAreHawqs) {
  tetra_quantize_options o = Options(TETRA_W8A8);
  o.separate = 1;
  const std::string bytes = Quantize(o);
  const Imported joint(Plain(bytes)), two(bytes);
  ASSERT_EQ(two.rc, TETRA_OK) << two.Why();
  const tetra_graph &g = two.m.graph;
  std::vector<tetra_tensor> t(static_cast<size_t>(g.n_values)), u(t.size());
  Rng r(9);
  for (auto *tensors : {&t, &u}) {
    tetra_tensor *in = &(*tensors)[static_cast<size_t>(g.input)];
    ASSERT_EQ(tetra_tensor_init(in, &g.values[g.input].d, nullptr), TETRA_OK);
  }
  for (size_t i = 0; i < 300; i++)
    t[static_cast<size_t>(g.input)].data[i] = u[static_cast<size_t>(g.input)].data[i] = static_cast<uint8_t>(r());
  ASSERT_EQ(tetra_run_graph(&g, t.data(), TETRA_REFERENCE, nullptr), TETRA_OK);
  int residuals = 0, moved = 0;
  for (int i = 0; i < g.n_ops; i++) {
    const tetra_op &op = g.ops[i];
    EXPECT_EQ(op.res_form, op.residual >= 0 ? TETRA_RES_SEPARATE : TETRA_RES_NONE);
    EXPECT_EQ(joint.m.graph.ops[i].res_form, op.residual >= 0 ? TETRA_RES_JOINT : TETRA_RES_NONE);
    // The same operands with one rounding: at most a code apart.
    for (int v = 0; v < g.n_values; v++) {
      if (v == op.output[0]) continue;
      tetra_tensor_free(&u[static_cast<size_t>(v)]);
      if (!t[static_cast<size_t>(v)].data) continue;
      ASSERT_EQ(tetra_tensor_init(&u[static_cast<size_t>(v)], &g.values[v].d, nullptr), TETRA_OK);
      const tetra_desc &d = g.values[v].d;
      std::memcpy(u[static_cast<size_t>(v)].data, t[static_cast<size_t>(v)].data,
                  static_cast<size_t>(d.h * d.w) * u[static_cast<size_t>(v)].pixel_bytes);
    }
    if (op.residual < 0) continue;
    tetra_tensor_free(&u[static_cast<size_t>(op.output[0])]);
    ASSERT_EQ(tetra_run_op(&joint.m.graph, i, u.data(), TETRA_REFERENCE, nullptr), TETRA_OK);
    residuals++;
    const tetra_desc &in = g.values[op.input].d, &res = g.values[op.residual].d, &out = g.values[op.output[0]].d;
    for (int y = 0; y < out.h; y++)
      for (int x = 0; x < out.w; x++)
        for (int c = 0; c < out.c; c++) {
          const tetra_requant_channel &p = op.rq[0].ch[c];
          // The weights' scale is what the channel's own factor says of it.
          const double factor = std::ldexp(p.m, -p.s);
          const int64_t acc = tetra_op_accumulator(&g, i, t.data(), 0, y, x, c) + p.bias;
          const int code = tetra_tensor_get(&t[static_cast<size_t>(op.residual)], 0, y, x, c);
          int64_t want = Dyadic(acc, factor) + Dyadic(code, res.scale / out.scale);
          want = std::min<int64_t>(std::max<int64_t>(want, op.rq[0].lo), op.rq[0].hi);
          const int got = tetra_tensor_get(&t[static_cast<size_t>(op.output[0])], 0, y, x, c);
          EXPECT_EQ(got, want) << op.name << " " << y << " " << x << " " << c;
          const int once = tetra_tensor_get(&u[static_cast<size_t>(op.output[0])], 0, y, x, c);
          EXPECT_LE(std::abs(got - once), 1);
          moved += got != once;
        }
    EXPECT_EQ(in.zero_point, 0);
  }
  EXPECT_EQ(residuals, 2);
  EXPECT_GT(moved, 0);
  for (auto *tensors : {&t, &u})
    for (tetra_tensor &x : *tensors) tetra_tensor_free(&x);
}

}  // namespace
