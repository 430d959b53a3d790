// ONNX's own tests of single operators: those in the op set give ONNX's answers, the others are refused with a reason.
// Scales, zero points and weights are inputs in these tests; here they become constants.
#include <onnx/onnx.pb-c.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "run.h"

namespace {

struct Golden {
  const char *name;
  const char *refused = nullptr;  // part of the reason
};
const Golden kGolden[] = {
    {"test_convinteger_with_padding"},
    {"test_convinteger_without_padding"},
    {"test_dequantizelinear"},
    {"test_dequantizelinear_axis", "3 scales for one activation tensor"},
    {"test_dequantizelinear_int4"},
    {"test_dequantizelinear_uint4"},
    {"test_globalaveragepool", "is not quantized"},
    {"test_maxpool_2d_uint8"},
    {"test_qlinearconv"},
    {"test_quantizelinear"},
    {"test_quantizelinear_axis", "3 scales for one activation tensor"},
    {"test_quantizelinear_int4", "3 scales for one activation tensor"},
    {"test_quantizelinear_uint4", "3 scales for one activation tensor"},
};

std::string Folder() { return std::string(TETRA_DATA_DIR) + "/golden/onnx_node"; }

std::string ReadFile(const std::string &path) {
  std::ifstream f(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(f)), std::istreambuf_iterator<char>());
}

using ModelMessage = std::unique_ptr<Onnx__ModelProto, void (*)(Onnx__ModelProto *)>;
ModelMessage Unpack(const std::string &bytes) {
  return ModelMessage(onnx__model_proto__unpack(nullptr, bytes.size(), reinterpret_cast<const uint8_t *>(bytes.data())),
                      [](Onnx__ModelProto *m) { onnx__model_proto__free_unpacked(m, nullptr); });
}

// Elements of a tensor file, 4-bit ones sign-extended as their type says.
std::vector<double> Elements(const std::string &bytes) {
  Onnx__TensorProto *t =
      onnx__tensor_proto__unpack(nullptr, bytes.size(), reinterpret_cast<const uint8_t *>(bytes.data()));
  std::vector<double> v;
  size_t count = 1;
  for (size_t i = 0; i < t->n_dims; i++) count *= static_cast<size_t>(t->dims[i]);
  const bool nibbles = t->data_type == onnx::kU4 || t->data_type == onnx::kS4;
  for (size_t i = 0; i < count; i++) {
    float f = 0;
    int32_t k = 0;
    const size_t at = nibbles ? i / 2 : i;
    if (t->n_float_data) {
      f = t->float_data[i];
    } else if (t->n_int32_data) {
      k = t->int32_data[at];
    } else if (t->data_type == onnx::kFloat || t->data_type == onnx::kS32) {
      std::memcpy(&f, t->raw_data.data + 4 * i, 4);
      std::memcpy(&k, t->raw_data.data + 4 * i, 4);
    } else {
      k = t->raw_data.data[at];
    }
    if (nibbles) k = k >> (4 * (i % 2)) & 15;
    if (t->data_type == onnx::kS4) k = (k ^ 8) - 8;
    if (t->data_type == onnx::kS8) k = static_cast<int8_t>(k);
    v.push_back(t->data_type == onnx::kFloat ? static_cast<double>(f) : k);
  }
  onnx__tensor_proto__free_unpacked(t, nullptr);
  return v;
}

// All inputs but the first as initializers; an integer result is quantized with scale 1, which keeps it.
std::string Prepare(const std::string &folder) {
  const std::string bytes = ReadFile(folder + "/model.onnx");
  const ModelMessage model = Unpack(bytes);
  std::string more;
  for (size_t i = 1; i < model->graph->n_input; i++) {
    const std::string tensor = ReadFile(folder + "/test_data_set_0/input_" + std::to_string(i) + ".pb");
    more += onnx::Bytes(5, tensor + onnx::Bytes(8, model->graph->input[i]->name));
  }
  if (std::string(model->graph->node[0]->op_type) != "ConvInteger") return bytes + onnx::Bytes(7, more);
  const std::string out = model->graph->output[0]->name;
  model->graph->n_output = 0;
  std::string packed(onnx__model_proto__get_packed_size(model.get()), 0);
  onnx__model_proto__pack(model.get(), reinterpret_cast<uint8_t *>(packed.data()));
  model->graph->n_output = 1;
  const onnx::Node cast = {"Cast", {out}, {"float"}, {{"to", {1}}}, {}, {}, "", ""};
  const onnx::Node q = {"QuantizeLinear", {"float", "one", "zero"}, {"kept"}, {}, {}, {}, "", ""};
  more += onnx::Bytes(1, onnx::NodeMessage(cast)) + onnx::Bytes(1, onnx::NodeMessage(q));
  more += onnx::Bytes(5, onnx::TensorMessage("one", {onnx::kFloat, {}, {1}, false}));
  more += onnx::Bytes(5, onnx::TensorMessage("zero", {onnx::kU8, {}, {0}, false}));
  more += onnx::Bytes(12, onnx::ValueMessage("kept", onnx::kU8, {}));
  return packed + onnx::Bytes(7, more);
}

class OnnxNode : public ::testing::TestWithParam<Golden> {};

TEST_P(OnnxNode, AsOnnxSays) {
  const std::string folder = Folder() + "/" + GetParam().name;
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  const Imported i(Prepare(folder));
  if (GetParam().refused) {
    ASSERT_EQ(i.rc, TETRA_EINVAL) << i.Why();
    ASSERT_EQ(i.report.n_refusals, 1) << i.Why();
    EXPECT_NE(std::string(i.report.refusals[0].reason).find(GetParam().refused), std::string::npos) << i.Why();
    return;
  }
  ASSERT_EQ(i.rc, TETRA_OK) << i.Why();
  const auto x = Elements(ReadFile(folder + "/test_data_set_0/input_0.pb")),
             want = Elements(ReadFile(folder + "/test_data_set_0/output_0.pb"));
  EXPECT_EQ(RunModel(i, x, TETRA_REFERENCE), want);
  EXPECT_EQ(RunModel(i, x, TETRA_FAST), want);
}

INSTANTIATE_TEST_SUITE_P(, OnnxNode, ::testing::ValuesIn(kGolden),
                         [](const auto &info) { return std::string(info.param.name); });

// Every folder there is has a line above.
TEST(OnnxNodeData, is_all_listed) {
  if (!std::filesystem::exists(Folder())) GTEST_SKIP() << "no " << Folder();
  for (const auto &entry : std::filesystem::directory_iterator(Folder())) {
    const std::string name = entry.path().filename().string();
    const bool listed =
        std::any_of(std::begin(kGolden), std::end(kGolden), [&](const Golden &g) { return name == g.name; });
    EXPECT_TRUE(listed) << name;
  }
}

}  // namespace
