// Other people's answers: convolution cases with TensorFlow Lite's rounding, and the int8 ResNet-8 with the outputs
// that TensorFlow Lite Micro gives; by the plain loops, the BLAS path and the RTL.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <cjson/cJSON.h>
#include <gtest/gtest.h>

#include "../accelerator.h"
#include "../model.h"
#include "../npy.h"

namespace {

const char kData[] = TETRA_DATA_DIR;

Accelerator &Rtl() {
  static Accelerator a;
  return a;
}

// One convolution as a graph of its own.
struct ConvCase {
  std::string path;
  std::vector<int> in_shape, w_shape, out_shape, stride, pad, dilation, clamp;
  int in_offset = 0, out_offset = 0, bits = 8;
  Npy input, weights, bias, multiplier, shift, output;

  bool Load(const std::string &dir) {
    path = dir;
    std::ifstream f(dir + "/case.json");
    std::stringstream text;
    text << f.rdbuf();
    cJSON *j = cJSON_Parse(text.str().c_str());
    if (j == nullptr) return false;
    in_shape = Ints(j, "input_shape_nhwc");
    w_shape = Ints(j, "weight_shape_ohwi");
    out_shape = Ints(j, "output_shape_nhwc");
    stride = Ints(j, "stride_hw");
    pad = Ints(j, "pad_hw");
    dilation = Ints(j, "dilation_hw");
    clamp = Ints(j, "clamp");
    in_offset = cJSON_GetObjectItem(j, "input_offset")->valueint;
    out_offset = cJSON_GetObjectItem(j, "output_offset")->valueint;
    bits = cJSON_GetObjectItem(j, "weight_bits")->valueint;
    cJSON_Delete(j);
    return ReadNpy(dir + "/input.npy", &input) && ReadNpy(dir + "/weights.npy", &weights) &&
           ReadNpy(dir + "/bias.npy", &bias) && ReadNpy(dir + "/multiplier.npy", &multiplier) &&
           ReadNpy(dir + "/shift.npy", &shift) && ReadNpy(dir + "/output.npy", &output);
  }
  static std::vector<int> Ints(const cJSON *j, const char *key) {
    std::vector<int> v;
    const cJSON *e;
    cJSON_ArrayForEach(e, cJSON_GetObjectItem(j, key)) v.push_back(e->valueint);
    return v;
  }
  tetra_graph Graph() const {
    tetra_graph g = {};
    const tetra_desc in = {in_shape[0], in_shape[1], in_shape[2], in_shape[3], TETRA_S8, -in_offset, 1};
    const tetra_desc out = {out_shape[0], out_shape[1], out_shape[2], out_shape[3], TETRA_S8, out_offset, 1};
    g.input = tetra_graph_add_value(&g, "input", &in);
    g.output = tetra_graph_add_value(&g, "output", &out);
    tetra_op op = {};
    std::strcpy(op.name, "conv");
    op.kind = TETRA_CONV;
    op.input = g.input;
    op.residual = -1;
    op.win.kh = w_shape[1];
    op.win.kw = w_shape[2];
    op.win.stride_y = stride[0];
    op.win.stride_x = stride[1];
    op.win.dilation_y = dilation[0];
    op.win.dilation_x = dilation[1];
    op.win.pad.top = pad[0];
    op.win.pad.left = pad[1];
    op.win.pad.bottom = Behind(out.h, op.win.kh, op.win.stride_y, op.win.dilation_y, in.h, pad[0]);
    op.win.pad.right = Behind(out.w, op.win.kw, op.win.stride_x, op.win.dilation_x, in.w, pad[1]);
    op.pad_code = -in_offset;
    op.wbits = bits;
    op.cout = out.c;
    op.groups = 1;
    op.n_outputs = 1;
    op.output[0] = g.output;
    Fill(&op);
    EXPECT_GE(tetra_graph_add_op(&g, &op), 0);
    return g;
  }
  // Padding behind the input so that the output has its size.
  static int Behind(int out, int k, int stride, int dilation, int in, int before) {
    const int needed = (out - 1) * stride + (k - 1) * dilation + 1 - in - before;
    return needed > 0 ? needed : 0;
  }
  void Fill(tetra_op *op) const {
    const size_t n = weights.size(), k = n / static_cast<size_t>(op->cout);
    op->weights = static_cast<int8_t *>(malloc(n));
    for (size_t i = 0; i < n; i++) op->weights[i] = static_cast<int8_t>(weights[i]);
    op->rq[0] = {TETRA_TFLITE, out_offset, clamp[0], clamp[1], nullptr};
    op->rq[0].ch = static_cast<tetra_requant_channel *>(calloc(static_cast<size_t>(op->cout), sizeof *op->rq[0].ch));
    for (size_t c = 0; c < static_cast<size_t>(op->cout); c++) {
      double sum = 0;
      for (size_t i = 0; i < k; i++) sum += op->weights[c * k + i];
      op->rq[0].ch[c].bias = static_cast<int32_t>((bias.size() == 0 ? 0 : bias[c]) + in_offset * sum);
      op->rq[0].ch[c].m = static_cast<int32_t>(multiplier[c]);
      op->rq[0].ch[c].s = static_cast<uint8_t>(31 - shift[c]);
    }
  }
};

class ConvGolden : public ::testing::TestWithParam<const char *> {};

TEST_P(ConvGolden, PlainLoopsBlasAndRtlGiveTheAnswer) {
  ConvCase c;
  if (!c.Load(std::string(kData) + "/golden/conv/" + GetParam())) {
    GTEST_SKIP() << "no test data at " << kData << "/golden/conv/" << GetParam();
  }
  Model m;
  m.m.graph = c.Graph();
  ASSERT_EQ(tetra_graph_check(&m.m.graph, &m.err), TETRA_OK) << m.err.msg;
  std::vector<int> input, want;
  for (size_t i = 0; i < c.input.size(); i++) input.push_back(static_cast<int>(c.input[i]));
  for (size_t i = 0; i < c.output.size(); i++) want.push_back(static_cast<int>(c.output[i]));
  ASSERT_EQ(m.Run(input, TETRA_REFERENCE), TETRA_OK) << m.err.msg;
  EXPECT_EQ(m.Output(), want) << "plain loops";
  ASSERT_EQ(m.Run(input, TETRA_FAST), TETRA_OK) << m.err.msg;
  EXPECT_EQ(m.Output(), want) << "BLAS path";
  EXPECT_EQ(Rtl().Run(m.m.graph, m.tensors), "");
}

INSTANTIATE_TEST_SUITE_P(Case, ConvGolden,
                         ::testing::Values("basic", "basic_int4", "basic_2_int4", "conv_2", "conv_2_int4",
                                           "conv_2x2_dilation", "conv_2x2_dilation_int4", "conv_2x2_dilation_5x5_input",
                                           "conv_2x2_dilation_5x5_input_int4", "conv_2x3_dilation",
                                           "conv_2x3_dilation_int4", "conv_3", "conv_3_int4", "conv_3x2_dilation",
                                           "conv_3x2_dilation_int4", "conv_3x3_dilation_5x5_input",
                                           "conv_3x3_dilation_5x5_input_int4", "kernel1x1", "stride2pad1",
                                           "stride2pad1_int4"),
                         [](const auto &i) { return std::string(i.param); });

class ResNet8 : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::vector<uint8_t> bytes = ReadBytes(std::string(kData) + "/models/mlperf_resnet8_int8.tflite");
    if (bytes.empty()) GTEST_SKIP() << "no test data at " << kData << "/models/mlperf_resnet8_int8.tflite";
    ASSERT_EQ(m_.ImportTflite(bytes), TETRA_OK) << m_.err.msg;
  }
  Model m_;
};

