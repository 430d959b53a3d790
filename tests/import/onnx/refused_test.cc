// Operators whose operands are none that can run: each is refused or broken with a reason that says which.
#include "bad.h"

namespace {

// A node that gives q2 between the codes rq and their reals.
void AfterCodes(Model *m, const onnx::Node &n) {
  NodeOf(m, "rq_real").in[0] = "q2";
  for (size_t i = 0; i < m->nodes.size(); i++)
    if (m->nodes[i].out[0] == "rq") {
      m->nodes.insert(m->nodes.begin() + static_cast<int64_t>(i) + 1, n);
      return;
    }
}

const Bad kOperands[] = {
    // Of codes that nothing has dequantized.
    {"sum_of_codes",
     [](Model *m) {
       NodeOf(m, "p") = {"Add", {"rq", "rq"}, {"p"}, {}, {}, {}, "", ""};
     },
     "its input 'rq' must be a dequantized tensor"},
    {"sum_of_three_codes",
     [](Model *m) {
       NodeOf(m, "p") = {"Sum", {"rq", "rq", "rq"}, {"p"}, {}, {}, {}, "", ""};
     },
     "its input 'rq' must be a dequantized tensor"},
    {"minus_codes", [](Model *m) { NodeOf(m, "p") = {"Neg", {"rq"}, {"p"}, {}, {}, {}, "", ""}; },
     "its input 'rq' must be a dequantized tensor"},
    {"codes_times_a_constant",
     [](Model *m) {
       NodeOf(m, "p") = {"Mul", {"rq", m->Scalar("k", onnx::kFloat, 2)}, {"p"}, {}, {}, {}, "", ""};
     },
     "its input 'rq' must be a dequantized tensor"},
    {"relu_of_codes", [](Model *m) { NodeOf(m, "p") = {"Relu", {"rq"}, {"p"}, {}, {}, {}, "", ""}; },
     "its input 'rq' must be a dequantized tensor"},
    {"reals_dequantized_again",
     [](Model *m) {
       NodeOf(m, "p") = {"DequantizeLinear", {"rq_real", "rq_s", "rq_z"}, {"p"}, {}, {}, {}, "", "node_p"};
     },
     "its input 'rq_real' is not an integer tensor"},
    // Constants of a wrong size or type.
    {"a_factor_for_two_of_four_channels",
     [](Model *m) {
       m->Const("k", onnx::kFloat, {2, 1, 1}, {1, 2});
       NodeOf(m, "r") = {"Mul", {"c", "k"}, {"r"}, {}, {}, {}, "", ""};
     },
     "its constant must be one number, or one per channel"},
    {"a_divided_constant",
     [](Model *m) {
       NodeOf(m, "r") = {"Div", {m->Scalar("k", onnx::kFloat, 2), "c"}, {"r"}, {}, {}, {}, "", ""};
     },
     "divides a constant"},
    {"two_biases_for_four_channels",
     [](Model *m) {
       m->Const("b", onnx::kFloat, {2}, {1, 2});
       NodeOf(m, "c").in.push_back("b");
     },
     "a bias of 2 numbers for 4 channels"},
    {"weights_of_int64",
     [](Model *m) {
       m->constants["w"].type = onnx::kS64;
       m->constants["w_z"].type = onnx::kS64;
     },
     "constants of element type int64; weights are (u)int8 or (u)int4, biases int32"},
    {"weights_of_int32",
     [](Model *m) {
       m->constants["w"].type = onnx::kS32;
       m->constants["w_z"].type = onnx::kS32;
     },
     "weights of element type int32, must be quantized to (u)int8 or (u)int4"},
    {"three_zero_points_for_four_scales",
     [](Model *m) {
       m->Const("w_z", onnx::kS8, {3}, {0, 0, 0});
     },
     "3 zero points for 4 scales"},
    {"zero_points_of_another_type",
     [](Model *m) {
       m->Const("w_z", onnx::kU8, {4}, {0, 0, 0, 0});
     },
     "zero point has element type uint8, the codes int8"},
    {"weights_of_rank_3",
     [](Model *m) {
       m->constants["w"].shape = {4, 3, 9};
     },
     "input of rank 4, weights of rank 3; only 2-D convolution"},
    {"a_kernel_of_1025",
     [](Model *m) {
       m->input_shape = {1, 1, 1, 1030};
       m->Const("w", onnx::kS8, {4, 1, 1, 1025}, std::vector<double>(4100, 1));
     },
     "a 1x1025 kernel; sides must be 1..1024"},
    {"weights_of_nothing",
     [](Model *m) {
       m->Const("w", onnx::kS8, {4, 3, 0, 3}, {});
     },
     "weight dimension 0, must be 1.."},
    {"weights_quantized_to_int32",
     [](Model *m) {
       m->Const("wf", onnx::kFloat, {4, 3, 3, 3}, std::vector<double>(108, 0.25));
       m->Const("w_z", onnx::kS32, {4}, {0, 0, 0, 0});
       m->nodes.insert(m->nodes.begin(),
                       {"QuantizeLinear", {"wf", "w_s", "w_z"}, {"w"}, {{"axis", {0}}}, {}, {}, "", ""});
       m->constants.erase("w");
     },
     "element type int32; weights are (u)int8 or (u)int4"},
    {"integers_quantized",
     [](Model *m) {
       m->Const("wf", onnx::kS32, {4, 3, 3, 3}, std::vector<double>(108, 25));
       m->nodes.insert(m->nodes.begin(),
                       {"QuantizeLinear", {"wf", "w_s", "w_z"}, {"w"}, {{"axis", {0}}}, {}, {}, "", ""});
       m->constants.erase("w");
     },
     "quantizes a constant that is not float"},
    // Batch normalization.
    {"batch_norm_of_three_for_four",
     [](Model *m) {
       m->Const("k", onnx::kFloat, {3}, {1, 1, 1});
       NodeOf(m, "r") = {"BatchNormalization", {"c", "k", "k", "k", "k"}, {"r"}, {}, {}, {}, "", "node_r"};
     },
     "'node_r': input 1 has 3 numbers for 4 channels"},
    {"batch_norm_of_a_negative_variance",
     [](Model *m) {
       m->Const("k", onnx::kFloat, {4}, {1, 1, -1, 1});
       NodeOf(m, "r") = {"BatchNormalization", {"c", "k", "k", "k", "k"}, {"r"}, {}, {}, {}, "", "node_r"};
     },
     "'node_r': variance plus epsilon of channel 2 is -0.99999, must be positive"},
    {"batch_norm_of_codes",
     [](Model *m) {
       m->Const("k", onnx::kFloat, {4}, {1, 1, 1, 1});
       NodeOf(m, "p") = {"BatchNormalization", {"rq", "k", "k", "k", "k"}, {"p"}, {}, {}, {}, "", ""};
     },
     "its input 'rq' is not quantized"},
    {"batch_norm_in_training",
     [](Model *m) {
       m->Const("k", onnx::kFloat, {4}, {1, 1, 1, 1});
       NodeOf(m, "r") = {
           "BatchNormalization", {"c", "k", "k", "k", "k"}, {"r"}, {{"training_mode", {1}}}, {}, {}, "", ""};
     },
     "training_mode 1, must be 0"},
    // Planes.
    {"mean_of_columns_only",
     [](Model *m) {
       NodeOf(m, "p") = {"ReduceMean", {"rq_real"}, {"p"}, {{"axes", {3}}}, {}, {}, "", ""};
     },
     "its axes must be height and width"},
    {"maximum_of_channels",
     [](Model *m) {
       NodeOf(m, "p") = {"ReduceMax", {"rq_real"}, {"p"}, {{"axes", {1, 2}}}, {}, {}, "", ""};
     },
     "its axes must be height and width"},
    {"mean_of_a_row_of_1030",
     [](Model *m) {
       m->input_shape = {1, 3, 3, 1030};
       NodeOf(m, "p") = {"GlobalAveragePool", {"rq_real"}, {"p"}, {}, {}, {}, "", ""};
     },
     "a 3x1030 window; sides must be at most 1024"},
    {"maximum_of_a_row_of_1030",
     [](Model *m) {
       m->input_shape = {1, 3, 3, 1030};
       NodeOf(m, "p") = {"GlobalMaxPool", {"rq_real"}, {"p"}, {}, {}, {}, "", ""};
     },
     "a 3x1030 window; sides must be at most 1024"},
    {"squeezed_planes",
     [](Model *m) {
       NodeOf(m, "p") = {"Squeeze", {"rq_real"}, {"p"}, {{"axes", {2, 3}}}, {}, {}, "", ""};
     },
     "must remove height and width of 1"},
    {"planes_with_more_axes",
     [](Model *m) {
       NodeOf(m, "p") = {"Unsqueeze", {"rq_real"}, {"p"}, {{"axes", {2, 3}}}, {}, {}, "", ""};
     },
     "must add height and width of 1"},
    {"planes_of_another_shape",
     [](Model *m) {
       m->Const("v", onnx::kS64, {4}, {1, 4, 4, 9});
       NodeOf(m, "p") = {"Reshape", {"rq_real", "v"}, {"p"}, {}, {}, {}, "", ""};
     },
     "neither flattens its input nor keeps its shape"},
    // Parts of planes.
    {"a_slice_backwards",
     [](Model *m) {
       for (const char *v : {"from", "to", "axis", "by"})
         m->Const(v, onnx::kS64, {1}, {*v == 'f' ? 3. : *v == 't' ? 1. : *v == 'a' ? 2. : -1.});
       NodeOf(m, "p") = {"Slice", {"rq_real", "from", "to", "axis", "by"}, {"p"}, {}, {}, {}, "", ""};
     },
     "step -1, must be 1.."},
    {"a_slice_of_nothing",
     [](Model *m) {
       m->Const("from", onnx::kS64, {1}, {3});
       m->Const("axis", onnx::kS64, {1}, {2});
       NodeOf(m, "p") = {"Slice", {"rq_real", "from", "from", "axis"}, {"p"}, {}, {}, {}, "", "node_p"};
     },
     "'node_p': picks nothing: 3..3 of 6"},
    {"a_slice_of_two_starts_and_an_end",
     [](Model *m) {
       m->Const("from", onnx::kS64, {2}, {1, 1});
       m->Const("to", onnx::kS64, {1}, {4});
       NodeOf(m, "p") = {"Slice", {"rq_real", "from", "to"}, {"p"}, {}, {}, {}, "", "node_p"};
     },
     "'node_p': starts, ends, axes and steps differ in length"},
    {"a_slice_of_axis_4",
     [](Model *m) {
       m->Const("from", onnx::kS64, {1}, {1});
       m->Const("axis", onnx::kS64, {1}, {4});
       NodeOf(m, "p") = {"Slice", {"rq_real", "from", "axis", "axis"}, {"p"}, {}, {}, {}, "", "node_p"};
     },
     "'node_p': number 0 names an axis that rank 4 does not have"},
    {"a_slice_of_images",
     [](Model *m) {
       m->Const("from", onnx::kS64, {1}, {0});
       m->Const("by", onnx::kS64, {1}, {2});
       NodeOf(m, "p") = {"Slice", {"rq_real", "from", "by", "from", "by"}, {"p"}, {}, {}, {}, "", ""};
     },
     "picks images of the batch"},
    {"seven_pads",
     [](Model *m) {
       m->Const("v", onnx::kS64, {7}, {0, 0, 1, 1, 0, 0, 1});
       NodeOf(m, "p") = {"Pad", {"rq_real", "v"}, {"p"}, {}, {}, {}, "", "node_p"};
     },
     "'node_p': 7 pads for rank 4"},
    {"a_padded_batch",
     [](Model *m) {
       m->Const("v", onnx::kS64, {8}, {1, 0, 0, 0, 0, 0, 0, 0});
       NodeOf(m, "p") = {"Pad", {"rq_real", "v"}, {"p"}, {}, {}, {}, "", ""};
     },
     "padding 1 of axis 0"},
    {"padded_with_two_numbers",
     [](Model *m) {
       m->Const("v", onnx::kS64, {8}, {0, 0, 1, 0, 0, 0, 1, 0});
       m->Const("k", onnx::kFloat, {2}, {0, 0});
       NodeOf(m, "p") = {"Pad", {"rq_real", "v", "k"}, {"p"}, {}, {}, {}, "", ""};
     },
     "what it pads with must be one constant number"},
    {"codes_padded_with_7",
     [](Model *m) {
       m->Const("v", onnx::kS64, {8}, {0, 0, 1, 0, 0, 0, 1, 0});
       AfterCodes(m, {"Pad", {"rq", "v", m->Scalar("seven", onnx::kU8, 7)}, {"q2"}, {}, {}, {}, "", ""});
     },
     "pads with code 7, must be the zero point 0"},
    // Clips of codes.
    {"codes_clipped_to_a_tensor",
     [](Model *m) {
       AfterCodes(m, {"Clip", {"rq", "rq"}, {"q2"}, {}, {}, {}, "", ""});
     },
     "its bounds must be constant numbers"},
    {"codes_clipped_upside_down",
     [](Model *m) {
       AfterCodes(
           m,
           {"Clip", {"rq", m->Scalar("lo", onnx::kU8, 9), m->Scalar("hi", onnx::kU8, 5)}, {"q2"}, {}, {}, {}, "", ""});
     },
     "its lower bound is above its upper one"},
    {"clipped_scales",
     [](Model *m) {
       m->nodes.insert(m->nodes.begin(), {"Clip", {"w_s0", "one"}, {"w_s"}, {}, {}, {}, "", ""});
       m->constants["w_s0"] = m->constants["w_s"];
       m->constants.erase("w_s");
       m->Scalar("one", onnx::kFloat, 1);
     },
     "clips a constant that is no codes"},
    {"a_cast_to_integers",
     [](Model *m) {
       NodeOf(m, "p") = {"Cast", {"rq_real"}, {"p"}, {{"to", {onnx::kS32}}}, {}, {}, "", ""};
     },
     "casts to element type int32, must be float or float16"},
};

// The input quantized, one operator of whose inputs all have names, as com.microsoft's have them.
Model Integer(const std::string &op, std::vector<int64_t> shape, std::vector<std::string> in,
              std::map<std::string, std::vector<int64_t>> ints = {}, const std::string &domain = "com.microsoft") {
  Model m;
  m.input_shape = std::move(shape);
  m.Q("x", "xq", 0.03, 117, onnx::kU8);
  m.Const("w", onnx::kS8, {3, 4}, std::vector<double>(12, 3));
  m.Scalar("w_s", onnx::kFloat, 0.01);
  m.Scalar("w_z", onnx::kS8, 0);
  m.Const("b", onnx::kS32, {3}, {1, 2, 3});
  m.Scalar("s", onnx::kFloat, 0.05);
  m.Scalar("z", onnx::kU8, 100);
  m.Scalar("beyond", onnx::kS32, 300);
  m.Add({op, std::move(in), {}, std::move(ints), {}, {}, domain, ""}, "y");
  return m;
}

const std::vector<std::string> kPlane = {"xq", "xq_s", "xq_z", "s", "z"};
const std::vector<std::string> kGemm = {"xq", "xq_s", "xq_z", "w", "w_s", "w_z", "b", "s", "z"};

struct BadInteger {
  const char *name;
  Model (*make)();
  const char *message;
};

const BadInteger kIntegers[] = {
    {"average_pool_with_channels_last",
     [] {
       return Integer("QLinearAveragePool", {1, 3, 4, 4}, kPlane, {{"kernel_shape", {2, 2}}, {"channels_last", {1}}});
     },
     "channels_last 1, must be 0"},
    {"gemm_transposes_its_input",
     [] {
       return Integer("QGemm", {1, 3}, kGemm, {{"transA", {1}}});
     },
     "transA must be 0 and alpha 1"},
    {"gemm_of_float_results",
     [] {
       return Integer("QGemm", {1, 3}, {"xq", "xq_s", "xq_z", "w", "w_s", "w_z"});
     },
     "a float result; it must be quantized"},
    {"gemm_with_three_biases_for_four",
     [] {
       return Integer("QGemm", {1, 3}, kGemm);
     },
     "a bias of 3 numbers for 4 outputs"},
    {"gemm_for_four_of_three",
     [] {
       return Integer("QGemm", {1, 3}, kGemm, {{"transB", {1}}});
     },
     "weights for 4 inputs, there are 3"},
    {"gemm_of_planes",
     [] {
       return Integer("QGemm", {1, 3, 2, 2}, kGemm);
     },
     "operands of rank 4 and 2, must be 2"},
    {"product_by_another_type",
     [] {
       return Integer("QLinearMul", {1, 3}, {"xq", "xq_s", "xq_z", "w", "w_s", "z", "s", "z"});
     },
     "its constant has element type int8, the zero point another"},
    {"zero_point_that_is_no_code",
     [] {
       return Integer("MatMulInteger", {1, 3}, {"xq", "w", "beyond", "w_z"}, {}, "");
     },
     "zero point 300 is not a code of u8"},
    {"integers_of_the_image",
     [] {
       return Integer("MatMulInteger", {1, 3}, {"x", "w"}, {}, "");
     },
     "its input 'x' is not a quantized tensor"},
};

// In the error, or, where it is refused, in the reason.
void ExpectSays(const Model &m, const char *message) {
  const Imported i(m.Bytes());
  EXPECT_EQ(i.rc, TETRA_EINVAL);
  const std::string says = i.report.n_refusals ? i.report.refusals[0].reason : i.err.msg;
  EXPECT_NE(says.find(message), std::string::npos) << i.Why();
}

class OnnxOperands : public ::testing::TestWithParam<Bad> {};
class OnnxIntegers : public ::testing::TestWithParam<BadInteger> {};

TEST_P(OnnxOperands, AreRefused) {
  Model m = Good();
  GetParam().breaks(&m);
  ExpectSays(m, GetParam().message);
}

TEST_P(OnnxIntegers, AreRefused) { ExpectSays(GetParam().make(), GetParam().message); }

const auto kName = [](const auto &info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(, OnnxOperands, ::testing::ValuesIn(kOperands), kName);
INSTANTIATE_TEST_SUITE_P(, OnnxIntegers, ::testing::ValuesIn(kIntegers), kName);

}  // namespace
