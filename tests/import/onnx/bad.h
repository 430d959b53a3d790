// A network that is good, for tests that break it in one place.
#ifndef TETRA_TESTS_IMPORT_ONNX_BAD_H
#define TETRA_TESTS_IMPORT_ONNX_BAD_H

#include "run.h"

using onnx::Model;

namespace {

onnx::Node Op(const std::string &op, std::vector<std::string> in,
              std::map<std::string, std::vector<int64_t>> ints = {}) {
  return {op, std::move(in), {}, std::move(ints), {}, {}, "", ""};
}

// Input, conv, ReLU, max-pool, each between quantizations.
Model Good() {
  Model m;
  m.input_shape = {1, 3, 6, 6};
  const auto x = m.Qdq("x", "xq", 0.03, 120, onnx::kU8);
  m.Const("w", onnx::kS8, {4, 3, 3, 3}, std::vector<double>(108, 3));
  m.Const("w_s", onnx::kFloat, {4}, {0.01, 0.02, 0.03, 0.04});
  m.Const("w_z", onnx::kS8, {4}, {0, 0, 0, 0});
  m.Add(Op("DequantizeLinear", {"w", "w_s", "w_z"}, {{"axis", {0}}}), "wr");
  m.Add(Op("Conv", {x, "wr"}, {{"pads", {1, 1, 1, 1}}}), "c");
  m.Add(Op("Relu", {"c"}), "r");
  const auto y = m.Qdq("r", "rq", 0.05, 0, onnx::kU8);
  m.Add(Op("MaxPool", {y}, {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}}), "p");
  m.Qdq("p", "y", 0.05, 0, onnx::kU8);
  return m;
}

onnx::Node &NodeOf(Model *m, const std::string &output) {
  for (auto &n : m->nodes)
    if (n.out[0] == output) return n;
  throw std::runtime_error("no node " + output);
}

struct Bad {
  const char *name;
  void (*breaks)(Model *);
  const char *message;  // part of it
};

}  // namespace
#endif
