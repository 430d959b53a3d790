// Float networks as exporters spell them: planes reduced to vectors, shapes that change nothing, weights in other
// shapes, sums with constants.
#include "float_logits.h"

namespace {

std::string FloatConv(Model *m, Rng *r, const std::string &x, const std::string &name, int64_t cin, int64_t cout,
                      int64_t k) {
  const double size = std::sqrt(3.0 / static_cast<double>(cin * k * k)) * 1.4;
  m->Const(name + "_w", onnx::kFloat, {cout, cin, k, k}, Real(r, static_cast<size_t>(cout * cin * k * k), -size, size));
  return Op(m, "Conv", {x, name + "_w"}, name);
}

// Instead of the constant, a node that makes it of the same elements in another shape.
void Made(Model *m, const std::string &name, const std::string &op, std::vector<int64_t> from,
          const std::vector<double> &how) {
  onnx::Array a = m->constants.at(name);
  a.shape = std::move(from);
  m->constants.erase(name);
  m->constants[name + "_0"] = a;
  onnx::Node n = {op, {name + "_0", IntVector(m, name + "_how", how)}, {name}, {}, {}, {}, "", "node_" + name};
  m->nodes.insert(m->nodes.begin(), n);
}

// A stem over a normalized image, its output reduced by `reduce`, a dense layer.
Model Network(Rng *r, std::string (*reduce)(Model *m, const std::string &x)) {
  Model m = Start({1, 3, 12, 12});
  m.Const("mean", onnx::kFloat, {3, 1, 1}, {0.25, -0.5, 0.125});
  const auto image = Op(&m, "Sub", {"mean", Op(&m, "Neg", {"x"}, "negative")}, "from_mean");
  const auto x = reduce(&m, Op(&m, "Relu", {FloatConv(&m, r, image, "stem", 3, 8, 3)}, "relu"));
  m.Const("fc", onnx::kFloat, {8, 10}, Real(r, 80, -0.5, 0.5));
  Op(&m, "MatMul", {x, "fc"}, "logits");
  return m;
}

TEST(FloatOps, PlanesReducedToVectors) {
  Rng random(4);
  ExpectFloatLogits(Network(&random, [](Model *m, const std::string &x) {
    return Op(m, "ReduceMean", {x}, "mean_of_planes", {{"axes", {2, 3}}, {"keepdims", {0}}});
  }));
  ExpectFloatLogits(Network(&random, [](Model *m, const std::string &x) {
    const auto axes = IntVector(m, "axes", {-2, -1});
    return Op(m, "Squeeze", {Op(m, "ReduceMax", {x, axes}, "most"), axes}, "vector");
  }));
  ExpectFloatLogits(Network(&random, [](Model *m, const std::string &x) {
    const auto mean = Op(m, "ReduceMean", {x}, "mean_of_planes", {{"axes", {2, 3}}});
    return Op(m, "Reshape", {mean, IntVector(m, "to", {1, -1})}, "vector");
  }));
}

TEST(FloatOps, ShapesThatChangeNothing) {
  Rng random(4);
  ExpectFloatLogits(Network(&random, [](Model *m, const std::string &x) {
    const auto same = Op(m, "Reshape", {x, IntVector(m, "same_shape", {1, 8, 10, 10})}, "same");
    const auto mean = Op(m, "ReduceMean", {same}, "vector", {{"axes", {2, 3}}, {"keepdims", {0}}});
    const auto plane = Op(m, "Unsqueeze", {mean, IntVector(m, "axes", {2, 3})}, "plane");
    return Op(m, "Flatten", {plane}, "flat");
  }));
}

TEST(FloatOps, SumsWithConstants) {
  Rng random(4);
  ExpectFloatLogits(Network(&random, [](Model *m, const std::string &x) {
    m->Const("a", onnx::kFloat, {8, 1, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
    const auto sum = Op(m, "Sum", {x, "a", x, m->Scalar("b", onnx::kFloat, -2.5)}, "sum");
    return Op(m, "ReduceMean", {sum}, "vector", {{"axes", {2, 3}}, {"keepdims", {0}}});
  }));
}

TEST(FloatOps, WeightsInOtherShapes) {
  Rng random(4);
  const auto mean = [](Model *m, const std::string &x) {
    return Op(m, "ReduceMean", {x}, "vector", {{"axes", {2, 3}}, {"keepdims", {0}}});
  };
  const Model plain = Network(&random, mean);
  const auto logits = [](const Model &m) {
    const FloatAnswer answer = FloatLogits(m, Images(7, 1, 432));
    EXPECT_EQ(answer.rc, TETRA_OK) << answer.message;
    return answer.logits;
  };
  const auto want = logits(plain);
  for (int kind = 0; kind < 3; kind++) {
    Model m = plain;
    if (kind == 0) Made(&m, "stem_w", "Reshape", {8, 27}, {8, 3, 3, -1});
    if (kind == 1) Made(&m, "stem_w", "Squeeze", {8, 1, 3, 3, 3, 1}, {1, 5});
    if (kind == 2) Made(&m, "mean", "Unsqueeze", {3}, {1, 2});
    EXPECT_EQ(logits(m), want) << kind;
  }
}

struct Bad {
  const char *name;
  std::string (*reduce)(Model *m, const std::string &x);
  const char *reason;
};

class FloatRefused : public ::testing::TestWithParam<Bad> {};

TEST_P(FloatRefused, WithAReason) {
  Rng random(4);
  const FloatAnswer answer = FloatLogits(Network(&random, GetParam().reduce), Images(7, 1, 432));
  EXPECT_EQ(answer.rc, TETRA_EINVAL);
  EXPECT_FALSE(answer.answered);
  ASSERT_GE(answer.refusals, 1) << answer.message;
  EXPECT_NE(answer.reason.find(GetParam().reason), std::string::npos) << answer.reason;
}

const Bad kBad[] = {
    {"mean_of_channels",
     [](Model *m, const std::string &x) {
       return Op(m, "ReduceMean", {x}, "y", {{"axes", {1, 2}}});
     },
     "its axes must be height and width"},
    {"squeezed_planes",
     [](Model *m, const std::string &x) {
       return Op(m, "Squeeze", {x}, "y", {{"axes", {2, 3}}});
     },
     "must remove height and width of 1"},
    {"planes_of_another_shape",
     [](Model *m, const std::string &x) {
       return Op(m, "Reshape", {x, IntVector(m, "to", {1, 8, 20, 5})}, "y");
     },
     "does not flatten its input"},
    {"planes_with_more_axes",
     [](Model *m, const std::string &x) {
       return Op(m, "Unsqueeze", {x, IntVector(m, "axes", {2, 3})}, "y");
     },
     "must add height and width of 1"},
    {"a_cast_to_integers",
     [](Model *m, const std::string &x) {
       return Op(m, "Cast", {x}, "y", {{"to", {onnx::kS32}}});
     },
     "casts to element type 6, must be float"},
    {"a_product_of_two",
     [](Model *m, const std::string &x) {
       return Op(m, "Mul", {x, x}, "y");
     },
     "none of its operands are constants; exactly one must be"},
    {"padded_with_ones",
     [](Model *m, const std::string &x) {
       const auto pads = IntVector(m, "pads", {0, 0, 1, 1, 0, 0, 1, 1});
       return Op(m, "Pad", {x, pads, m->Scalar("one", onnx::kFloat, 1)}, "y");
     },
     "pads with something else than zeros"},
};

INSTANTIATE_TEST_SUITE_P(, FloatRefused, ::testing::ValuesIn(kBad),
                         [](const auto &info) { return std::string(info.param.name); });

}  // namespace
