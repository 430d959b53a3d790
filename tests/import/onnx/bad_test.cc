// Files that are broken, and networks that cannot run: one line that names the node, nothing else happens.
#include "bad.h"

namespace {

const float kNan = std::nanf("");
const float kInf = INFINITY;

const Bad kBroken[] = {
    {"auto_pad_unknown", [](Model *m) { NodeOf(m, "c").strings["auto_pad"] = "SAME"; },
     "auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER"},
    {"maximum_of_padding_only",
     [](Model *m) {
       NodeOf(m, "p").ints["pads"] = {0, 2, 0, 0};
     },
     "pads 0, 2, 0, 0 must be smaller than the 2x2 kernel"},
    {"scale_0", [](Model *m) { m->constants["xq_s"].v[0] = 0; }, "'node_xq': scale 0, must be positive"},
    {"scale_negative", [](Model *m) { m->constants["rq_s"].v[0] = -0.5; }, "'node_rq': scale -0.5"},
    {"scale_nan", [](Model *m) { m->constants["w_s"].v[2] = static_cast<double>(kNan); }, "'node_wr': scale"},
    {"scale_infinite", [](Model *m) { m->constants["y_s"].v[0] = static_cast<double>(kInf); }, "'node_y': scale inf"},
    {"scale_of_integers", [](Model *m) { m->constants["xq_s"].type = onnx::kS32; }, "element type int32"},
    {"scale_empty", [](Model *m) { m->Const("xq_s", onnx::kFloat, {0}, {}); }, "its scale is empty"},
    {"weights_missing", [](Model *m) { m->constants.erase("w"); }, "'node_wr': reads 'w', which no initializer"},
    {"cycle", [](Model *m) { NodeOf(m, "c").in[0] = "p"; },
     "a cycle of 5 nodes: 'node_c' reads 'node_p', which reads 'node_rq_real', ..., which reads 'node_c'"},
    {"reads_itself", [](Model *m) { NodeOf(m, "r").in[0] = "r"; }, "a cycle of 1 node: 'node_r' reads 'node_r'"},
    {"output_missing", [](Model *m) { m->output = "nothing"; }, "'nothing' is the output, but nothing gives it"},
    {"output_is_a_constant", [](Model *m) { m->output = "w_s"; }, "does not depend on any input"},
    {"name_taken", [](Model *m) { NodeOf(m, "p").out[0] = "c"; }, "output 0 has a name that is taken"},
    {"weights_for_4_channels",
     [](Model *m) {
       m->constants["w"].shape = {3, 4, 3, 3};
     },
     "scales for 3 channels"},
    {"weights_for_5_inputs",
     [](Model *m) {
       m->Const("w", onnx::kS8, {4, 5, 3, 3}, std::vector<double>(180, 3));
     },
     "weights for 5 input channels, a group of the input has 3"},
    {"group_0", [](Model *m) { NodeOf(m, "c").ints["group"] = {0}; }, "group 0, must divide 3 input and 4 output"},
    {"group_3", [](Model *m) { NodeOf(m, "c").ints["group"] = {3}; }, "group 3, must divide 3 input and 4 output"},
    {"group_int64_min", [](Model *m) { NodeOf(m, "c").ints["group"] = {INT64_MIN}; }, "must divide 3 input"},
    {"weights_cut_off", [](Model *m) { m->constants["w"].v.resize(100); },
     "tensor 'w': 108 elements by its shape, 100 in the file"},
    {"dimension_2_31",
     [](Model *m) {
       m->constants["w"].shape = {4, int64_t{1} << 31, 3, 3};
     },
     "tensor 'w'"},
    {"dimension_beyond_64_bits",
     [](Model *m) {
       m->constants["w"].shape = {int64_t{1} << 31, int64_t{1} << 31, int64_t{1} << 31, 4};
     },
     "tensor 'w': dimensions are negative or too large"},
    {"dimension_negative",
     [](Model *m) {
       m->constants["w"].shape = {-4, 3, 3, 3};
     },
     "tensor 'w': dimensions are negative"},
    {"input_2_31_wide",
     [](Model *m) {
       m->input_shape = {1, 3, 6, int64_t{1} << 31};
     },
     "input 'x': dimension 3 is 2147483648"},
    {"input_of_rank_3",
     [](Model *m) {
       m->input_shape = {3, 6, 6};
     },
     "input 'x' has rank 3"},
    {"input_64_bit", [](Model *m) { m->input_type = onnx::kS64; }, "input 'x' has element type int64"},
    {"kernel_larger_than_input",
     [](Model *m) {
       m->input_shape = {1, 3, 1, 1};
       NodeOf(m, "c").ints["pads"] = {0, 0, 0, 0};
     },
     "'node_c': a 3x3 window does not fit 1x1"},
    {"zero_point_of_other_type",
     [](Model *m) {
       m->Scalar("rq_z2", onnx::kS8, 0);
       NodeOf(m, "rq_real").in[2] = "rq_z2";
     },
     "zero point has element type int8, the codes uint8"},
    {"opset_3", [](Model *m) { m->opset = 3; }, "opset 3; those from 7"},
    {"opset_1000", [](Model *m) { m->opset = 1000; }, "opset 1000"},
    {"bias_nan",
     [](Model *m) {
       m->Const("b", onnx::kFloat, {4}, {0, 0, static_cast<double>(kNan), 0});
       NodeOf(m, "c").in.push_back("b");
     },
     "bias nan of channel 2"},
    {"input_missing", [](Model *m) { NodeOf(m, "c").in.resize(1); }, "'node_c': input 1 is missing"},
    {"clip_nan",
     [](Model *m) {
       auto &r = NodeOf(m, "r");
       r.op = "Clip";
       r.in.push_back(m->Scalar("lo", onnx::kFloat, static_cast<double>(kNan)));
     },
     "'node_r': clips to nan"},
    {"clip_reversed",
     [](Model *m) {
       auto &r = NodeOf(m, "r");
       r.op = "Clip";
       r.in.push_back(m->Scalar("lo", onnx::kFloat, 3));
       r.in.push_back(m->Scalar("hi", onnx::kFloat, 2));
     },
     "'node_r': clips to 3..2"},
    {"pad_leaves_nothing",
     [](Model *m) {
       m->Const("v", onnx::kS64, {8}, {0, 0, -3, 0, 0, 0, -3, 0});
       NodeOf(m, "p") = {"Pad", {"rq_real", "v"}, {"p"}, {}, {}, {}, "", "node_p"};
     },
     "'node_p': leaves nothing of axis 2"},
    {"external_data", [](Model *m) { m->constants["w"].external = true; }, "tensor 'w': its data is in another file"},
};

const Bad kRefused[] = {
    {"unknown_op", [](Model *m) { NodeOf(m, "r").op = "HardSwish"; }, "the accelerator has no such operation"},
    {"unknown_domain", [](Model *m) { NodeOf(m, "r").domain = "org.example"; },
     "the accelerator has no such operation"},
    {"weights_float",
     [](Model *m) {
       m->Const("wf", onnx::kFloat, {4, 3, 3, 3}, std::vector<double>(108, 0.5));
       NodeOf(m, "c").in[1] = "wf";
     },
     "its weights are not quantized"},
    {"input_float", [](Model *m) { NodeOf(m, "c").in[0] = "x"; }, "its input 'x' is not quantized"},
    {"maxpool_of_float_input", [](Model *m) { NodeOf(m, "p").in[0] = "x"; }, "its input 'x' is not quantized"},
    {"input_is_the_output", [](Model *m) { m->Add(Op("Identity", {"x"}), "copy"); },
     "its input 'copy' is not quantized"},
    {"slice_of_float_input",
     [](Model *m) {
       m->Const("v", onnx::kS64, {1}, {1});
       NodeOf(m, "p") = {"Slice", {"x", "v", "v", "v", "v"}, {"p"}, {}, {}, {}, "", ""};
     },
     "is not quantized"},
    {"activation_scales_per_channel",
     [](Model *m) {
       m->Const("rq_s", onnx::kFloat, {4}, {1, 2, 3, 4});
     },
     "4 scales for one activation tensor"},
    {"output_not_quantized",
     [](Model *m) {
       m->Const("k", onnx::kFloat, {4, 1, 1}, {1, 2, 3, 4});
       m->Add(Op("Mul", {"rq_real", "k"}), "z");
     },
     "is never quantized"},
    {"sum_of_three",
     [](Model *m) {
       const auto a = m->Qdq("r", "q2", 0.1, 0, onnx::kU8);
       m->Q(m->Add(Op("Sum", {a, "rq_real", a}), "s"), "sq", 0.1, 0, onnx::kU8);
     },
     "adds more than two tensors"},
    {"factors_per_channel_after_a_clamp",
     [](Model *m) {
       m->Const("k", onnx::kFloat, {4, 1, 1}, {1, 2, -3, 4});
       m->Q(m->Add(Op("Mul", {"r", "k"}), "s"), "sq", 0.1, 0, onnx::kU8);
     },
     "different factors per channel after a clamp"},
    {"input_normalized_by_rows",
     [](Model *m) {
       m->Const("k", onnx::kFloat, {6, 1}, {1, 2, 3, 4, 5, 6});
       m->nodes.insert(m->nodes.begin(), Op("Sub", {"x", "k"}));
       m->nodes[0].out = {"xn"};
       NodeOf(m, "xq").in[0] = "xn";
     },
     "one number, or one per channel"},
    {"input_normalized_by_columns",
     [](Model *m) {
       m->Const("k", onnx::kFloat, {6}, {1, 2, 3, 4, 5, 6});
       m->nodes.insert(m->nodes.begin(), Op("Sub", {"x", "k"}));
       m->nodes[0].out = {"xn"};
       NodeOf(m, "xq").in[0] = "xn";
     },
     "normalizes the network's input by columns"},
    {"input_quantized_in_two_ways",
     [](Model *m) {
       m->Const("k", onnx::kFloat, {}, {2});
       m->nodes.insert(m->nodes.begin(), Op("Mul", {"x", "k"}));
       m->nodes[0].out = {"xn"};
       const auto twice = m->Qdq("xn", "xq9", 0.03, 120, onnx::kU8);
       m->Q(m->Add(Op("Add", {twice, "xq_real"}), "s"), "sq", 0.1, 0, onnx::kU8);
     },
     "the network's input is quantized in two ways"},
    {"host_needs_two_tensors",
     [](Model *m) {
       const auto p = m->Qdq("p", "pq2", 0.1, 0, onnx::kU8);
       m->Add(Op("Add", {m->Add(Op("GlobalAveragePool", {"rq_real"}), "a"), m->Add(Op("GlobalAveragePool", {p}), "b")}),
              "z");
     },
     "the host would need a second tensor, 'pq2_real'"},
    {"zero_points_disagree", [](Model *m) { NodeOf(m, "rq_real").in[2] = m->Scalar("z9", onnx::kU8, 9); },
     "zero point 9, but the tensor was quantized with 0"},
    {"scales_per_block", [](Model *m) { NodeOf(m, "wr").ints["block_size"] = {2}; }, "scales per block"},
    {"weight_scales_along_inputs",
     [](Model *m) {
       NodeOf(m, "wr").ints["axis"] = {1};
       m->Const("w_s", onnx::kFloat, {3}, {1, 1, 1});
       m->Const("w_z", onnx::kS8, {3}, {0, 0, 0});
     },
     "weight scales along axis 1"},
    {"a_product_of_two",
     [](Model *m) {
       auto &r = NodeOf(m, "r");
       r.op = "Mul";
       r.in = {"c", "c"};
     },
     "none of its operands are constants; exactly one must be"},
    {"bias_beyond_int32",
     [](Model *m) {
       m->constants["w_s"].v[1] = 1e-12;
       m->Const("b", onnx::kFloat, {4}, {0, 0.025, 0, 0});  // in the middle between two codes: the sign of a sum counts
       NodeOf(m, "c").in.push_back("b");
     },
     "channel 1: bias"},
    {"stride_2000",
     [](Model *m) {
       NodeOf(m, "p").ints["strides"] = {2000, 1};
     },
     "strides 2000, must be 1..1024"},
    {"pads_negative",
     [](Model *m) {
       NodeOf(m, "c").ints["pads"] = {0, -1, 0, 0};
     },
     "pads -1"},
    {"average_of_padding_only",
     [](Model *m) {
       NodeOf(m, "p").op = "AveragePool";
       NodeOf(m, "p").ints["pads"] = {9, 0, 0, 0};
     },
     "windows without elements"},
    {"sum_of_two_convs",
     [](Model *m) {
       m->Add(Op("Conv", {"xq_real", "wr"}, {{"pads", {1, 1, 1, 1}}}), "c2");
       m->Q(m->Add(Op("Add", {"c", "c2"}), "s"), "q", 0.1, 0, onnx::kU8);
     },
     "neither is quantized"},
    {"residual_after_relu",
     [](Model *m) {
       m->Q(m->Add(Op("Add", {"r", "rq_real"}), "s"), "q", 0.1, 0, onnx::kU8);
     },
     "a clamp, max-pool or sum before it"},
    {"softmax_in_the_middle",
     [](Model *m) {
       NodeOf(m, "p") = {"Softmax", {"rq_real"}, {"p"}, {{"axis", {1}}}, {}, {}, "", "node_p"};
     },
     "must be the channels of one pixel"},
    {"activations_of_float8", [](Model *m) { m->constants["rq_z"].type = static_cast<onnx::Type>(17); },
     "element type float8e4m3fn"},
};

class OnnxBroken : public ::testing::TestWithParam<Bad> {};
class OnnxRefused : public ::testing::TestWithParam<Bad> {};

TEST_P(OnnxBroken, IsAnErrorThatNamesIt) {
  Model m = Good();
  GetParam().breaks(&m);
  const Imported i(m.Bytes());
  EXPECT_EQ(i.rc, TETRA_EINVAL);
  EXPECT_EQ(i.report.n_refusals, 0) << i.Why();
  EXPECT_NE(std::string(i.err.msg).find(GetParam().message), std::string::npos) << i.Why();
  EXPECT_EQ(std::string(i.err.msg).find('\n'), std::string::npos);
}

TEST_P(OnnxRefused, WithAReason) {
  Model m = Good();
  GetParam().breaks(&m);
  const Imported i(m.Bytes());
  EXPECT_EQ(i.rc, TETRA_EINVAL);
  ASSERT_EQ(i.report.n_refusals, 1) << i.Why();
  EXPECT_NE(std::string(i.report.refusals[0].reason).find(GetParam().message), std::string::npos) << i.Why();
}

const auto kName = [](const auto &info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(, OnnxBroken, ::testing::ValuesIn(kBroken), kName);
INSTANTIATE_TEST_SUITE_P(, OnnxRefused, ::testing::ValuesIn(kRefused), kName);

// Names of other languages stay; what no terminal should get does not, and of a long name the end tells most.
TEST(OnnxFile, names_are_utf8) {
  Model m = Good();
  NodeOf(&m, "c").name = "Faltung \xc3\xa4\xe5\xb7\xbb";
  NodeOf(&m, "p").name = "bad \xff \xc2\x85 \x1b[31m \xed\xa0\x80 \xc3";
  const Imported i(m.Bytes());
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  EXPECT_STREQ(i.m.graph.ops[0].name, "Faltung \xc3\xa4\xe5\xb7\xbb");
  EXPECT_STREQ(i.m.graph.ops[1].name, "bad ? ?? ?[31m ??? ?");
}

TEST(OnnxFile, long_names_keep_their_ends) {
  Model m = Good();
  std::string deep;
  for (int k = 0; k < 40; k++) deep += "/b\xc3\xa4lock" + std::to_string(k);
  NodeOf(&m, "c").name = deep + "/conv";
  const Imported i(m.Bytes());
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  const std::string name = i.m.graph.ops[0].name;
  EXPECT_EQ(name.substr(0, 3), "...");
  EXPECT_GE(name.size(), 61u);
  EXPECT_NE((deep + "/conv").find(name.substr(3)), std::string::npos) << name;
  EXPECT_EQ(name.substr(name.size() - 5), "/conv");
}

TEST(OnnxFile, good_one_is_read) {
  const Imported i(Good().Bytes());
  EXPECT_EQ(i.rc, TETRA_OK) << i.Why();
}

TEST(OnnxFile, refusals_are_listed_together) {
  Model m = Good();
  m.Const("wf", onnx::kFloat, {4, 3, 3, 3}, std::vector<double>(108, 0.5));
  NodeOf(&m, "c").in[1] = "wf";
  NodeOf(&m, "p").op = "LRN";
  NodeOf(&m, "y").op = "Selu";
  const Imported i(m.Bytes());
  ASSERT_EQ(i.rc, TETRA_EINVAL);
  ASSERT_EQ(i.report.n_refusals, 3) << i.Why();
  EXPECT_STREQ(i.report.refusals[0].op, "Conv");
  EXPECT_STREQ(i.report.refusals[1].op, "LRN");
  EXPECT_STREQ(i.report.refusals[2].name, "node_y");
  EXPECT_NE(std::string(i.err.msg).find("3 operations cannot run, first Conv 'node_c'"), std::string::npos)
      << i.err.msg;
}

TEST(OnnxFile, nodes_that_do_not_lead_to_the_output_do_not_matter) {
  Model m = Good();
  const std::string output = m.output;
  m.Add(Op("LRN", {"c"}), "unused");
  m.output = output;
  const Imported i(m.Bytes());
  EXPECT_EQ(i.rc, TETRA_OK) << i.Why();
}

TEST(OnnxFile, cut_off_anywhere) {
  const std::string bytes = Good().Bytes();
  for (size_t n = 0; n < bytes.size(); n++) {
    const Imported i(bytes.substr(0, n));
    ASSERT_EQ(i.rc, TETRA_EINVAL) << n << " bytes of " << bytes.size();
    ASSERT_STRNE(i.err.msg, "");
  }
}

TEST(OnnxFile, any_byte_changed) {
  const std::string bytes = Good().Bytes();
  std::mt19937 random(1);
  for (size_t n = 0; n < bytes.size(); n++) {
    std::string changed = bytes;
    changed[n] = static_cast<char>(changed[n] ^ (1 << (random() % 8)));
    const Imported i(changed);
    ASSERT_TRUE(i.rc == TETRA_OK || i.rc == TETRA_EINVAL || i.rc == TETRA_ERANGE) << "byte " << n << ": " << i.Why();
  }
}

TEST(OnnxFile, other_formats) {
  for (const std::string &s : {std::string(), std::string("hello"), std::string(1000, '\0'), std::string(1000, '\x7f'),
                               std::string("\x89PNG\r\n\x1a\n"), std::string("\x08\x07")}) {
    const Imported i(s);
    EXPECT_EQ(i.rc, TETRA_EINVAL);
    EXPECT_STRNE(i.err.msg, "");
  }
}

TEST(OnnxFile, nested_15000_deep) {
  std::string graph;  // a graph in an attribute of a node of a graph
  for (int k = 0; k < 5000; k++) graph = onnx::Bytes(1, onnx::Bytes(5, onnx::Bytes(6, graph)));
  const Imported i(Good().Bytes() + onnx::Bytes(7, graph));
  EXPECT_EQ(i.rc, TETRA_EINVAL);
  EXPECT_NE(std::string(i.err.msg).find("nested more than"), std::string::npos) << i.err.msg;
}

// A small file that names few weights often must not grow without bound.
TEST(OnnxFile, many_convs_with_one_large_weight) {
  Model m;
  m.input_shape = {1, 1024, 1, 1};
  std::string x = m.Qdq("x", "q0", 0.03, 120, onnx::kU8);
  m.Const("w", onnx::kS8, {1024, 1024, 1, 1}, std::vector<double>(1 << 20, 1));
  m.Const("w_s", onnx::kFloat, {}, {0.001});
  m.Add(Op("DequantizeLinear", {"w", "w_s"}), "wr");
  for (int k = 1; k <= 400; k++)
    x = m.Qdq(m.Add(Op("Conv", {x, "wr"}), "c" + std::to_string(k)), "q" + std::to_string(k), 0.03, 120, onnx::kU8);
  const Imported i(m.Bytes());
  EXPECT_EQ(i.rc, TETRA_EINVAL);
  EXPECT_NE(std::string(i.err.msg).find("far more memory"), std::string::npos) << i.Why();
}

TEST(OnnxFile, batch_0) {
  const Imported i(Good().Bytes(), 0);
  EXPECT_EQ(i.rc, TETRA_EINVAL);
  EXPECT_NE(std::string(i.err.msg).find("batch 0"), std::string::npos) << i.err.msg;
}

}  // namespace
