// Every hand-made network against ONNX's definitions. To run one again:
// import_onnx_fusion_test --gtest_filter='*conv_add_relu_joint*'
#include <cstdlib>

#include "cases.h"
#include "run.h"

namespace {

class OnnxFusion : public ::testing::TestWithParam<Case> {};

TEST_P(OnnxFusion, AsDefined) {
  for (uint32_t seed = 1; seed <= 4; seed++) {
    Rng random(seed);
    ExpectSame(GetParam().make(&random), seed);
  }
}

INSTANTIATE_TEST_SUITE_P(, OnnxFusion, ::testing::ValuesIn(kCases),
                         [](const auto &info) { return std::string(info.param.name); });

int Count(const tetra_graph &g, tetra_op_kind kind) {
  int n = 0;
  for (int i = 0; i < g.n_ops; i++) n += g.ops[i].kind == kind;
  return n;
}

TEST(OnnxStructure, conv_add_relu_is_one_op_with_a_joint_residual) {
  Rng random(1);
  for (const Case &c : kCases) {
    if (std::string(c.name) != "conv_add_relu_joint") continue;
    const Imported i(c.make(&random).Bytes());
    ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
    ASSERT_EQ(i.m.graph.n_ops, 1);
    EXPECT_EQ(i.m.graph.ops[0].kind, TETRA_CONV);
    EXPECT_EQ(i.m.graph.ops[0].res_form, TETRA_RES_JOINT);
    EXPECT_EQ(i.m.graph.ops[0].rq[0].lo, 3);
    EXPECT_EQ(i.m.graph.ops[0].rq[0].round, TETRA_HALF_EVEN);
    EXPECT_TRUE(i.m.input_is_float && i.m.output_is_float && i.m.input_nchw);
  }
}

TEST(OnnxStructure, channels_last_are_still_onnx) {
  Rng random(1);
  for (const Case &c : kCases) {
    if (std::string(c.name) != "float_input_nhwc") continue;
    const Imported i(c.make(&random).Bytes());
    ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
    EXPECT_FALSE(i.m.input_nchw);
    EXPECT_EQ(i.m.format, TETRA_MODEL_ONNX);
  }
}

TEST(OnnxStructure, ops_of_every_fusion) {
  struct Want {
    const char *name;
    int ops, outputs;
  };
  const Want want[] = {{"two_quantizations_of_one_conv", 2, 3},
                       {"same_quantization_twice_is_one_value", 2, 2},
                       {"conv_relu_maxpool_quantized_after", 2, 2},
                       {"weights_u8_zero_point_20_two_arrays", 1, 1},
                       {"weights_u8_zero_point_128", 1, 1},
                       {"groups_depthwise_bn_relu6_then_pointwise_and_add", 2, 2},
                       {"groups_weights_u8_zero_point_20_beside_a_dense_one", 2, 2},
                       {"shortcut_slice_pad_channels_added", 2, 2},
                       {"pad_then_conv", 1, 1},
                       {"global_average_flatten_gemm", 2, 2},
                       {"two_blocks_residual_first_operand", 3, 3},
                       {"slice_rows_columns_channels", 1, 1}};
  for (const Want &w : want)
    for (const Case &c : kCases) {
      if (std::string(c.name) != w.name) continue;
      Rng random(1);
      const Imported i(c.make(&random).Bytes());
      ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
      int outputs = 0;
      for (int k = 0; k < i.m.graph.n_ops; k++) outputs += i.m.graph.ops[k].n_outputs;
      EXPECT_EQ(i.m.graph.n_ops, w.ops) << w.name;
      EXPECT_EQ(outputs, w.outputs) << w.name;
    }
}

TEST(OnnxStructure, channels_are_duplicated_one_by_one) {
  for (const Case &c : kCases) {
    if (std::string(c.name) != "weights_u8_zero_point_20_duplicated") continue;
    Rng random(1);
    const Imported i(c.make(&random).Bytes());
    ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
    EXPECT_EQ(i.m.graph.ops[0].groups, 5);
    EXPECT_EQ(i.m.graph.ops[0].cout, 10);
    EXPECT_EQ(i.m.graph.ops[1].groups, 1);
  }
}

TEST(OnnxStructure, int8_weights_that_fit_4_bits_use_4) {
  Rng random(1);
  Model m = Start({1, 3, 4, 4});
  Conv(&m, &random, Input(&m), "c", {2, 3, 1, 1}, kIn);
  m.constants["c_w"].v = Whole(&random, 6, -8, 7);
  m.Q("c", "y", 0.05, 0, onnx::kS8);
  const Imported i(m.Bytes());
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  EXPECT_EQ(i.m.graph.ops[0].wbits, 4);
}

TEST(OnnxStructure, softmax_is_left_to_the_host) {
  Rng random(1);
  Model m = Start({1, 6});
  const auto in = AddWeights(&m, &random, "w", {6, 4}, kIn, {onnx::kS8, false, 0, false, 1});
  const auto y = m.Qdq(Op(&m, "MatMul", {Input(&m), in[0]}, "mm"), "q", 0.05, 3, onnx::kU8);
  m.Qdq(Op(&m, "Softmax", {y}, "sm"), "p", 1.0 / 256, 0, onnx::kU8);
  const Imported i(m.Bytes());
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  EXPECT_EQ(i.m.host_softmax, 1);
  EXPECT_EQ(i.m.output_is_float, 1);
  EXPECT_EQ(i.m.graph.n_ops, 1);
  EXPECT_STREQ(i.m.graph.values[i.m.graph.output].name, "q");
}

TEST(OnnxStructure, batch_of_1_becomes_3) {
  Rng random(5);
  Model m = Start({1, 3, 4, 4});
  const auto x = Input(&m);
  const auto p =
      m.Qdq(Op(&m, "GlobalAveragePool", {Conv(&m, &random, x, "c", {5, 3, 1, 1}, kIn)}, "p"), "q", 0.05, 2, onnx::kS8);
  (void)p;
  Model one = Start({1, 3, 4, 4});
  const auto c = one.Qdq(Conv(&one, &random, Input(&one), "c", {5, 3, 4, 4}, kIn), "q", 0.05, 2, onnx::kS8);
  Op(&one, "Reshape", {c, IntVector(&one, "shape", {1, 5})}, "flat");
  const Imported three(one.Bytes(), 3), single(one.Bytes());
  ASSERT_EQ(three.rc, TETRA_OK) << three.Why();
  ASSERT_EQ(single.rc, TETRA_OK) << single.Why();
  EXPECT_EQ(three.Desc(three.m.graph.output).n, 3);
  std::vector<double> x3 = Real(&random, 3 * 48, -4, 4), got = RunModel(three, x3, TETRA_FAST), each;
  for (size_t k = 0; k < 3; k++) {
    const auto y =
        RunModel(single, {x3.begin() + static_cast<long>(48 * k), x3.begin() + static_cast<long>(48 * (k + 1))},
                 TETRA_REFERENCE);
    each.insert(each.end(), y.begin(), y.end());
  }
  EXPECT_EQ(got, each);
}

TEST(OnnxStructure, ceil_mode_is_padding_at_the_end) {
  Rng random(3);
  Model m = Start({1, 2, 8, 7}, onnx::kS8);
  Op(&m, "MaxPool", {"x"}, "y",
     {{"kernel_shape", {3, 3}}, {"strides", {2, 3}}, {"pads", {0, 0, 0, 0}}, {"ceil_mode", {1}}});
  Model padded = m;
  padded.nodes[0].ints["pads"] = {0, 0, 1, 2};
  const Imported i(m.Bytes());
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  const onnx::Array in = RandomInput(m, &random);
  EXPECT_EQ(RunModel(i, in.v, TETRA_REFERENCE), onnx::EvalModel(padded, in).at("y").v);
}

// What exporters leave of x.view(x.size(0), -1).
TEST(OnnxStructure, shape_calculated_in_the_graph) {
  Rng random(5);
  Model m = Start({2, 3, 2, 2});
  const auto x = Input(&m);
  const auto shape = Op(&m, "Shape", {x}, "shape");
  const auto n = Op(&m, "Gather", {shape, m.Scalar("zero", onnx::kS64, 0)}, "n");
  const auto nv = Op(&m, "Unsqueeze", {n, IntVector(&m, "axes0", {0})}, "nv");
  const auto target = Op(&m, "Concat", {nv, IntVector(&m, "rest", {-1})}, "target", {{"axis", {0}}});
  const auto flat = Op(&m, "Reshape", {x, target}, "flat");
  const auto w = AddWeights(&m, &random, "w", {12, 4}, kIn, {onnx::kS8, false, 0, false, 1});
  m.Q(Op(&m, "MatMul", {flat, w[0]}, "mm"), "y", 0.05, 3, onnx::kU8);
  const Imported i(m.Bytes());
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  Model plain = m;  // the same with Flatten
  plain.nodes.clear();
  for (const auto &node : m.nodes) {
    if (node.op == "Shape" || node.op == "Gather" || node.op == "Unsqueeze" || node.op == "Concat") continue;
    plain.nodes.push_back(node);
    if (node.op == "Reshape") plain.nodes.back().op = "Flatten", plain.nodes.back().in.resize(1);
  }
  const onnx::Array in = RandomInput(m, &random);
  EXPECT_EQ(RunModel(i, in.v, TETRA_REFERENCE), onnx::EvalModel(plain, in).at("y").v);
}

// What exporters leave of a padding of channels: pairs in reverse order, turned round by nodes.
TEST(OnnxStructure, paddings_calculated_in_the_graph) {
  Rng random(5);
  Model m = Start({1, 2, 3, 3});
  const auto x = Input(&m);
  const auto padded = Op(&m, "Concat", {IntVector(&m, "given", {1, 0, 0, 2, 3, 1}), IntVector(&m, "zeros", {0, 0})},
                         "all", {{"axis", {0}}});
  const auto pairs = Op(&m, "Reshape", {padded, IntVector(&m, "by2", {-1, 2})}, "pairs");
  const auto reversed = Op(&m, "Slice",
                           {pairs, IntVector(&m, "from", {-1}), IntVector(&m, "to", {-9223372036854775807.0}),
                            IntVector(&m, "ax", {0}), IntVector(&m, "by", {-1})},
                           "reversed");
  const auto turned = Op(&m, "Transpose", {reversed}, "turned", {{"perm", {1, 0}}});
  const auto pads =
      Op(&m, "Cast", {Op(&m, "Reshape", {turned, IntVector(&m, "flat", {-1})}, "vector")}, "pads", {{"to", {7}}});
  m.Q(Op(&m, "Pad", {x, pads}, "p"), "y", kIn, 117, onnx::kU8);
  const Imported i(m.Bytes());
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  Model plain = Start({1, 2, 3, 3});
  plain.Q(Pad(&plain, Input(&plain), "p", {0, 3, 0, 1, 0, 1, 2, 0}), "y", kIn, 117, onnx::kU8);
  const onnx::Array in = RandomInput(m, &random);
  EXPECT_EQ(RunModel(i, in.v, TETRA_REFERENCE), onnx::EvalModel(plain, in).at("y").v);
  EXPECT_EQ(Count(i.m.graph, TETRA_CONV), 1);
}

TEST(OnnxFloat, ANetworkSaysWhatQuantizesIt) {
  Model m = Start({1, 3, 4, 4});
  m.Const("w", onnx::kFloat, {2, 3, 1, 1}, std::vector<double>(6, 0.5));
  Op(&m, "Relu", {Op(&m, "Conv", {"x", "w"}, "c")}, "y");
  const Imported i(m.Bytes());
  EXPECT_EQ(i.rc, TETRA_EINVAL);
  EXPECT_NE(std::string(i.err.msg).find("a float network: ./sim quantize"), std::string::npos) << i.err.msg;
  EXPECT_EQ(i.report.n_refusals, 0);
}

// A half code and a little more or less: which it is, the sum says, however small its factor.
TEST(OnnxBias, InTheMiddleBetweenTwoCodesEverySumCounts) {
  for (const double offset : {0.625, 0.5}) {
    Rng random(1);
    Model m = Start({1, 3, 4, 4});
    const auto c = Conv(&m, &random, Input(&m), "c", {2, 3, 1, 1}, kIn);
    const auto s = Op(&m, "Mul", {c, m.Scalar("g", onnx::kFloat, 1e-20)}, "s");
    m.Q(Op(&m, "Add", {s, m.Scalar("a", onnx::kFloat, offset)}, "t"), "y", 0.25, 0, onnx::kS8);
    const Imported i(m.Bytes());
    EXPECT_EQ(i.rc, offset == 0.625 ? TETRA_EINVAL : TETRA_OK) << i.Why();
    EXPECT_EQ(i.Why().find("does not fit int32") != std::string::npos, offset == 0.625) << i.Why();
  }
}

TEST(OnnxBool, ADropoutMayNotTrain) {
  for (const int training : {0, 1}) {
    Rng random(1);
    Model m = Start({1, 3, 4, 4});
    const std::string x = Input(&m);
    const std::string dropped =
        Op(&m, "Dropout", {x, m.Scalar("ratio", onnx::kFloat, 0.5), m.Scalar("train", onnx::kBool, training)}, "drop");
    m.Q(Conv(&m, &random, dropped, "d", {2, 3, 1, 1}, kIn), "y", 0.05, 0, onnx::kS8);
    const Imported i(m.Bytes());
    EXPECT_EQ(i.rc, training ? TETRA_EINVAL : TETRA_OK) << i.Why();
    EXPECT_EQ(i.Why().find("training mode, must be off") != std::string::npos, training != 0) << i.Why();
  }
}

TEST(OnnxRefusal, SaysWhatIsWrong) {
  Rng random(1);
  Model clip = Start({1, 3, 4, 4});
  const auto q = clip.Q(Conv(&clip, &random, Input(&clip), "c", {2, 3, 1, 1}, kIn), "q", 0.05, 0, onnx::kS8);
  Op(&clip, "Clip", {q, clip.Scalar("lo", onnx::kS8, 3), clip.Scalar("hi", onnx::kS8, 2)}, "y");
  clip.output = "y";
  const Imported reversed(clip.Bytes());
  EXPECT_NE(reversed.Why().find("its lower bound is above its upper one"), std::string::npos) << reversed.Why();
  Model gemm = Start({2, 3});
  auto in = AddWeights(&gemm, &random, "w", {3, 4}, kIn, {onnx::kS8, false, 0, false, 0});
  in.insert(in.begin(), Input(&gemm));
  gemm.Q(gemm.Add({"Gemm", in, {}, {}, {{"alpha", 0.0}}, {}, "", ""}, "g"), "y", 0.05, 0, onnx::kS8);
  const Imported nothing(gemm.Bytes());
  EXPECT_NE(nothing.Why().find("alpha 0, which leaves nothing of its input"), std::string::npos) << nothing.Why();
}

TEST(OnnxOrder, IsNamed) {
  Model m = Start({1, 3, 4, 4}, onnx::kS8);
  Op(&m, "MaxPool", {"later"}, "y", {{"kernel_shape", {2, 2}}});
  Op(&m, "Identity", {"x"}, "later");
  m.output = "y";
  const Imported i(m.Bytes());
  EXPECT_EQ(i.rc, TETRA_EINVAL);
  EXPECT_NE(std::string(i.err.msg).find("out of order: reads 'later' of node 1; sort the nodes"), std::string::npos)
      << i.err.msg;
}

TEST(OnnxQuant, OneSignedBitMeansMinusOneAndOne) {
  Model m = Start({1, 3, 4, 4});
  const auto quant = [&](const std::string &x, double bits, const std::string &name) {
    return m.Add({"Quant",
                  {x, m.Scalar(name + "_s", onnx::kFloat, 0.5), m.Scalar(name + "_z", onnx::kFloat, 0),
                   m.Scalar(name + "_n", onnx::kFloat, bits)},
                  {},
                  {{"signed", {1}}},
                  {},
                  {},
                  "qonnx.custom_op.general",
                  ""},
                 name);
  };
  quant(Op(&m, "Relu", {quant("x", 8, "q")}, "r"), 1, "y");
  const Imported i(m.Bytes());
  EXPECT_EQ(i.rc, TETRA_EINVAL);
  EXPECT_NE(std::string(i.err.msg).find("1 signed bit"), std::string::npos) << i.err.msg;
}

TEST(OnnxQuant, BipolarQuantIsRefusedWithWhatIsAccepted) {
  Model m = Start({1, 3, 4, 4});
  m.Add({"BipolarQuant", {"x", m.Scalar("s", onnx::kFloat, 0.5)}, {}, {}, {}, {}, "qonnx.custom_op.general", ""}, "y");
  const Imported i(m.Bytes());
  EXPECT_EQ(i.rc, TETRA_EINVAL);
  EXPECT_NE(i.Why().find("a signed Quant of 2 bits is accepted"), std::string::npos) << i.Why();
}

TEST(OnnxRefusals, OfOneKindAreCountedTogether) {
  Model m = Start({1, 3, 4, 4});
  std::string x = Input(&m);
  for (const char *name : {"a", "b", "c", "d"})
    x = m.Qdq(Op(&m, "Sigmoid", {Op(&m, "Transpose", {x}, std::string("t") + name, {{"perm", {0, 1, 3, 2}}})}, name),
              std::string("q") + name, 0.1, 0, onnx::kS8);
  const Imported i(m.Bytes());
  EXPECT_EQ(i.rc, TETRA_EINVAL);
  tetra_refusal_kind *kinds;
  int n;
  tetra_error err = {};
  ASSERT_EQ(tetra_import_kinds(&i.report, &kinds, &n, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(n, 2) << i.Why(); /* Transposes that read what a refused one gives, too */
  EXPECT_EQ(kinds[0].count, 4);
  EXPECT_EQ(kinds[1].count, 4);
  EXPECT_STREQ(i.report.refusals[kinds[1].first].op, "Sigmoid");
  EXPECT_STREQ(i.report.refusals[kinds[1].named[2]].name, "node_c");
  free(kinds);
}

// Refusals, "OPERATION NAME" each.
std::vector<std::string> Refused(const tetra_import_report &report) {
  std::vector<std::string> all;
  for (int k = 0; k < report.n_refusals; k++)
    all.push_back(std::string(report.refusals[k].op) + " " + report.refusals[k].name);
  return all;
}

// One thing wrong behind the other, of which none can be seen through: an activation, a type, an attribute, a window,
// and, with the shape lost by an Upsample, an attribute once more. Nothing is said of what only reads them.
TEST(OnnxRefusals, OfNodesInSeriesAreSaidAtOnce) {
  Rng r(1);
  Model m = Start({1, 4, 8, 8});
  std::string x = m.Qdq(Op(&m, "Sigmoid", {Input(&m)}, "a"), "aq", 0.1, 0, onnx::kS8);
  x = m.Qdq(Op(&m, "Relu", {x}, "b"), "bq", 0.1, 0, onnx::kS32);
  const auto w = AddWeights(&m, &r, "w", {4, 4, 1, 1}, 0.1, {onnx::kS8, true, 0, false, 0});
  x = m.Qdq(Op(&m, "Conv", {x, w[0]}, "c"), "cq", 0.1, 0, onnx::kS8);
  x = Op(&m, "MaxPool", {x}, "p", {{"kernel_shape", {2, 2, 2}}});
  x = m.Qdq(Op(&m, "Upsample", {x}, "u"), "uq", 0.1, 0, onnx::kS8);
  x = m.Qdq(Op(&m, "Conv", {x, w[0]}, "d", {{"strides", {0, 1}}}), "dq", 0.1, 0, onnx::kS8);
  m.output = x;
  const Imported i(m.Bytes());
  EXPECT_EQ(i.rc, TETRA_EINVAL);
  EXPECT_EQ(Refused(i.report), (std::vector<std::string>{"Sigmoid node_a", "QuantizeLinear node_bq", "MaxPool node_p",
                                                         "Upsample node_u", "Conv node_d"}))
      << i.Why();
}

// The same of a float network; a second input, an output too many and a constant that is not read are no end either.
TEST(OnnxRefusals, OfFloatNetworksAreSaidAtOnce) {
  Model m = Start({1, 4, 8, 8});
  m.Const("w", static_cast<onnx::Type>(16), {4, 4, 1, 1}, std::vector<double>(16, 1));  // bfloat16
  std::string x = Op(&m, "Conv", {Op(&m, "Sigmoid", {"x"}, "a"), "w"}, "c");
  x = Op(&m, "Softmax", {Op(&m, "MaxPool", {Op(&m, "Relu", {x}, "r")}, "p", {{"kernel_shape", {2}}})}, "s");
  m.output = Op(&m, "Erf", {x}, "e");
  const std::string bytes = m.Bytes();
  tetra_error err = {};
  tetra_arena arena = {};
  arena.err = &err;
  tetra_float_graph g;
  tetra_import_report report;
  EXPECT_EQ(tetra_import_float(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size(), &arena, &g, &report),
            TETRA_EINVAL);
  EXPECT_EQ(Refused(report),
            (std::vector<std::string>{"Sigmoid node_a", "Conv node_c", "MaxPool node_p", "Erf node_e"}))
      << err.msg;
  tetra_import_report_free(&report);
  tetra_arena_free(&arena);
}

}  // namespace