TEST_F(ResNet8, FiveImagesGiveTensorFlowLiteMicrosSoftmaxAndRtlEqualsCInEveryLayer) {
  Npy in, want;
  if (!ReadNpy(std::string(kData) + "/golden/resnet8_tflm/input.npy", &in) ||
      !ReadNpy(std::string(kData) + "/golden/resnet8_tflm/output.npy", &want)) {
    GTEST_SKIP() << "no test data at " << kData << "/golden/resnet8_tflm";
  }
  ASSERT_EQ(m_.m.host_softmax, TETRA_SOFTMAX_TFLITE);
  const size_t pixels = 32 * 32 * 3, classes = 10;
  ASSERT_EQ(in.size(), 5 * pixels);
  ASSERT_EQ(want.size(), 5 * classes);
  for (size_t i = 0; i < 5; i++) {
    std::vector<int> image;
    for (size_t k = 0; k < pixels; k++) image.push_back(static_cast<int>(in[i * pixels + k]));
    for (const tetra_backend backend : {TETRA_REFERENCE, TETRA_FAST}) {
      ASSERT_EQ(m_.Run(image, backend), TETRA_OK) << m_.err.msg;
      const std::vector<int> logits = m_.Output();
      std::vector<int8_t> p(logits.begin(), logits.end());
      tetra_softmax_int8(p.data(), 10, m_.m.graph.values[m_.m.graph.output].d.scale, m_.m.softmax_beta, 0, p.data());
      for (size_t k = 0; k < classes; k++) {
        EXPECT_EQ(p[k], want[i * classes + k]) << "image " << i << ", class " << k << ", backend " << backend;
      }
    }
    EXPECT_EQ(Rtl().Run(m_.m.graph, m_.tensors), "") << "image " << i;
  }
}

TEST_F(ResNet8, Classifies500Cifar10ImagesAsTensorFlowLiteDoes) {
  Npy images, labels;
  if (!ReadNpy(std::string(kData) + "/cifar10/test_images.npy", &images) ||
      !ReadNpy(std::string(kData) + "/cifar10/test_labels.npy", &labels)) {
    GTEST_SKIP() << "no test data at " << kData << "/cifar10";
  }
  const size_t pixels = 32 * 32 * 3;
  int right = 0;
  for (size_t i = 0; i < labels.size(); i++) {
    std::vector<int> image;
    for (size_t k = 0; k < pixels; k++) image.push_back(static_cast<int>(images[i * pixels + k]) - 128);
    ASSERT_EQ(m_.Run(image, TETRA_FAST), TETRA_OK) << m_.err.msg;
    const std::vector<int> logits = m_.Output();
    right += std::max_element(logits.begin(), logits.end()) - logits.begin() == static_cast<long>(labels[i]);
  }
  EXPECT_EQ(labels.size(), 500u);
  // 445: what the bit-exact arithmetic gives; the model's authors measured 88.0 % on the first 1000 images.
  EXPECT_EQ(right, 445);
}

}  // namespace
