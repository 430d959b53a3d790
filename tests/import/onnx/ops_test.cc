// Operators that few exporters write, against ONNX's definitions; their spellings in older and newer opsets.
// import_onnx_ops_test --gtest_filter='*qgemm*' runs one again.
#include "cases.h"
#include "run.h"

namespace {

std::string Dense(Model *m, Rng *r, const std::string &x, const std::string &name, int64_t in, int64_t out) {
  m->Const(name + "_w", onnx::kS8, {in, out}, Whole(r, static_cast<size_t>(in * out), -128, 127));
  m->Scalar(name + "_w_s", onnx::kFloat, 0.0078125);
  return Op(m, "MatMul", {x, Op(m, "DequantizeLinear", {name + "_w", name + "_w_s"}, name + "_w_real")}, name);
}

// Behind what a network of vectors ends with.
Model EndDense(Model m, Rng *r, const std::string &x, int64_t in) {
  m.Q(Dense(&m, r, m.Qdq(x, "vq", 0.0413, 120, onnx::kU8), "dense", in, 5), "y", 0.0517, -3, onnx::kS8);
  return m;
}

// The plane's mean or maximum, in a convolution's output, then a dense layer.
Model Reduced(Rng *r, const std::string &op, bool keep, bool axes_are_an_input) {
  Model m = Start({1, 5, 7, 6});
  const auto c = Conv(&m, r, Input(&m), "c", {8, 5, 3, 3}, kIn);
  const auto q = m.Qdq(c, "cq", 0.06, 125, onnx::kU8);
  std::vector<std::string> in = {q};
  std::map<std::string, std::vector<int64_t>> ints = {{"keepdims", {keep}}};
  if (axes_are_an_input)
    in.push_back(IntVector(&m, "axes", {2, 3}));
  else
    ints["axes"] = {-1, -2};
  auto y = Op(&m, op, in, "reduced", ints);
  if (!keep) return EndDense(m, r, y, 8);
  m.Q(y, "y", 0.0517, 120, onnx::kU8);
  return m;
}

// One operator with its operands' scales and zero points among its inputs.
std::string QLinear(Model *m, const std::string &op, std::vector<std::string> in, const std::string &name, double scale,
                    double zp, std::map<std::string, std::vector<int64_t>> ints = {}) {
  in.push_back(m->Scalar(name + "_s", onnx::kFloat, scale));
  in.push_back(m->Scalar(name + "_z", onnx::kU8, zp));
  onnx::Node n = {op, std::move(in), {}, std::move(ints), {}, {}, "com.microsoft", ""};
  return m->Add(n, name);
}

const Case kOps[] = {
    {"reduce_mean_keeps_the_plane", [](Rng *r) { return Reduced(r, "ReduceMean", true, false); }},
    {"reduce_mean_gives_vectors", [](Rng *r) { return Reduced(r, "ReduceMean", false, true); }},
    {"reduce_max_keeps_the_plane", [](Rng *r) { return Reduced(r, "ReduceMax", true, true); }},
    {"reduce_max_gives_vectors", [](Rng *r) { return Reduced(r, "ReduceMax", false, false); }},
    {"qlinear_average_pool_padded",
     [](Rng *) {
       Model m = Start({1, 5, 7, 6});
       m.Q("x", "xq", 0.03, 117, onnx::kU8);
       QLinear(&m, "QLinearAveragePool", {"xq", "xq_s", "xq_z"}, "y", 0.0237, 90,
               {{"kernel_shape", {3, 3}}, {"strides", {2, 2}}, {"pads", {1, 1, 0, 0}}});
       return m;
     }},
    {"qlinear_mul_by_codes_per_channel",
     [](Rng *r) {
       Model m = Start({1, 5, 4, 4});
       m.Q("x", "xq", 0.03, 117, onnx::kU8);
       m.Const("k", onnx::kU8, {5, 1, 1}, Whole(r, 5, 0, 255));
       m.Scalar("k_s", onnx::kFloat, 0.0125);
       m.Scalar("k_z", onnx::kU8, 100);
       QLinear(&m, "QLinearMul", {"xq", "xq_s", "xq_z", "k", "k_s", "k_z"}, "y", 0.04, 110);
       return m;
     }},
    {"matmul_integer_cast_and_scaled",
     [](Rng *r) {
       Model m = Start({1, 9}, onnx::kU8);
       m.Const("w", onnx::kS8, {9, 4}, Whole(r, 36, -128, 127));
       m.Scalar("x_z", onnx::kU8, 120);
       m.Const("w_z", onnx::kS8, {4}, {0, 0, 0, 0});
       const auto sum = Op(&m, "MatMulInteger", {"x", "w", "x_z", "w_z"}, "sum");
       const auto real = Op(&m, "Cast", {sum}, "real", {{"to", {onnx::kFloat}}});
       m.Q(Op(&m, "Mul", {real, m.Scalar("k", onnx::kFloat, 0.0003)}, "scaled"), "y", 0.05, 100, onnx::kU8);
       return m;
     }},
    {"qgemm_of_rows",
     [](Rng *r) {
       Model m = Start({1, 9});
       m.Q("x", "xq", 0.03, 117, onnx::kU8);
       m.Const("w", onnx::kS8, {4, 9}, Whole(r, 36, -128, 127));
       m.Const("w_s", onnx::kFloat, {4}, {0.01, 0.02, 0.03, 0.005});
       m.Const("w_z", onnx::kS8, {4}, {0, 0, 0, 0});
       m.Const("b", onnx::kS32, {4}, Whole(r, 4, -2000, 2000));
       QLinear(&m, "QGemm", {"xq", "xq_s", "xq_z", "w", "w_s", "w_z", "b"}, "y", 0.3, 130, {{"transB", {1}}});
       return m;
     }},
    {"gemm_with_alpha",
     [](Rng *r) {
       Model m = Start({1, 9});
       m.Const("w", onnx::kS8, {9, 4}, Whole(r, 36, -128, 127));
       m.Scalar("w_s", onnx::kFloat, 0.01);
       const auto x = Input(&m), w = Op(&m, "DequantizeLinear", {"w", "w_s"}, "w_real");
       m.Const("b", onnx::kFloat, {4}, {1, -0.5, 0.25, 2});
       m.Add({"Gemm", {x, w, "b"}, {}, {}, {{"alpha", -0.5}}, {}, "", ""}, "g");
       m.Q("g", "y", 0.1, 128, onnx::kU8);
       return m;
     }},
    {"both_operands_of_a_sum_times_less_than_0",
     [](Rng *r) {
       Model m = Start({1, 5, 4, 4});
       const auto x = Input(&m);
       const auto a = m.Qdq(Conv(&m, r, x, "a", {6, 5, 1, 1}, kIn), "aq", 0.06, 125, onnx::kU8);
       const auto b = m.Qdq(Conv(&m, r, x, "b", {6, 5, 1, 1}, kIn), "bq", 0.06, 131, onnx::kU8);
       m.Const("k", onnx::kFloat, {6, 1, 1}, {-0.5, -1, -0.75, -1.5, -0.3125, -0.0625});
       m.Const("l", onnx::kFloat, {6, 1, 1}, {-1, -0.375, -0.875, -0.25, -1.25, -0.5});
       m.Const("more", onnx::kFloat, {6, 1, 1}, {1, -2, 0.5, 3, 0, 0.25});
       const auto scaled = Op(&m, "Add", {Op(&m, "Mul", {b, "k"}, "kb"), "more"}, "nb");
       m.Q(Op(&m, "Add", {Op(&m, "Mul", {a, "l"}, "na"), scaled}, "s"), "y", 0.1037, 128, onnx::kU8);
       return m;
     }},
    {"a_sum_of_one",
     [](Rng *r) {
       Model m = Start({1, 5, 4, 4});
       m.Q(Op(&m, "Sum", {Conv(&m, r, Input(&m), "c", {6, 5, 1, 1}, kIn)}, "s"), "y", 0.1, 128, onnx::kU8);
       return m;
     }},
    {"the_image_negated_and_normalized",
     [](Rng *r) {
       Model m = Start({1, 3, 4, 4});
       const auto x = m.Qdq(BatchNorm(&m, r, Op(&m, "Neg", {"x"}, "n"), "bn", 3), "xq", kIn, 117, onnx::kU8);
       m.Q(Conv(&m, r, x, "c", {6, 3, 1, 1}, kIn), "y", 0.1, 128, onnx::kU8);
       return m;
     }},
    {"a_plane_of_one_squeezed_and_back",
     [](Rng *r) {
       Model m = Start({1, 5, 4, 4});
       const auto q = m.Qdq(Op(&m, "GlobalMaxPool", {Conv(&m, r, Input(&m), "c", {6, 5, 1, 1}, kIn)}, "p"), "pq", 0.07,
                            128, onnx::kU8);
       const auto flat = Op(&m, "Squeeze", {q}, "flat", {{"axes", {2, 3}}});
       const auto plane = Op(&m, "Unsqueeze", {flat, IntVector(&m, "axes", {-1, -2})}, "plane");
       m.Q(Conv(&m, r, plane, "d", {4, 6, 1, 1}, 0.07f), "y", 0.1, 128, onnx::kU8);
       return m;
     }},
    {"reshapes_that_change_nothing",
     [](Rng *r) {
       Model m = Start({1, 5, 4, 4});
       const auto q = m.Qdq(Conv(&m, r, Input(&m), "c", {6, 5, 1, 1}, kIn), "cq", 0.07, 128, onnx::kU8);
       const auto same = Op(&m, "Reshape", {q, IntVector(&m, "same_shape", {1, 6, -1, 4})}, "same");
       const auto kept = Op(&m, "Reshape", {same, IntVector(&m, "kept_shape", {-1, 0, 0, 4})}, "kept");
       m.Q(Conv(&m, r, kept, "d", {4, 6, 1, 1}, 0.07f), "y", 0.1, 128, onnx::kU8);
       return m;
     }},
};

class OnnxOps : public ::testing::TestWithParam<Case> {};

TEST_P(OnnxOps, AsDefined) {
  for (uint32_t seed = 1; seed <= 4; seed++) {
    Rng random(seed);
    ExpectSame(GetParam().make(&random), seed);
  }
}

INSTANTIATE_TEST_SUITE_P(, OnnxOps, ::testing::ValuesIn(kOps),
                         [](const auto &info) { return std::string(info.param.name); });

// How the network's input is rounded, by QONNX's mode: of numbers in units of the scale.
TEST(OnnxRounding, OfTheInput) {
  const float in[] = {-2.5F, -2.25F, -1.5F, -0.5F, 0.5F, 1.5F, 2.25F, 2.5F, 2.75F, 300, -300};
  const struct {
    const char *mode;
    int codes[11];
  } cases[] = {
      {"ROUND", {-2, -2, -2, 0, 0, 2, 2, 2, 3, 127, -128}},    {"half_even", {-2, -2, -2, 0, 0, 2, 2, 2, 3, 127, -128}},
      {"HALF_UP", {-3, -2, -2, -1, 1, 2, 2, 3, 3, 127, -128}}, {"HALF_DOWN", {-2, -2, -1, 0, 0, 1, 2, 2, 3, 127, -128}},
      {"UP", {-3, -3, -2, -1, 1, 2, 3, 3, 3, 127, -128}},      {"DOWN", {-2, -2, -1, 0, 0, 1, 2, 2, 2, 127, -128}},
      {"FLOOR", {-3, -3, -2, -1, 0, 1, 2, 2, 2, 127, -128}},   {"CEIL", {-2, -2, -1, 0, 1, 2, 3, 3, 3, 127, -128}}};
  for (const auto &c : cases) {
    Rng random(3);
    Model m = Start({1, 3, 4, 4});
    onnx::Node quant = {
        "Quant",
        {"x", m.Scalar("s", onnx::kFloat, 0.25), m.Scalar("z", onnx::kFloat, 0), m.Scalar("bits", onnx::kFloat, 8)},
        {},
        {{"signed", {1}}, {"narrow", {0}}},
        {},
        {{"rounding_mode", c.mode}},
        "qonnx.custom_op.general",
        ""};
    const auto x = m.Add(quant, "xq");
    m.Q(Conv(&m, &random, x, "c", {4, 3, 1, 1}, 0.25), "y", 0.1, 0, onnx::kS8);
    const Imported i(m.Bytes());
    ASSERT_EQ(i.rc, TETRA_OK) << c.mode << i.Why();
    const tetra_desc &d = i.Desc(i.m.graph.input);
    float scaled[11];
    int codes[11];
    for (int k = 0; k < 11; k++) {
      scaled[k] = in[k] / 4;
      EXPECT_EQ(tetra_input_code(&i.m, &d, scaled[k], 0), c.codes[k]) << c.mode << " of " << in[k];
    }
    tetra_input_codes(&i.m, &d, 0, 11, scaled, codes);
    for (int k = 0; k < 11; k++) EXPECT_EQ(codes[k], c.codes[k]) << c.mode << " of " << in[k];
  }
}

}  // namespace
