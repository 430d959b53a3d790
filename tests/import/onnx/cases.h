// Networks made by hand, one for each way in which nodes become one op.
#ifndef TETRA_TESTS_IMPORT_ONNX_CASES_H
#define TETRA_TESTS_IMPORT_ONNX_CASES_H

#include <cmath>
#include <random>

#include "model.h"
#include "eval.h"

using onnx::Model;
using Rng = std::mt19937;

namespace {

std::vector<double> Whole(Rng *r, size_t n, double lo, double hi) {
  std::vector<double> v(n);
  for (double &x : v) x = std::nearbyint(std::uniform_real_distribution<double>(lo, hi)(*r));
  return v;
}
std::vector<double> Real(Rng *r, size_t n, double lo, double hi) {
  std::vector<double> v(n);
  for (double &x : v) x = static_cast<double>(static_cast<float>(std::uniform_real_distribution<double>(lo, hi)(*r)));
  return v;
}

Model Start(std::vector<int64_t> shape, onnx::Type type = onnx::kFloat) {
  Model m;
  m.input_shape = std::move(shape);
  m.input_type = type;
  return m;
}

struct Weights {
  onnx::Type type = onnx::kS8;
  bool per_channel = true;
  double zp = 0;
  bool bias = true;
  int64_t axis = 0;
};

// Dequantized random weights of that shape, named "w...", and with `bias` an int32 one in units of in_scale * weight
// scale.
std::vector<std::string> AddWeights(Model *m, Rng *r, const std::string &w, std::vector<int64_t> shape, double in_scale,
                                    const Weights &o) {
  double lo, hi;
  onnx::Range(o.type, &lo, &hi);
  const auto cout = static_cast<size_t>(shape[static_cast<size_t>(o.axis)]), scales = o.per_channel ? cout : 1;
  const std::vector<int64_t> sshape =
      o.per_channel ? std::vector<int64_t>{static_cast<int64_t>(cout)} : std::vector<int64_t>{};
  const double size = o.type == onnx::kS4 || o.type == onnx::kU4 ? 0.1 : 0.01;
  const auto s = Real(r, scales, size / 4, size);
  const auto n = static_cast<size_t>(onnx::Count(shape));
  m->Const(w, o.type, std::move(shape), Whole(r, n, lo, hi));
  m->Const(w + "_s", onnx::kFloat, sshape, s);
  m->Const(w + "_z", o.type, sshape, std::vector<double>(scales, o.zp));
  onnx::Node dq = {"DequantizeLinear", {w, w + "_s", w + "_z"}, {}, {{"axis", {o.axis}}}, {}, {}, "", ""};
  std::vector<std::string> names = {m->Add(dq, w + "_real")};
  if (!o.bias) return names;
  std::vector<double> bs;
  for (size_t i = 0; i < cout; i++) bs.push_back(in_scale * s[o.per_channel ? i : 0]);
  m->Const(w + "_b", onnx::kS32, {static_cast<int64_t>(cout)}, Whole(r, cout, -2000, 2000));
  m->Const(w + "_b_s", onnx::kFloat, {static_cast<int64_t>(cout)}, bs);
  names.push_back(
      m->Add({"DequantizeLinear", {w + "_b", w + "_b_s"}, {}, {{"axis", {0}}}, {}, {}, "", ""}, w + "_b_real"));
  return names;
}

std::string Conv(Model *m, Rng *r, const std::string &x, const std::string &name, std::vector<int64_t> shape,
                 double in_scale, const Weights &o = {}, std::map<std::string, std::vector<int64_t>> attributes = {}) {
  auto in = AddWeights(m, r, name + "_w", std::move(shape), in_scale, o);
  in.insert(in.begin(), x);
  return m->Add({"Conv", in, {}, std::move(attributes), {}, {}, "", ""}, name);
}

std::string Op(Model *m, const std::string &op, std::vector<std::string> in, const std::string &name,
               std::map<std::string, std::vector<int64_t>> attributes = {}) {
  return m->Add({op, std::move(in), {}, std::move(attributes), {}, {}, "", ""}, name);
}

std::string BatchNorm(Model *m, Rng *r, const std::string &x, const std::string &name, size_t c) {
  const auto n = static_cast<int64_t>(c);
  m->Const(name + "_g", onnx::kFloat, {n}, Real(r, c, -1.5, 1.5));
  m->Const(name + "_b", onnx::kFloat, {n}, Real(r, c, -0.5, 0.5));
  m->Const(name + "_m", onnx::kFloat, {n}, Real(r, c, -0.5, 0.5));
  m->Const(name + "_v", onnx::kFloat, {n}, Real(r, c, 0.5, 2));
  return Op(m, "BatchNormalization", {x, name + "_g", name + "_b", name + "_m", name + "_v"}, name);
}

std::string IntVector(Model *m, const std::string &name, std::vector<double> v) {
  const auto n = static_cast<int64_t>(v.size());
  return m->Const(name, onnx::kS64, {n}, std::move(v));
}

std::string Slice(Model *m, const std::string &x, const std::string &name, const std::vector<double> &starts,
                  const std::vector<double> &ends, const std::vector<double> &axes, const std::vector<double> &steps) {
  return Op(m, "Slice",
            {x, IntVector(m, name + "_from", starts), IntVector(m, name + "_to", ends),
             IntVector(m, name + "_axes", axes), IntVector(m, name + "_by", steps)},
            name);
}

std::string Pad(Model *m, const std::string &x, const std::string &name, const std::vector<double> &pads) {
  return Op(m, "Pad", {x, IntVector(m, name + "_pads", pads)}, name);
}

// Of codes between QuantizeLinear and DequantizeLinear, in the type of q, which is a tensor of Model::Q.
std::string ClipCodes(Model *m, const std::string &q, const std::string &name, double lo, double hi) {
  const onnx::Type type = m->constants.count(q + "_z") ? m->constants[q + "_z"].type : onnx::kS8;
  return Op(m, "Clip", {q, m->Scalar(name + "_lo", type, lo), m->Scalar(name + "_hi", type, hi)}, name);
}

// The input quantized with a zero point that is not 0.
std::string Input(Model *m, onnx::Type type = onnx::kU8, double scale = 0.03137, double zp = 117) {
  return m->Qdq(m->input, "xq", scale, zp, type);
}
constexpr double kIn = 0.03137f;

struct Case {
  const char *name;
  Model (*make)(Rng *);
};

const Case kCases[] = {
    {"conv_3x3_s2_pads_0121_u8s8",
     [](Rng *r) {
       Model m = Start({1, 5, 9, 8});
       Conv(&m, r, Input(&m), "c", {7, 5, 3, 3}, kIn, {}, {{"strides", {2, 2}}, {"pads", {0, 1, 2, 1}}});
       m.Qdq("c", "y", 0.11, 130, onnx::kU8);
       return m;
     }},
    {"conv_2x3_dilation_3x2_s8s8_per_tensor",
     [](Rng *r) {
       Model m = Start({2, 3, 10, 9});
       Weights w;
       w.per_channel = false;
       Conv(&m, r, Input(&m, onnx::kS8, 0.05, -5), "c", {4, 3, 2, 3}, 0.05f, w,
            {{"dilations", {3, 2}}, {"pads", {1, 2, 1, 2}}});
       m.Q("c", "y", 0.07, -3, onnx::kS8);
       return m;
     }},
    {"conv_1x1_auto_pad_same_upper_s2",
     [](Rng *r) {
       Model m = Start({1, 4, 7, 8});
       Conv(&m, r, Input(&m), "c", {6, 4, 3, 3}, kIn, {}, {{"strides", {2, 3}}, {"pads", {1, 0, 1, 1}}});
       m.nodes.back().strings["auto_pad"] = "SAME_UPPER";  // for the reader; the evaluator takes pads
       m.Q("c", "y", 0.1, 128, onnx::kU8);
       return m;
     }},
    {"conv_float_bias",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       Weights w;
       w.bias = false;
       const auto in = AddWeights(&m, r, "w", {5, 3, 3, 3}, kIn, w);
       m.Const("b", onnx::kFloat, {5}, Real(r, 5, -2, 2));
       m.Q(Op(&m, "Conv", {Input(&m), in[0], "b"}, "c"), "y", 0.05, 0, onnx::kS8);
       return m;
     }},
    {"conv_relu_u8",
     [](Rng *r) {
       Model m = Start({1, 8, 6, 6});
       Op(&m, "Relu", {Conv(&m, r, Input(&m), "c", {8, 8, 3, 3}, kIn, {}, {{"pads", {1, 1, 1, 1}}})}, "r");
       m.Qdq("r", "y", 0.05, 0, onnx::kU8);
       return m;
     }},
    {"conv_clip_0_6_zero_point_10",
     [](Rng *r) {
       Model m = Start({1, 8, 6, 6});
       Op(&m, "Clip",
          {Conv(&m, r, Input(&m), "c", {8, 8, 1, 1}, kIn), m.Scalar("lo", onnx::kFloat, 0),
           m.Scalar("hi", onnx::kFloat, 6)},
          "r");
       m.Qdq("r", "y", 0.04, 10, onnx::kU8);
       return m;
     }},
    {"conv_bn_negative_gamma_relu",
     [](Rng *r) {
       Model m = Start({1, 6, 7, 7});
       Weights w;
       w.bias = false;
       Op(&m, "Relu", {BatchNorm(&m, r, Conv(&m, r, Input(&m), "c", {16, 6, 3, 3}, kIn, w), "bn", 16)}, "r");
       m.Qdq("r", "y", 0.05, 0, onnx::kU8);
       return m;
     }},
    {"conv_add_relu_joint",
     [](Rng *r) {
       Model m = Start({1, 8, 6, 6});
       const auto x = Input(&m);
       const auto c = Conv(&m, r, x, "c", {8, 8, 3, 3}, kIn, {}, {{"pads", {1, 1, 1, 1}}});
       Op(&m, "Relu", {Op(&m, "Add", {c, x}, "a")}, "r");
       m.Qdq("r", "y", 0.06, 3, onnx::kU8);
       return m;
     }},
    {"two_blocks_residual_first_operand",
     [](Rng *r) {
       Model m = Start({1, 8, 6, 6});
       const auto x = Input(&m, onnx::kS8, 0.04, 0);
       const auto a =
           m.Qdq(Op(&m, "Relu", {Conv(&m, r, x, "c1", {12, 8, 3, 3}, 0.04f, {}, {{"pads", {1, 1, 1, 1}}})}, "r1"), "q1",
                 0.03, 0, onnx::kU8);
       const auto p = m.Qdq(Conv(&m, r, x, "c2", {12, 8, 1, 1}, 0.04f), "q2", 0.05, 7, onnx::kS8);
       const auto b = Conv(&m, r, a, "c3", {12, 12, 1, 1}, 0.03f);
       Op(&m, "Relu", {Op(&m, "Add", {p, b}, "sum")}, "r2");
       m.Qdq("r2", "y", 0.04, 0, onnx::kU8);
       return m;
     }},
    {"conv_mul_add_constants",
     [](Rng *r) {
       Model m = Start({1, 4, 5, 5});
       Weights w;
       w.bias = false;
       auto c = Conv(&m, r, Input(&m), "c", {4, 4, 3, 3}, kIn, w);
       c = Op(&m, "Mul", {m.Const("g", onnx::kFloat, {1, 4, 1, 1}, {0.5, -1.25, 0, 2}), c}, "g1");
       c = Op(&m, "Div", {c, m.Scalar("d", onnx::kFloat, 1.5)}, "g2");
       m.Qdq(c, "y", 0.05, 100, onnx::kU8);
       return m;
     }},
    {"weights_u8_zero_point_128",
     [](Rng *r) {
       Model m = Start({1, 5, 6, 6});
       Conv(&m, r, Input(&m), "c", {6, 5, 3, 3}, kIn, {onnx::kU8, true, 128, true, 0}, {{"pads", {1, 1, 1, 1}}});
       m.Q("c", "y", 0.15, 128, onnx::kU8);
       return m;
     }},
    {"weights_u8_zero_point_20_two_arrays",
     [](Rng *r) {
       Model m = Start({1, 5, 6, 6});
       const auto x = Input(&m);
       Conv(&m, r, x, "c", {6, 5, 3, 3}, kIn, {onnx::kU8, true, 20, true, 0}, {{"pads", {1, 1, 1, 1}}});
       m.Q("c", "y", 0.3, 128, onnx::kU8);
       return m;
     }},
    {"weights_u8_zero_point_20_duplicated_one_channel",
     [](Rng *r) {
       Model m = Start({1, 1, 6, 6});
       Conv(&m, r, Input(&m), "c", {6, 1, 3, 3}, kIn, {onnx::kU8, true, 20, true, 0});
       m.Q("c", "y", 0.1, 128, onnx::kU8);
       return m;
     }},
    {"groups_2_of_5_s2_u8s8",
     [](Rng *r) {
       Model m = Start({1, 10, 7, 6});
       Conv(&m, r, Input(&m), "c", {6, 5, 3, 3}, kIn, {},
            {{"group", {2}}, {"strides", {2, 1}}, {"pads", {1, 0, 1, 2}}});
       m.Qdq("c", "y", 0.11, 130, onnx::kU8);
       return m;
     }},
    {"groups_depthwise_bn_relu6_then_pointwise_and_add",
     [](Rng *r) {
       Model m = Start({2, 7, 6, 5});
       const auto x = Input(&m);
       const auto d = BatchNorm(
           &m, r, Conv(&m, r, x, "d", {7, 1, 3, 3}, kIn, {}, {{"group", {7}}, {"pads", {1, 1, 1, 1}}}), "bn", 7);
       const auto clip =
           Op(&m, "Clip", {d, m.Scalar("zero", onnx::kFloat, 0), m.Scalar("six", onnx::kFloat, 6)}, "clip");
       const auto a = m.Qdq(clip, "a", 6.0 / 255, 0, onnx::kU8);
       m.Qdq(Op(&m, "Add", {Conv(&m, r, a, "p", {7, 7, 1, 1}, 6.0f / 255), x}, "sum"), "y", 0.1, 120, onnx::kU8);
       return m;
     }},
    {"groups_depthwise_multiplier_3_dilated_s4_weights",
     [](Rng *r) {
       Model m = Start({1, 4, 8, 8});
       Conv(&m, r, Input(&m, onnx::kU4, 0.5, 5), "c", {12, 1, 2, 3}, 0.5f, {onnx::kS4, true, 0, true, 0},
            {{"group", {4}}, {"dilations", {2, 2}}});
       m.Qdq("c", "y", 0.2, 3, onnx::kS8);
       return m;
     }},
    {"groups_weights_u8_zero_point_20_beside_a_dense_one",
     [](Rng *r) {
       Model m = Start({1, 6, 5, 5});
       const auto x = Input(&m);
       const Weights w = {onnx::kU8, true, 20, true, 0};
       const auto a = Conv(&m, r, x, "a", {6, 2, 3, 3}, kIn, w, {{"group", {3}}, {"pads", {1, 1, 1, 1}}});
       const auto b = m.Qdq(Conv(&m, r, x, "b", {6, 6, 1, 1}, kIn, w), "bq", 0.3, 128, onnx::kU8);
       m.Qdq(Op(&m, "Add", {a, b}, "sum"), "y", 0.4, 128, onnx::kU8);
       return m;
     }},
    {"groups_qlinearconv_depthwise",
     [](Rng *r) {
       Model m = Start({1, 4, 6, 6}, onnx::kU8);
       m.Const("w", onnx::kS8, {4, 1, 3, 3}, Whole(r, 36, -128, 127));
       m.Const("ws", onnx::kFloat, {4}, Real(r, 4, 0.002, 0.01));
       m.Const("wz", onnx::kS8, {4}, {0, 0, 0, 0});
       m.Const("b", onnx::kS32, {4}, Whole(r, 4, -3000, 3000));
       Op(&m, "QLinearConv",
          {"x", m.Scalar("xs", onnx::kFloat, 0.03), m.Scalar("xz", onnx::kU8, 99), "w", "ws", "wz",
           m.Scalar("ys", onnx::kFloat, 0.05), m.Scalar("yz", onnx::kU8, 120), "b"},
          "y", {{"pads", {1, 1, 1, 1}}, {"group", {4}}});
       return m;
     }},
    {"groups_convinteger",
     [](Rng *r) {
       Model m = Start({1, 4, 6, 6});
       const auto q = m.Q("x", "xq", 0.03, 120, onnx::kU8);
       m.Const("w", onnx::kU8, {4, 2, 3, 3}, Whole(r, 72, 0, 255));
       Op(&m, "ConvInteger", {q, "w", "xq_z", m.Scalar("wz", onnx::kU8, 131)}, "acc", {{"group", {2}}});
       const auto c = Op(&m, "Cast", {"acc"}, "f", {{"to", {1}}});
       m.Q(Op(&m, "Mul", {c, m.Scalar("k", onnx::kFloat, 0.03125 * 0.0078125)}, "scaled"), "y", 0.05, 0, onnx::kU8);
       return m;
     }},
    {"weights_s8_zero_point_minus_128_three_arrays_4_bit_input",
     [](Rng *r) {
       Model m = Start({1, 3, 5, 5});
       Conv(&m, r, Input(&m, onnx::kS4, 0.5, -3), "c", {4, 3, 2, 2}, 0.5f, {onnx::kS8, false, -128, true, 0},
            {{"pads", {0, 1, 0, 1}}});
       m.Q("c", "y", 0.2, 0, onnx::kS8);
       return m;
     }},
    {"weights_u4_zero_point_11_u4_input",
     [](Rng *r) {
       Model m = Start({1, 9, 6, 6});
       Conv(&m, r, Input(&m, onnx::kU4, 0.5, 7), "c", {5, 9, 3, 3}, 0.5f, {onnx::kU4, true, 11, true, 0},
            {{"pads", {1, 1, 1, 1}}});
       m.Q("c", "y", 2.1, 8, onnx::kU4);
       return m;
     }},
    {"weights_s4_u4_input_s4_output",
     [](Rng *r) {
       Model m = Start({1, 9, 6, 6});
       Conv(&m, r, Input(&m, onnx::kU4, 0.5, 7), "c", {5, 9, 3, 3}, 0.5f, {onnx::kS4, true, 0, true, 0});
       m.Qdq("c", "y", 1.1, 1, onnx::kS4);
       return m;
     }},
    {"weights_s4_minus_8_negated_by_mul",
     [](Rng *r) {
       Model m = Start({1, 4, 4, 4});
       Weights w;
       w.type = onnx::kS8;
       w.bias = false;
       const auto c = Conv(&m, r, Input(&m), "c", {2, 4, 1, 1}, kIn, w);
       m.constants["c_w"].v[3] = -128;
       m.Q(Op(&m, "Mul", {c, m.Scalar("g", onnx::kFloat, -1)}, "neg"), "y", 0.05, 100, onnx::kU8);
       return m;
     }},
    {"two_quantizations_of_one_conv",
     [](Rng *r) {
       Model m = Start({1, 8, 6, 6});
       const auto c = Conv(&m, r, Input(&m), "c", {8, 8, 1, 1}, kIn);
       const auto a = m.Qdq(Op(&m, "Relu", {c}, "r1"), "qa", 0.4, 0, onnx::kU4);
       const auto b = m.Qdq(c, "qb", 0.05, -2, onnx::kS8);
       const auto d = Conv(&m, r, a, "d", {8, 8, 1, 1}, 0.4f, {onnx::kS4, true, 0, true, 0});
       m.Q(Op(&m, "Add", {d, b}, "sum"), "y", 0.1, 120, onnx::kU8);
       return m;
     }},
    {"same_quantization_twice_is_one_value",
     [](Rng *r) {
       Model m = Start({1, 8, 6, 6});
       const auto c = Conv(&m, r, Input(&m), "c", {8, 8, 1, 1}, kIn);
       const auto a = m.Qdq(c, "qa", 0.05, 3, onnx::kS8), b = m.Qdq(c, "qb", 0.05, 3, onnx::kS8);
       m.Qdq(c, "qc", 0.05, 3, onnx::kS8);
       m.Q(Op(&m, "Add", {a, b}, "sum"), "y", 0.1, 120, onnx::kU8);
       return m;
     }},
    {"conv_relu_maxpool_quantized_after",
     [](Rng *r) {
       Model m = Start({1, 4, 9, 9});
       const auto c = Op(&m, "Relu", {Conv(&m, r, Input(&m), "c", {6, 4, 3, 3}, kIn)}, "r");
       m.Qdq(Op(&m, "MaxPool", {c}, "p", {{"kernel_shape", {3, 3}}, {"strides", {2, 2}}, {"pads", {1, 1, 0, 0}}}), "y",
             0.05, 4, onnx::kU8);
       return m;
     }},
    {"maxpool_2x3_of_codes",
     [](Rng *) {
       Model m = Start({1, 3, 8, 9}, onnx::kU8);
       Op(&m, "MaxPool", {"x"}, "y", {{"kernel_shape", {2, 3}}, {"strides", {1, 2}}, {"pads", {1, 0, 0, 1}}});
       return m;
     }},
    {"maxpool_requantized_s8_to_u8",
     [](Rng *) {
       Model m = Start({1, 3, 8, 8});
       const auto p =
           Op(&m, "MaxPool", {Input(&m, onnx::kS8, 0.04, -20)}, "p", {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}});
       m.Qdq(Op(&m, "Relu", {p}, "r"), "y", 0.023, 5, onnx::kU8);
       return m;
     }},
    {"averagepool_3x2_padded_count_include_pad",
     [](Rng *) {
       Model m = Start({1, 3, 8, 9});
       Op(&m, "AveragePool", {Input(&m)}, "p",
          {{"kernel_shape", {3, 2}}, {"strides", {2, 2}}, {"pads", {1, 0, 1, 1}}, {"count_include_pad", {1}}});
       m.Qdq("p", "y", 0.017, 90, onnx::kU8);
       return m;
     }},
    {"averagepool_3x3_padding_not_counted",
     [](Rng *) {
       Model m = Start({2, 5, 7, 9});
       Op(&m, "AveragePool", {Input(&m)}, "p", {{"kernel_shape", {3, 3}}, {"strides", {1, 2}}, {"pads", {1, 1, 1, 1}}});
       m.Qdq("p", "y", 0.017, 90, onnx::kU8);
       return m;
     }},
    {"averagepool_5x4_padding_not_counted_two_outputs",
     [](Rng *) {
       Model m = Start({1, 3, 8, 9});
       Op(&m, "AveragePool", {Input(&m, onnx::kS8, 0.04, -20)}, "p",
          {{"kernel_shape", {5, 4}}, {"strides", {2, 1}}, {"pads", {2, 0, 1, 3}}});
       const auto a = m.Qdq("p", "a", 0.0313, 7, onnx::kS8),
                  b = m.Qdq(Op(&m, "Relu", {"p"}, "r"), "b", 0.0117, 3, onnx::kU8);
       m.Qdq(Op(&m, "Add", {a, b}, "s"), "y", 0.0537, -3, onnx::kS8);
       return m;
     }},
    {"averagepool_2x2_no_padding_of_3x3_plane_in_ceil_mode",
     [](Rng *) {
       Model m = Start({1, 4, 3, 3});
       Op(&m, "AveragePool", {Input(&m)}, "p", {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}, {"ceil_mode", {1}}});
       m.Qdq("p", "y", 0.023, 90, onnx::kU8);
       return m;
     }},
    {"averagepool_3x3_padding_counted_in_ceil_mode",
     [](Rng *) {
       Model m = Start({1, 3, 8, 9});
       Op(&m, "AveragePool", {Input(&m)}, "p",
          {{"kernel_shape", {3, 3}},
           {"strides", {2, 3}},
           {"pads", {1, 0, 1, 1}},
           {"count_include_pad", {1}},
           {"ceil_mode", {1}}});
       m.Qdq("p", "y", 0.017, 90, onnx::kU8);
       return m;
     }},
    {"averagepool_dilated_padding_not_counted",
     [](Rng *) {
       Model m = Start({1, 3, 9, 8});
       Op(&m, "AveragePool", {Input(&m)}, "p",
          {{"kernel_shape", {3, 2}}, {"dilations", {2, 3}}, {"pads", {2, 1, 1, 1}}});
       m.Qdq("p", "y", 0.017, 90, onnx::kU8);
       return m;
     }},
    {"pad_then_averagepool_counts_the_pad_node_only",
     [](Rng *) {
       Model m = Start({1, 3, 6, 6});
       Op(&m, "AveragePool", {Pad(&m, Input(&m), "pad", {0, 0, 1, 1, 0, 0, 0, 1})}, "p",
          {{"kernel_shape", {3, 3}}, {"pads", {1, 0, 1, 1}}});
       m.Qdq("p", "y", 0.017, 90, onnx::kU8);
       return m;
     }},
    {"global_average_flatten_gemm",
     [](Rng *r) {
       Model m = Start({2, 6, 5, 7});
       const auto p = m.Qdq(Op(&m, "GlobalAveragePool", {Input(&m)}, "p"), "q", 0.011, 101, onnx::kU8);
       auto in = AddWeights(&m, r, "w", {9, 6}, 0.011f, {});
       in.insert(in.begin(), Op(&m, "Flatten", {p}, "f"));
       m.Qdq(Op(&m, "Gemm", in, "g", {{"transB", {1}}}), "y", 0.02, -9, onnx::kS8);
       return m;
     }},
    {"flatten_3x4_plane_gemm_not_transposed",
     [](Rng *r) {
       Model m = Start({2, 5, 3, 4});
       auto in = AddWeights(&m, r, "w", {60, 7}, kIn, {onnx::kS8, true, 0, true, 1});
       in.insert(in.begin(), Op(&m, "Flatten", {Input(&m)}, "f"));
       m.Q(Op(&m, "Gemm", in, "g"), "y", 0.1, 0, onnx::kS8);
       return m;
     }},
    {"matmul_add_bias",
     [](Rng *r) {
       Model m = Start({3, 24});
       const auto in = AddWeights(&m, r, "w", {24, 7}, kIn, {onnx::kS8, false, 0, true, 1});
       const auto y = Op(&m, "MatMul", {Input(&m), in[0]}, "mm");
       m.Q(Op(&m, "Add", {in[1], y}, "sum"), "y", 0.05, 3, onnx::kU8);
       return m;
     }},
    {"add_u8_s8_to_u8",
     [](Rng *r) {
       Model m = Start({1, 6, 5, 5});
       const auto x = Input(&m);
       const auto c = m.Qdq(Conv(&m, r, x, "c", {6, 6, 1, 1}, kIn), "q", 0.07, 11, onnx::kS8);
       m.Qdq(Op(&m, "Relu", {Op(&m, "Add", {x, c}, "a")}, "r"), "y", 0.055, 1, onnx::kU8);
       return m;
     }},
    {"add_to_itself_exact_ties",
     [](Rng *) {
       Model m = Start({1, 3, 5, 5});
       const auto x = Input(&m, onnx::kS8, 0.25, 3);
       m.Q(Op(&m, "Add", {x, x}, "a"), "y", 1.0, 2, onnx::kS8);
       return m;
     }},
    {"requantize_relu_alone",
     [](Rng *) {
       Model m = Start({1, 3, 5, 5});
       m.Qdq(Op(&m, "Relu", {Input(&m)}, "r"), "xr", kIn, 117, onnx::kU8);
       m.Q("xr_real", "y", 0.02, 9, onnx::kU8);
       return m;
     }},
    {"shortcut_slice_pad_channels_added",
     [](Rng *r) {
       Model m = Start({1, 4, 8, 8});
       const auto x = Input(&m);
       const auto c = Conv(&m, r, x, "c", {8, 4, 3, 3}, kIn, {}, {{"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}});
       const auto s = Pad(&m, Slice(&m, x, "s", {0, 0}, {2147483647.0, 2147483647.0}, {2, 3}, {2, 2}), "p",
                          {0, 2, 0, 0, 0, 2, 0, 0});
       m.Q(Op(&m, "Relu", {Op(&m, "Add", {c, s}, "a")}, "r"), "y", 0.05, 0, onnx::kU8);
       return m;
     }},
    {"shortcut_first_operand",
     [](Rng *r) {
       Model m = Start({1, 4, 8, 8});
       const auto x = Input(&m);
       const auto s = Pad(&m, Slice(&m, x, "s", {0, 0}, {8, 8}, {2, 3}, {2, 2}), "p", {0, 2, 0, 0, 0, 2, 0, 0});
       const auto c = Conv(&m, r, x, "c", {8, 4, 3, 3}, kIn, {}, {{"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}});
       m.Q(Op(&m, "Relu", {Op(&m, "Add", {s, c}, "a")}, "r"), "y", 0.05, 0, onnx::kU8);
       return m;
     }},
    {"shortcut_added_to_quantized_tensor",
     [](Rng *r) {
       Model m = Start({1, 4, 8, 8});
       const auto x = Input(&m);
       const auto s = Slice(&m, x, "s", {0, 0}, {8, 8}, {2, 3}, {2, 2});
       const auto c = m.Qdq(Conv(&m, r, x, "c", {4, 4, 3, 3}, kIn, {}, {{"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}}),
                            "cq", 0.04, 9, onnx::kS8);
       m.Q(Op(&m, "Add", {c, s}, "a"), "y", 0.05, 100, onnx::kU8);
       return m;
     }},
    {"slice_rows_columns_channels",
     [](Rng *) {
       Model m = Start({1, 7, 9, 11});
       Slice(&m, Slice(&m, Input(&m), "s1", {1, 1, 2}, {-1, 8, 11}, {1, 2, 3}, {2, 1, 3}), "s2", {1}, {7}, {2}, {3});
       m.Q("s2", "y", 0.02, 3, onnx::kU8);
       return m;
     }},
    {"pad_then_conv",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       Conv(&m, r, Pad(&m, Input(&m), "p", {0, 0, 1, 2, 0, 0, 0, 1}), "c", {4, 3, 3, 3}, kIn, {},
            {{"pads", {1, 0, 0, 0}}});
       m.Q("c", "y", 0.1, 128, onnx::kU8);
       return m;
     }},
    {"pad_alone",
     [](Rng *) {
       Model m = Start({1, 3, 4, 4});
       m.Q(Pad(&m, Input(&m), "p", {0, 1, 1, 2, 0, 0, 0, 1}), "y", kIn, 117, onnx::kU8);
       return m;
     }},
    {"slice_then_pad_plane",
     [](Rng *) {
       Model m = Start({1, 3, 7, 7});
       const auto s = Slice(&m, Input(&m), "s", {1, 0}, {7, 6}, {2, 3}, {2, 1});
       m.Q(Pad(&m, s, "p", {0, 0, 2, 0, 0, 0, 1, 3}), "y", kIn, 117, onnx::kU8);
       return m;
     }},
    {"relu_of_codes_then_pad_below_zero_code",
     [](Rng *) {
       Model m = Start({1, 2, 4, 4});
       const auto c =
           Op(&m, "Clip", {Input(&m), m.Scalar("lo", onnx::kFloat, 0.5), m.Scalar("hi", onnx::kFloat, 2)}, "clip");
       m.Q(Pad(&m, c, "p", {0, 0, 1, 1, 0, 0, 1, 1}), "y", 0.02, 100, onnx::kU8);
       return m;
     }},
    {"qlinearconv",
     [](Rng *r) {
       Model m = Start({1, 4, 6, 6}, onnx::kU8);
       m.Const("w", onnx::kS8, {5, 4, 3, 3}, Whole(r, 180, -128, 127));
       m.Const("ws", onnx::kFloat, {5}, Real(r, 5, 0.002, 0.01));
       m.Const("wz", onnx::kS8, {5}, {0, 0, 0, 0, 0});
       m.Const("b", onnx::kS32, {5}, Whole(r, 5, -3000, 3000));
       Op(&m, "QLinearConv",
          {"x", m.Scalar("xs", onnx::kFloat, 0.03), m.Scalar("xz", onnx::kU8, 99), "w", "ws", "wz",
           m.Scalar("ys", onnx::kFloat, 0.09), m.Scalar("yz", onnx::kU8, 120), "b"},
          "y", {{"pads", {1, 1, 1, 1}}});
       return m;
     }},
    {"qlinearmatmul_qlinearadd_qlinearglobalaveragepool",
     [](Rng *r) {
       Model m = Start({2, 6, 3, 3}, onnx::kS8);
       const auto xs = m.Scalar("xs", onnx::kFloat, 0.02), xz = m.Scalar("xz", onnx::kS8, 4);
       const auto ps = m.Scalar("ps", onnx::kFloat, 0.013), pz = m.Scalar("pz", onnx::kS8, -3);
       const auto ys = m.Scalar("ys", onnx::kFloat, 0.03), yz = m.Scalar("yz", onnx::kS8, 5);
       m.Add({"QLinearAdd", {"x", xs, xz, "x", xs, xz, ys, yz}, {}, {}, {}, {}, "com.microsoft", ""}, "sum");
       m.Add({"QLinearGlobalAveragePool", {"sum", ys, yz, ps, pz}, {}, {}, {}, {}, "com.microsoft", ""}, "p");
       const auto f = Op(&m, "Flatten", {"p"}, "f");
       m.Const("w", onnx::kS8, {6, 4}, Whole(r, 24, -128, 127));
       Op(&m, "QLinearMatMul",
          {f, ps, pz, "w", m.Scalar("ws", onnx::kFloat, 0.01), m.Scalar("wz", onnx::kS8, 0),
           m.Scalar("os", onnx::kFloat, 0.02), m.Scalar("oz", onnx::kU8, 100)},
          "y");
       return m;
     }},
    {"convinteger_cast_mul_add",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       const auto q = m.Q("x", "xq", 0.03, 120, onnx::kU8);
       m.Const("w", onnx::kU8, {4, 3, 3, 3}, Whole(r, 108, 0, 255));
       Op(&m, "ConvInteger", {q, "w", "xq_z", m.Scalar("wz", onnx::kU8, 131)}, "acc", {{"pads", {1, 1, 1, 1}}});
       auto c = Op(&m, "Cast", {"acc"}, "f", {{"to", {1}}});
       c = Op(&m, "Mul", {c, m.Scalar("k", onnx::kFloat, 0.03125 * 0.0078125)}, "scaled");
       c = Op(&m, "Add", {c, m.Const("b", onnx::kFloat, {4, 1, 1}, {0.25, -0.5, 0.125, 1})}, "biased");
       m.Q(Op(&m, "Relu", {c}, "r"), "y", 0.05, 0, onnx::kU8);
       return m;
     }},
    {"qonnx_3_bit_weights_4_bit_narrow_activations",
     [](Rng *r) {
       Model m = Start({1, 4, 6, 6});
       const auto zero = m.Scalar("zero", onnx::kFloat, 0);
       const auto quant = [&](const std::string &x, const std::string &scale, double bits, const std::string &name,
                              int is_signed, int narrow, const std::string &zp, const std::string &mode) {
         onnx::Node n = {"Quant",
                         {x, scale, zp, m.Scalar(name + "_bits", onnx::kFloat, bits)},
                         {},
                         {{"signed", {is_signed}}, {"narrow", {narrow}}},
                         {},
                         {{"rounding_mode", mode}},
                         "qonnx.custom_op.general",
                         ""};
         return m.Add(n, name);
       };
       const auto x = quant("x", m.Scalar("xs", onnx::kFloat, 0.04), 8, "xq", 1, 0, zero, "ROUND");
       m.Const("w", onnx::kFloat, {5, 4, 3, 3}, Real(r, 180, -0.5, 0.5));
       const auto w =
           quant("w", m.Const("ws", onnx::kFloat, {5, 1, 1, 1}, Real(r, 5, 0.1, 0.2)), 3, "wq", 1, 1, zero, "ROUND");
       const auto c = Op(&m, "Relu", {Op(&m, "Conv", {x, w}, "c")}, "r");
       const auto a = quant(c, m.Scalar("as", onnx::kFloat, 0.3), 3, "aq", 0, 1, zero, "FLOOR");
       m.Const("v", onnx::kFloat, {3, 5, 1, 1}, Real(r, 15, -1, 1));
       const auto v = quant("v", m.Scalar("vs", onnx::kFloat, 0.25), 2, "vq", 1, 0, zero, "ROUND");
       quant(Op(&m, "Conv", {a, v}, "d"), m.Scalar("ys", onnx::kFloat, 0.11), 6, "y", 1, 0,
             m.Scalar("yz", onnx::kFloat, 2), "ROUND");
       return m;
     }},
    {"bn_of_quantized_tensor",
     [](Rng *r) {
       Model m = Start({1, 8, 6, 6});
       m.Q(Op(&m, "Relu", {BatchNorm(&m, r, Input(&m), "bn", 8)}, "r"), "y", 0.05, 0, onnx::kU8);
       return m;
     }},
    {"bn_of_sum_of_quantized_tensors",
     [](Rng *r) {
       Model m = Start({1, 8, 6, 6});
       const auto x = Input(&m);
       const auto c = m.Qdq(Conv(&m, r, x, "c", {8, 8, 1, 1}, kIn), "q", 0.07, 11, onnx::kS8);
       const auto b = BatchNorm(&m, r, Op(&m, "Add", {x, c}, "a"), "bn", 8);
       for (double &g : m.constants["bn_g"].v) g = std::fabs(g);
       m.Q(b, "y", 0.09, 100, onnx::kU8);
       return m;
     }},
    {"image_u8_nhwc_normalized_on_the_array",
     [](Rng *r) {
       Model m = Start({1, 6, 5, 3}, onnx::kU8);
       auto x = Op(&m, "Transpose", {"x"}, "t", {{"perm", {0, 3, 1, 2}}});
       x = Op(&m, "Cast", {x}, "f", {{"to", {1}}});
       x = Op(&m, "Sub", {x, m.Const("mean", onnx::kFloat, {3, 1, 1}, {120, 110, 100})}, "centred");
       x = m.Qdq(Op(&m, "Mul", {x, m.Scalar("k", onnx::kFloat, 1.0 / 64)}, "scaled"), "q", 1.0 / 64, 0, onnx::kS8);
       m.Q(Conv(&m, r, x, "c", {4, 3, 3, 3}, 1.0 / 64), "y", 0.05, 0, onnx::kS8);
       return m;
     }},
    {"float_input_nhwc",
     [](Rng *r) {
       Model m = Start({1, 6, 5, 3});
       const auto x = Op(&m, "Transpose", {Input(&m)}, "t", {{"perm", {0, 3, 1, 2}}});
       m.Q(Conv(&m, r, x, "c", {4, 3, 3, 3}, kIn), "y", 0.05, 0, onnx::kS8);
       return m;
     }},
    {"weights_quantized_in_the_graph",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       const auto x = Input(&m);
       m.Const("w", onnx::kFloat, {5, 3, 3, 3}, Real(r, 135, -0.4, 0.4));
       m.Const("ws", onnx::kFloat, {5}, Real(r, 5, 0.002, 0.004));
       m.Const("wz", onnx::kS8, {5}, std::vector<double>(5, 0));
       Op(&m, "QuantizeLinear", {"w", "ws", "wz"}, "wq", {{"axis", {0}}});
       Op(&m, "DequantizeLinear", {"wq", "ws", "wz"}, "wr", {{"axis", {0}}});
       m.Q(Op(&m, "Conv", {x, "wr"}, "c"), "y", 0.05, 0, onnx::kS8);
       return m;
     }},
    {"weight_scales_negative_and_zero",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       Conv(&m, r, Input(&m), "c", {5, 3, 3, 3}, kIn);
       m.constants["c_w_s"].v = {0.01, -0.02, 0, -0.005, 0.02};
       m.constants["c_w_b_s"].v = {0.001, 0.002, 0.0001, 0.0005, 0.0004};
       m.Q("c", "y", 0.09, 100, onnx::kU8);
       return m;
     }},
    {"qcdq_input_4_bits_middle_2_bits_output_narrow",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       const auto x = m.Dq(ClipCodes(&m, m.Q("x", "xq", 0.4, 0, onnx::kS8), "xc", -8, 7), "xr", "xq");
       auto c = Op(&m, "Relu", {Conv(&m, r, x, "c", {4, 3, 1, 1}, 0.4)}, "r");
       c = m.Dq(ClipCodes(&m, m.Q(c, "cq", 0.7, 0, onnx::kU8), "cc", 0, 3), "cr", "cq");
       const auto y = m.Q(Conv(&m, r, c, "d", {4, 4, 3, 3}, 0.7), "yq", 0.05, 0, onnx::kS8);
       ClipCodes(&m, y, "y", -127, 127);
       return m;
     }},
    {"qcdq_clip_of_codes_that_have_other_readers",
     [](Rng *r) {
       Model m = Start({1, 4, 6, 6});
       const auto q = m.Q("x", "xq", 0.04, 0, onnx::kS8);
       const auto wide = m.Dq(q, "wide", "xq"), narrow = m.Dq(ClipCodes(&m, q, "xc", -20, 30), "narrow", "xq");
       const auto c =
           m.Qdq(Conv(&m, r, narrow, "c", {4, 4, 3, 3}, 0.04, {}, {{"pads", {1, 1, 1, 1}}}), "cq", 0.06, 3, onnx::kS8);
       m.Q(Op(&m, "Add", {wide, c}, "a"), "y", 0.1, 0, onnx::kS8);
       return m;
     }},
    {"qcdq_weights_of_3_bits",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       const auto x = Input(&m);
       m.Const("w", onnx::kFloat, {5, 3, 3, 3}, Real(r, 135, -0.4, 0.4));
       m.Const("ws", onnx::kFloat, {5}, Real(r, 5, 0.05, 0.1));
       m.Const("wz", onnx::kS8, {5}, std::vector<double>(5, 0));
       const auto q = Op(&m, "QuantizeLinear", {"w", "ws", "wz"}, "wq", {{"axis", {0}}});
       Op(&m, "DequantizeLinear", {ClipCodes(&m, q, "wc", -3, 3), "ws", "wz"}, "wr", {{"axis", {0}}});
       m.Q(Op(&m, "Conv", {x, "wr"}, "c"), "y", 0.05, 0, onnx::kS8);
       return m;
     }},
    {"quantized_maxpool_read_by_two",
     [](Rng *r) {
       Model m = Start({1, 3, 8, 8});
       const auto c = m.Qdq(Conv(&m, r, Input(&m), "c", {4, 3, 3, 3}, kIn), "q", 0.05, 9, onnx::kU8);
       const auto p = Op(&m, "MaxPool", {c}, "p", {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}});
       const auto d =
           m.Qdq(Conv(&m, r, p, "d", {4, 4, 3, 3}, 0.05, {}, {{"pads", {1, 1, 1, 1}}}), "dq", 0.06, 3, onnx::kS8);
       m.Q(Op(&m, "Add", {Conv(&m, r, p, "e", {4, 4, 1, 1}, 0.05), d}, "a"), "y", 0.08, 0, onnx::kS8);
       return m;
     }},
    {"relu_then_quantized_maxpool_read_directly",
     [](Rng *r) {
       Model m = Start({1, 4, 8, 8});
       const auto p =
           Op(&m, "MaxPool", {Input(&m)}, "p", {{"kernel_shape", {3, 3}}, {"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}});
       m.Q(Conv(&m, r, Op(&m, "Relu", {p}, "r"), "c", {4, 4, 3, 3}, kIn), "y", 0.05, 0, onnx::kS8);
       return m;
     }},
    {"global_maxpool",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 5});
       const auto c = m.Qdq(Conv(&m, r, Input(&m), "c", {4, 3, 3, 3}, kIn), "q", 0.05, 9, onnx::kU8);
       m.Q(Op(&m, "GlobalMaxPool", {c}, "p"), "y", 0.06, 0, onnx::kS8);
       return m;
     }},
    {"constants_times_both_operands_of_an_add",
     [](Rng *r) {
       Model m = Start({1, 4, 6, 6});
       const auto x = Input(&m);
       const auto c = m.Qdq(Conv(&m, r, x, "c", {4, 4, 1, 1}, kIn), "q", 0.05, 9, onnx::kU8);
       const auto a = Op(&m, "Mul", {Op(&m, "Relu", {c}, "r"), m.Scalar("k", onnx::kFloat, 0.7)}, "a");
       const auto b = Op(&m, "Div", {x, m.Scalar("l", onnx::kFloat, 0.3)}, "b");
       m.Q(Op(&m, "Add", {a, b}, "s"), "y", 0.2, 3, onnx::kS8);
       return m;
     }},
    {"relu_times_a_negative_number",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       const auto c = Op(&m, "Relu", {Conv(&m, r, Input(&m), "c", {4, 3, 3, 3}, kIn)}, "r");
       m.Q(Op(&m, "Mul", {c, m.Scalar("k", onnx::kFloat, -1.5)}, "n"), "y", 0.3, 20, onnx::kS8);
       return m;
     }},
    {"sum_neg_and_constant_minus_tensor",
     [](Rng *r) {
       Model m = Start({1, 4, 6, 6});
       const auto x = Input(&m);
       const auto c = m.Qdq(Conv(&m, r, x, "c", {4, 4, 1, 1}, kIn), "q", 0.05, 9, onnx::kU8);
       auto y = m.Qdq(Op(&m, "Sum", {c, x}, "s"), "sq", 0.08, 30, onnx::kU8);
       y = m.Qdq(Op(&m, "Sub", {m.Scalar("k", onnx::kFloat, 0.7), y}, "d"), "dq", 0.07, 3, onnx::kS8);
       y = m.Qdq(Op(&m, "Neg", {Op(&m, "Relu", {y}, "r")}, "n"), "nq", 0.03, 100, onnx::kS8);
       m.Q(Op(&m, "Sub", {y, c}, "m"), "y", 0.1, 0, onnx::kS8);
       return m;
     }},
    {"max_and_min_with_numbers",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       const auto c =
           Op(&m, "Max", {Conv(&m, r, Input(&m), "c", {4, 3, 3, 3}, kIn), m.Scalar("k", onnx::kFloat, -0.4)}, "a");
       m.Q(Op(&m, "Min", {c, m.Scalar("l", onnx::kFloat, 1.3)}, "b"), "y", 0.05, 0, onnx::kS8);
       return m;
     }},
    {"weights_turned_round",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       const auto x = Input(&m);
       const auto w = AddWeights(&m, r, "w", {3, 2, 3, 5}, kIn, {onnx::kS8, true, 0, false, 3})[0];
       const auto t = Op(&m, "Transpose", {w}, "t", {{"perm", {3, 2, 0, 1}}});
       m.Const("v", onnx::kFloat, {1, 1, 5, 4}, Real(r, 20, -0.4, 0.4));
       m.Scalar("vs", onnx::kFloat, 0.004);
       m.Scalar("vz", onnx::kS8, 0);
       const auto c = m.Qdq(Op(&m, "Conv", {x, t}, "c"), "cq", 0.05, 0, onnx::kS8);
       const auto f = Op(&m, "Transpose", {"v"}, "vt", {{"perm", {3, 2, 0, 1}}});
       Op(&m, "DequantizeLinear", {Op(&m, "QuantizeLinear", {f, "vs", "vz"}, "vq"), "vs", "vz"}, "vr");
       m.Q(Op(&m, "Conv", {c, "vr"}, "d"), "y", 0.03, 0, onnx::kS8);
       return m;
     }},
    {"five_quantizations_of_one_conv",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       const auto c = Conv(&m, r, Input(&m), "c", {4, 3, 3, 3}, kIn);
       auto x = m.Qdq(c, "q0", 0.05, 3, onnx::kS8);
       for (int i = 1; i < 5; i++) {
         const std::string k = std::to_string(i);
         const auto y = m.Qdq(c, "q" + k, 0.05 + 0.02 * i, i, onnx::kS8);
         x = m.Qdq(Op(&m, "Add", {x, y}, "s" + k), "t" + k, 0.1 + 0.05 * i, 0, onnx::kS8);
       }
       return m;
     }},
    {"three_quantizations_of_a_scaled_tensor",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       m.Const("k", onnx::kFloat, {3, 1, 1}, {0.5, 1.5, 2});
       m.Const("l", onnx::kFloat, {3, 1, 1}, Real(r, 3, -1, 1));
       const auto c = Op(&m, "Add", {Op(&m, "Mul", {Input(&m), "k"}, "m"), "l"}, "a");
       auto x = m.Qdq(c, "q0", 0.05, 3, onnx::kS8);
       for (int i = 1; i < 3; i++) {
         const std::string k = std::to_string(i);
         x = m.Qdq(Op(&m, "Add", {x, m.Qdq(c, "q" + k, 0.05 + 0.02 * i, i, onnx::kS8)}, "s" + k), "t" + k, 0.1, 0,
                   onnx::kS8);
       }
       return m;
     }},
    {"relu_then_factors_per_channel",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       m.Const("k", onnx::kFloat, {4, 1, 1}, {0.5, 1.5, 2, 0.25});
       const auto c = Op(&m, "Relu", {Conv(&m, r, Input(&m), "c", {4, 3, 3, 3}, kIn)}, "r");
       m.Q(Op(&m, "Mul", {c, "k"}, "m"), "y", 0.05, 3, onnx::kU8);
       return m;
     }},
    {"relu_of_codes_then_factors_per_channel",
     [](Rng *r) {
       Model m = Start({1, 4, 6, 6});
       m.Const("k", onnx::kFloat, {4, 1, 1}, Real(r, 4, 0.5, 2));
       m.Q(Op(&m, "Mul", {Op(&m, "Relu", {Input(&m)}, "r"), "k"}, "m"), "y", 0.05, 3, onnx::kU8);
       return m;
     }},
    {"sum_of_two_tensors_and_constants",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       const auto x = Input(&m);
       m.Const("k", onnx::kFloat, {4, 1, 1}, {0.5, 1.5, -2, 0.25});
       const auto a = m.Qdq(Conv(&m, r, x, "a", {4, 3, 3, 3}, kIn), "aq", 0.05, 3, onnx::kS8);
       const auto b = Conv(&m, r, x, "b", {4, 3, 3, 3}, kIn);
       m.Q(Op(&m, "Sum", {"k", a, m.Scalar("one", onnx::kFloat, 1), b}, "s"), "y", 0.1, 3, onnx::kS8);
       return m;
     }},
    {"pad_by_less_than_nothing",
     [](Rng *r) {
       Model m = Start({1, 3, 9, 8});
       const auto x = Pad(&m, Input(&m), "p", {0, -1, -2, 1, 0, 0, -1, -3});
       m.Q(Conv(&m, r, x, "c", {4, 2, 3, 3}, kIn), "y", 0.09, 3, onnx::kS8);
       return m;
     }},
    {"normalized_input",
     [](Rng *r) {
       Model m = Start({2, 3, 6, 5});
       m.Const("mean", onnx::kFloat, {1, 3, 1, 1}, {0.5, -0.25, 1});
       m.Const("std", onnx::kFloat, {3, 1, 1}, {2, 0.5, 4});
       const auto s = Op(&m, "Div", {Op(&m, "Sub", {"x", "mean"}, "s"), "std"}, "d");
       const auto t = Op(&m, "Sub", {m.Scalar("one", onnx::kFloat, 1), s}, "t");
       const auto a = Op(&m, "Add", {Op(&m, "Mul", {t, m.Scalar("two", onnx::kFloat, 2)}, "u"), "mean"}, "a");
       const auto q = m.Qdq(a, "xq", 0.0625, 100, onnx::kU8);
       m.Q(Conv(&m, r, q, "c", {4, 3, 3, 3}, 0.0625), "y", 0.09, 7, onnx::kS8);
       return m;
     }},
    {"normalized_input_nhwc",
     [](Rng *r) {
       Model m = Start({1, 6, 5, 3});
       m.Const("mean", onnx::kFloat, {3}, {0.5, -0.25, 1});
       m.Const("std", onnx::kFloat, {1, 3, 1, 1}, {2, 0.5, 4});
       const auto t = Op(&m, "Transpose", {Op(&m, "Mul", {"x", "mean"}, "s")}, "t", {{"perm", {0, 3, 1, 2}}});
       const auto q = m.Qdq(Op(&m, "Div", {t, "std"}, "d"), "xq", 0.0625, 100, onnx::kU8);
       m.Q(Conv(&m, r, q, "c", {4, 3, 3, 3}, 0.0625), "y", 0.09, 7, onnx::kS8);
       return m;
     }},
    {"factors_too_small_for_any_code",
     [](Rng *r) {
       Model m = Start({2, 3, 6, 5});
       Conv(&m, r, Input(&m), "c", {4, 3, 3, 3}, kIn);
       m.Const("g", onnx::kFloat, {4, 1, 1}, {1e-10, -1e-20, 1, 1e-30});
       m.Const("a", onnx::kFloat, {4, 1, 1}, {0.4, -0.3, 0.2, 90});
       m.Q(Op(&m, "Add", {Op(&m, "Mul", {"c", "g"}, "s"), "a"}, "t"), "y", 0.07, 7, onnx::kS8);
       return m;
     }},
    {"float_tail_conv_relu",
     [](Rng *r) {
       Model m = Start({2, 3, 6, 5});
       const auto c = m.Qdq(Conv(&m, r, Input(&m), "c", {4, 3, 3, 3}, kIn), "cq", 0.09, 7, onnx::kS8);
       Op(&m, "Relu", {Conv(&m, r, c, "d", {5, 4, 2, 2}, 0.09f, {}, {{"strides", {2, 1}}, {"pads", {1, 0, 0, 1}}})},
          "y");
       return m;
     }},
    {"float_tail_pool_and_dense",
     [](Rng *r) {
       Model m = Start({2, 3, 6, 5});
       const auto c =
           m.Qdq(Op(&m, "Relu", {Conv(&m, r, Input(&m), "c", {4, 3, 3, 3}, kIn)}, "r"), "cq", 0.04, 3, onnx::kU8);
       const auto p = Op(&m, "Flatten", {Op(&m, "GlobalAveragePool", {c}, "p")}, "f");
       m.Const("w", onnx::kFloat, {4, 6}, Real(r, 24, -1, 1));
       m.Const("b", onnx::kFloat, {6}, Real(r, 6, -1, 1));
       Op(&m, "Add", {Op(&m, "MatMul", {p, "w"}, "mm"), "b"}, "y");
       return m;
     }},
    {"float_tail_dense_over_a_plane",
     [](Rng *r) {
       Model m = Start({1, 3, 5, 5});
       const auto c = m.Qdq(Conv(&m, r, Input(&m), "c", {4, 3, 3, 3}, kIn), "cq", 0.05, 0, onnx::kS8);
       const auto w = AddWeights(&m, r, "w", {5, 36}, 0.05f, {});
       const auto flat = Op(&m, "Flatten", {c}, "f");
       Op(&m, "Gemm", {flat, w[0], w[1]}, "y", {{"transB", {1}}});
       return m;
     }},
    {"float_tail_of_two_branches",
     [](Rng *r) {
       Model m = Start({1, 3, 5, 5});
       const auto q = m.Q(Conv(&m, r, Input(&m), "c", {4, 3, 3, 3}, kIn), "cq", 0.05, 0, onnx::kS8);
       const auto a = m.Dq(q, "a"), b = m.Dq(q, "b", "cq");
       const auto w = AddWeights(&m, r, "w", {4, 4, 1, 1}, 0.05f, {});
       Op(&m, "Add", {Op(&m, "Conv", {a, w[0], w[1]}, "d"), b}, "y");
       return m;
     }},
    {"scales_of_16_bits",
     [](Rng *r) {
       Model m = Start({1, 3, 6, 6});
       const auto x = m.Qdq("x", "xq", 0.0625, 117, onnx::kU8);
       auto w = AddWeights(&m, r, "w", {5, 3, 3, 3}, 0.0625, {onnx::kS8, true, 0, false, 0});
       m.constants["w_s"].v = {0.01171875, 0.0078125, 0.015625, 0.0009765625, 0.005859375};
       for (const char *name : {"xq_s", "w_s"}) m.constants[name].type = onnx::kHalf;
       m.Q(Op(&m, "Conv", {x, w[0]}, "c"), "y", 0.09, 3, onnx::kS8);
       return m;
     }},
    {"qonnx_odd_widths_half_up_and_a_bias_of_16_bits",
     [](Rng *r) {
       Model m = Start({1, 4, 6, 6});
       const auto zero = m.Scalar("zero", onnx::kFloat, 0);
       const auto quant = [&](const std::string &x, double scale, double bits, int narrow, const std::string &name,
                              const std::string &mode) {
         onnx::Node n = {
             "Quant",
             {x, m.Scalar(name + "_s", onnx::kFloat, scale), zero, m.Scalar(name + "_n", onnx::kFloat, bits)},
             {},
             {{"signed", {1}}, {"narrow", {narrow}}},
             {},
             {{"rounding_mode", mode}},
             "qonnx.custom_op.general",
             ""};
         return m.Add(n, name);
       };
       const auto x = quant("x", 0.0625, 7, 1, "xq", "ROUND");
       m.Const("w", onnx::kFloat, {5, 4, 3, 3}, Real(r, 180, -0.5, 0.5));
       m.Const("b", onnx::kFloat, {5}, Real(r, 5, -2, 2));
       const auto w = quant("w", 0.03125, 6, 1, "wq", "HALF_UP"), b = quant("b", 0.0009765625, 16, 0, "bq", "ROUND");
       quant(Op(&m, "Conv", {x, w, b}, "c"), 0.0625, 5, 0, "y", "HALF_UP");
       return m;
     }},
};

}  // namespace
#endif
