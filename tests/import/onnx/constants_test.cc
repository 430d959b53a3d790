// Constants as exporters leave them: in Constant nodes, in the fields of their types, filled, reshaped, calculated from
// shapes. Each network answers as the one whose constants are there plainly.
#include "cases.h"
#include "run.h"

namespace {

using onnx::Array;
using onnx::Node;

// A quantized convolution with scales per channel and a float bias, a slice, an average, a dense layer.
Model Plain() {
  Rng random(5);
  Model m = Start({1, 3, 6, 6});
  m.Const("w", onnx::kS8, {4, 3, 2, 3}, Whole(&random, 72, -128, 127));
  m.Const("w_s", onnx::kFloat, {4}, {0.01, 0.02, 0.03, 0.0078125});
  m.Const("w_z", onnx::kS8, {4}, {0, 0, 0, 0});
  m.Const("b", onnx::kFloat, {4}, {0.75, 0.75, 0.75, 0.75});
  const auto x = Input(&m);
  const auto w = Op(&m, "DequantizeLinear", {"w", "w_s", "w_z"}, "w_real", {{"axis", {0}}});
  auto y = m.Qdq(Op(&m, "Conv", {x, w, "b"}, "c"), "q", 0.05, 100, onnx::kU8);
  y = Slice(&m, y, "s", {1, 0}, {5, 4}, {2, 3}, {1, 2});
  y = m.Qdq(Op(&m, "GlobalAveragePool", {y}, "g"), "gq", 0.04, 90, onnx::kU8);
  IntVector(&m, "shape", {1, 4});
  y = Op(&m, "Reshape", {y, "shape"}, "flat");
  m.Const("d", onnx::kS8, {4, 5}, Whole(&random, 20, -128, 127));
  m.Scalar("d_s", onnx::kFloat, 0.015625);
  m.Q(Op(&m, "MatMul", {y, Op(&m, "DequantizeLinear", {"d", "d_s"}, "d_real")}, "l"), "y", 0.02, 0, onnx::kS8);
  return m;
}

Node Named(Node n, const std::string &name) {
  n.out = {name};
  n.name = "node_" + name;
  return n;
}
Node Make(const std::string &op, std::vector<std::string> in, const std::string &name,
          std::map<std::string, std::vector<int64_t>> ints = {}) {
  return Named({op, std::move(in), {}, std::move(ints), {}, {}, "", ""}, name);
}
Node Tensor(const std::string &op, std::vector<std::string> in, const std::string &name, Array value) {
  return Named({op, std::move(in), {}, {}, {}, {}, "", "", {{"value", std::move(value)}}}, name);
}

// The nodes come before those of the network, instead of constants of these names.
void Calculate(Model *m, const std::vector<Node> &nodes) {
  for (const Node &n : nodes) m->constants.erase(n.out[0]);
  m->nodes.insert(m->nodes.begin(), nodes.begin(), nodes.end());
}

// Behind the node that gives `after`.
void CalculateBehind(Model *m, const std::string &after, const std::vector<Node> &nodes) {
  for (const Node &n : nodes) m->constants.erase(n.out[0]);
  for (size_t i = 0; i < m->nodes.size(); i++)
    if (m->nodes[i].out[0] == after) {
      m->nodes.insert(m->nodes.begin() + static_cast<int64_t>(i) + 1, nodes.begin(), nodes.end());
      return;
    }
  throw std::runtime_error("no node " + after);
}

// The constant keeps its elements in another shape, under another name.
std::string Reshaped(Model *m, const std::string &name, std::vector<int64_t> shape) {
  Array a = m->constants.at(name);
  a.shape = std::move(shape);
  m->constants[name + "_0"] = a;
  return name + "_0";
}

struct Change {
  const char *name;
  void (*change)(Model *);
};

const Change kChanges[] = {
    {"tensors_in_constant_nodes",
     [](Model *m) {
       const Model all = *m;
       for (const auto &[name, a] : all.constants) Calculate(m, {Tensor("Constant", {}, name, a)});
     }},
    {"numbers_in_constant_nodes",
     [](Model *m) {
       Node scale = Make("Constant", {}, "xq_s");
       scale.floats["value_float"] = kIn;
       Calculate(m, {scale, Make("Constant", {}, "shape", {{"value_ints", {1, 4}}}),
                     Make("Constant", {}, "four", {{"value_int", {4}}}), Make("Unsqueeze", {"four", "zero"}, "s_to_x"),
                     Make("Concat", {"five", "s_to_x"}, "s_to", {{"axis", {0}}})});
       IntVector(m, "zero", {0});
       IntVector(m, "five", {5});
     }},
    {"fields_of_types",
     [](Model *m) {
       for (auto &[name, a] : m->constants) a.typed = true;
     }},
    {"doubles",
     [](Model *m) {
       m->Const("b_0", onnx::kDouble, {4}, {0.75, 0.75, 0.75, 0.75});
       Calculate(m, {Make("Cast", {"b_0"}, "b", {{"to", {onnx::kFloat}}})});
     }},
    {"a_filled_bias",
     [](Model *m) {
       IntVector(m, "n", {4});
       Calculate(m, {Tensor("ConstantOfShape", {"n"}, "b", {onnx::kFloat, {1}, {0.75}}),
                     Tensor("ConstantOfShape", {"n"}, "w_z", {onnx::kS8, {1}, {0}})});
     }},
    {"weights_reshaped",
     [](Model *m) {
       Reshaped(m, "w", {4, 3, 6});
       IntVector(m, "to", {0, -1, 2, 3});
       Calculate(m, {Make("Reshape", {"w_0", "to"}, "w")});
     }},
    {"dequantized_weights_reshaped",
     [](Model *m) {
       Reshaped(m, "w", {2, 2, 18});
       IntVector(m, "back", {4, 3, 2, 3});
       IntVector(m, "to", {4, 18});
       Calculate(m, {Make("Reshape", {"w_0", "to"}, "w")});
       CalculateBehind(m, "w_real", {Make("Reshape", {"w_real", "back"}, "w_back")});
       for (Node &n : m->nodes)
         if (n.op == "Conv") n.in[1] = "w_back";
     }},
    {"weights_squeezed",
     [](Model *m) {
       Reshaped(m, "w", {1, 4, 3, 1, 2, 3});
       IntVector(m, "axes", {0, -3});
       Calculate(m, {Make("Squeeze", {"w_0", "axes"}, "w")});
     }},
    {"weights_squeezed_of_all_ones",
     [](Model *m) {
       Reshaped(m, "w", {4, 1, 3, 2, 1, 3});
       Calculate(m, {Make("Squeeze", {"w_0"}, "w")});
     }},
    {"dequantized_weights_unsqueezed_and_squeezed",
     [](Model *m) {
       IntVector(m, "axis", {0});
       CalculateBehind(m, "w_real",
                       {Make("Unsqueeze", {"w_real", "axis"}, "w_1"), Make("Squeeze", {"w_1", "axis"}, "w_2")});
       for (Node &n : m->nodes)
         if (n.op == "Conv") n.in[1] = "w_2";
     }},
    {"a_matrix_transposed_twice_and_not",
     [](Model *m) {
       CalculateBehind(m, "d_real",
                       {Make("Transpose", {"d_real"}, "d_1"), Make("Transpose", {"d_1"}, "d_2", {{"perm", {0, 1}}}),
                        Make("Transpose", {"d_2"}, "d_3", {{"perm", {1, 0}}})});
       for (Node &n : m->nodes)
         if (n.op == "MatMul") n.in[1] = "d_3";
     }},
    {"a_slice_by_arithmetic",
     [](Model *m) {
       IntVector(m, "p", {7, 9});
       IntVector(m, "two", {2});
       IntVector(m, "ones", {1, 0});
       Calculate(m, {Make("Add", {"p", "ones"}, "p_1"), Make("Mul", {"two", "p_1"}, "p_2"),          // 8 9, 16 18
                     Make("Div", {"p_2", "three"}, "p_3"), Make("Sub", {"p_3", "minus"}, "s_to")});  // 5 6, 5 4
       m->Scalar("three", onnx::kS64, 3);
       IntVector(m, "minus", {0, 2});
     }},
    {"a_shape_from_weights",
     [](Model *m) {
       m->Scalar("first", onnx::kS64, 0);
       IntVector(m, "one", {1});
       Calculate(m,
                 {Make("Shape", {"w"}, "w_shape"), Make("Gather", {"w_shape", "first"}, "cout"),
                  Make("Squeeze", {"one"}, "one_0"), Make("Mul", {"cout", "one_0"}, "n"),
                  Make("Unsqueeze", {"n", "zero"}, "n_1"), Make("Concat", {"one", "n_1"}, "shape", {{"axis", {0}}})});
       IntVector(m, "zero", {0});
     }},
    {"a_slice_of_steps_left_out",
     [](Model *m) {
       IntVector(m, "list", {9, 1, 4, 9});
       IntVector(m, "from", {1});
       IntVector(m, "to", {3});
       Calculate(m, {Make("Slice", {"list", "from", "to"}, "shape")});
     }},
};

class OnnxConstants : public ::testing::TestWithParam<Change> {};

TEST_P(OnnxConstants, AnswerAsPlainOnes) {
  Model m = Plain();
  const Imported plain(m.Bytes());
  GetParam().change(&m);
  const Imported other(m.Bytes());
  ASSERT_EQ(plain.rc, TETRA_OK) << plain.Why();
  ASSERT_EQ(other.rc, TETRA_OK) << other.Why();
  EXPECT_EQ(other.m.graph.n_ops, plain.m.graph.n_ops);
  Rng random(6);
  const auto x = RandomInput(m, &random).v;
  const auto want = RunModel(plain, x, TETRA_REFERENCE);
  EXPECT_NE(want, std::vector<double>(want.size(), want[0])) << "an answer that does not depend on anything";
  EXPECT_EQ(RunModel(other, x, TETRA_REFERENCE), want);
}

INSTANTIATE_TEST_SUITE_P(, OnnxConstants, ::testing::ValuesIn(kChanges),
                         [](const auto &info) { return std::string(info.param.name); });

struct Bad {
  const char *name;
  void (*change)(Model *);
  const char *message;  // part of it
};

const Bad kBad[] = {
    {"two_numbers_to_fill_with",
     [](Model *m) {
       IntVector(m, "n", {4});
       Calculate(m, {Tensor("ConstantOfShape", {"n"}, "b", {onnx::kFloat, {2}, {1, 2}})});
     },
     "'node_b': its value has 2 numbers, must be one"},
    {"a_negative_dimension",
     [](Model *m) {
       IntVector(m, "n", {4, -1});
       Calculate(m, {Tensor("ConstantOfShape", {"n"}, "b", {onnx::kFloat, {1}, {0}})});
     },
     "'node_b': dimension 1 is -1"},
    {"a_reshape_that_holds_less",
     [](Model *m) {
       Reshaped(m, "w", {72});
       IntVector(m, "to", {4, 3, 5});
       Calculate(m, {Make("Reshape", {"w_0", "to"}, "w")});
     },
     "'node_w': the shape does not hold 72 elements"},
    {"a_reshape_to_more_than_there_is",
     [](Model *m) {
       Reshaped(m, "w", {72});
       IntVector(m, "to", {4, 300, 5});
       Calculate(m, {Make("Reshape", {"w_0", "to"}, "w")});
     },
     "'node_w': the shape does not hold 72 elements"},
    {"a_reshape_to_rank_9",
     [](Model *m) {
       Reshaped(m, "w", {72});
       IntVector(m, "to", {72, 1, 1, 1, 1, 1, 1, 1, 1});
       Calculate(m, {Make("Reshape", {"w_0", "to"}, "w")});
     },
     "a shape of rank 9"},
    {"a_reshape_through_the_scales",
     [](Model *m) {
       IntVector(m, "to", {2, 6, 2, 3});
       CalculateBehind(m, "w_real", {Make("Reshape", {"w_real", "to"}, "w_back")});
       for (Node &n : m->nodes)
         if (n.op == "Conv") n.in[1] = "w_back";
     },
     "the dimension of its scales is none of the new shape's"},
    {"a_reshape_of_a_transposed_matrix",
     [](Model *m) {
       IntVector(m, "to", {4, 5});
       CalculateBehind(m, "d_real", {Make("Transpose", {"d_real"}, "d_1"), Make("Reshape", {"d_1", "to"}, "d_2")});
       for (Node &n : m->nodes)
         if (n.op == "MatMul") n.in[1] = "d_2";
     },
     "changes the shape of a transposed matrix"},
    {"a_squeeze_of_3",
     [](Model *m) {
       Reshaped(m, "w", {4, 3, 2, 3});
       IntVector(m, "axes", {1});
       Calculate(m, {Make("Squeeze", {"w_0", "axes"}, "w")});
     },
     "'node_w': removes an axis of 3"},
    {"a_squeeze_of_an_axis_twice",
     [](Model *m) {
       Reshaped(m, "w", {1, 4, 3, 2, 3});
       IntVector(m, "axes", {0, -5});
       Calculate(m, {Make("Squeeze", {"w_0", "axes"}, "w")});
     },
     "'node_w': its axes must be different ones of rank 5"},
    {"an_unsqueeze_beyond_rank_8",
     [](Model *m) {
       IntVector(m, "axes", {0, 1, 2, 3, 4});
       Reshaped(m, "w", {4, 3, 2, 3});
       Calculate(m, {Make("Unsqueeze", {"w_0", "axes"}, "w")});
     },
     "its axes must be different ones of at most 8"},
    {"a_permutation_of_a_matrix",
     [](Model *m) {
       CalculateBehind(m, "d_real", {Make("Transpose", {"d_real"}, "d_1", {{"perm", {1, 1}}})});
       for (Node &n : m->nodes)
         if (n.op == "MatMul") n.in[1] = "d_1";
     },
     "'node_d_1': perm must be a permutation of 2 axes"},
    {"a_permutation_of_too_few",
     [](Model *m) {
       Calculate(m, {Make("Transpose", {Reshaped(m, "w", {3, 4, 2, 3})}, "w", {{"perm", {1, 0}}})});
     },
     "'node_w': perm has 2 axes, its input 4"},
    {"a_permutation_of_an_axis_twice",
     [](Model *m) {
       Calculate(m, {Make("Transpose", {Reshaped(m, "w", {3, 4, 2, 3})}, "w", {{"perm", {1, 0, 1, 3}}})});
     },
     "'node_w': perm must name every axis once"},
    {"a_tensor_of_rank_9", [](Model *m) { m->constants["w"].shape = {4, 3, 2, 3, 1, 1, 1, 1, 1}; },
     "tensor 'w': rank 9, at most 8 is read"},
    {"a_constant_of_strings",
     [](Model *m) {
       Calculate(m, {Tensor("Constant", {}, "b", {static_cast<onnx::Type>(8), {4}, {0, 0, 0, 0}})});
     },
     "element type string"},
};

class OnnxBadConstants : public ::testing::TestWithParam<Bad> {};

TEST_P(OnnxBadConstants, AreNamed) {
  Model m = Plain();
  GetParam().change(&m);
  const Imported i(m.Bytes());
  EXPECT_EQ(i.rc, TETRA_EINVAL);
  EXPECT_NE(i.Why().find(GetParam().message), std::string::npos) << i.Why();
}

INSTANTIATE_TEST_SUITE_P(, OnnxBadConstants, ::testing::ValuesIn(kBad),
                         [](const auto &info) { return std::string(info.param.name); });

}  // namespace
