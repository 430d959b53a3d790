// ./sim quantize: the whole way from a float network to a run on the accelerator, options, bad input.
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <random>
#include <vector>

#include "../../../import/onnx/model.h"
#include "program.h"

namespace {

namespace fs = std::filesystem;

constexpr size_t kSide = 8, kItem = kSide * kSide * 3;

std::vector<double> Random(std::mt19937 *r, size_t n, double size) {
  std::vector<double> v(n);
  for (double &x : v) x = std::uniform_real_distribution<double>(-size, size)(*r);
  return v;
}

// Conv 3x3 3 -> 8, ReLU, conv 3x3 8 -> 16, ReLU, average, dense 16 -> 5.
onnx::Model FloatModel() {
  std::mt19937 r(5);
  onnx::Model m;
  m.input_shape = {1, 3, kSide, kSide};
  m.opset = 17;
  const auto op = [&](const char *kind, std::vector<std::string> in, const char *name) {
    return m.Add({kind, std::move(in), {}, {}, {}, {}, "", ""}, name);
  };
  m.Const("w1", onnx::kFloat, {8, 3, 3, 3}, Random(&r, 216, 0.5));
  m.Const("w2", onnx::kFloat, {16, 8, 3, 3}, Random(&r, 1152, 0.3));
  m.Const("w3", onnx::kFloat, {16, 5}, Random(&r, 80, 1));
  op("Relu", {op("Conv", {"x", "w1"}, "stem")}, "r1");
  op("Relu", {op("Conv", {"r1", "w2"}, "conv")}, "r2");
  op("Flatten", {op("GlobalAveragePool", {"r2"}, "gap")}, "flat");
  op("MatMul", {"flat", "w3"}, "logits");
  return m;
}

std::string Npy(const std::string &descr, const std::string &shape, const std::string &data) {
  std::string header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  header.resize(117, ' ');
  header += '\n';
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + data;
}

std::string Pixels(size_t n) {
  std::mt19937 r(9);
  std::string bytes(n * kItem, '\0');
  for (char &b : bytes) b = static_cast<char>(r() & 255);
  return bytes;
}

// What (pixel / 255 - mean) / std is, in NHWC or NCHW.
std::string Reals(const std::string &pixels, const float (&mean)[3], const float (&std)[3], bool nchw) {
  std::string bytes;
  const size_t plane = kSide * kSide;
  for (size_t i = 0; i < pixels.size(); i++) {
    const size_t in = i % kItem, c = nchw ? in / plane : in % 3, p = nchw ? in % plane : in / 3;
    const auto pixel = static_cast<unsigned char>(pixels[i / kItem * kItem + p * 3 + c]);
    const float x = (static_cast<float>(pixel) / 255 - mean[c]) / std[c];
    char b[4];
    std::memcpy(b, &x, 4);
    bytes.append(b, 4);
  }
  return bytes;
}

std::string Shape(size_t n) { return std::to_string(n) + ", 8, 8, 3"; }

// A folder with a network, images of every kind, and things that are neither.
class SimQuantize : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = TempName("");
    fs::create_directory(folder);
    const std::string p = Pixels(12);
    const float mean[] = {0.5f, 0.25f, 0.125f}, std[] = {0.5f, 0.25f, 2};
    Write("net.onnx", FloatModel().Bytes());
    Write("u8.npy", Npy("|u1", Shape(12), p));
    Write("u8_first4.npy", Npy("|u1", Shape(4), p.substr(0, 4 * kItem)));
    Write("real.npy", Npy("<f4", Shape(12), Reals(p, mean, std, false)));
    Write("nchw.npy", Npy("<f4", "12, 3, 8, 8", Reals(p, mean, std, true)));
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string In(const std::string &name) const { return folder + "/" + name; }
  void Write(const std::string &name, const std::string &bytes) const {
    std::ofstream(In(name), std::ios::binary) << bytes;
  }
  // Quantizes net.onnx and returns the file; it must succeed.
  std::string Quantize(const std::string &images, const std::string &options) const {
    const Outcome o =
        RunSim("quantize " + In("net.onnx") + " --calibrate " + In(images) + " -o " + In("q.onnx") + " " + options);
    EXPECT_EQ(o.code, 0) << o;
    EXPECT_EQ(o.err, "") << o;
    const std::string bytes = ReadFile(In("q.onnx"));
    EXPECT_FALSE(bytes.empty()) << o;
    return bytes;
  }
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto &e : fs::directory_iterator(folder)) names.push_back(e.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string folder;
};

TEST_F(SimQuantize, every_precision_runs_on_the_accelerator) {
  std::vector<std::string> files;
  for (const char *precision : {"w8a8", "w4a8", "w4a4-init8-dense8", "w4a4"}) {
    files.push_back(Quantize("u8.npy", std::string("--precision ") + precision));
    const Outcome o = RunSim(In("q.onnx") + " --input " + In("u8.npy") + " --limit 2");
    EXPECT_EQ(o.code, 0) << precision << "\n" << o;
    EXPECT_TRUE(Contains(o.out, "RTL = C in everything compared of 2 of 2 images")) << precision << "\n" << o;
  }
  std::sort(files.begin(), files.end());
  EXPECT_EQ(std::unique(files.begin(), files.end()), files.end()) << "two precisions gave one file";
}

TEST_F(SimQuantize, every_method_runs_on_the_accelerator) {
  for (const char *method : {"max", "squant", "gptq", "gpfq", "cd", "adaround", "best"}) {
    Quantize("u8.npy", std::string("--precision w4a4 --method ") + method);
    const Outcome o = RunSim(In("q.onnx") + " --input " + In("u8.npy") + " --limit 1");
    EXPECT_EQ(o.code, 0) << method << "\n" << o;
    EXPECT_TRUE(Contains(o.out, "RTL = C in everything compared of 1 of 1 images")) << method << "\n" << o;
  }
}

TEST_F(SimQuantize, report_says_kl_and_j) {
  const Outcome o = RunSim("quantize " + In("net.onnx") + " --calibrate " + In("u8.npy") +
                           " --granularity group:4 -o " + In("q.onnx"));
  ASSERT_EQ(o.code, 0) << o;
  for (const char *part :
       {"method   best", "scales   one for 4 channels' weights", "logits   KL 0.", " gptq ", " descent "})
    EXPECT_TRUE(Contains(o.out, part)) << part << "\n" << o;
}

TEST_F(SimQuantize, report_names_layers_bits_and_agreement) {
  const Outcome o =
      RunSim("quantize " + In("net.onnx") + " --calibrate " + In("u8.npy") + " --precision w4a8 -o " + In("q.onnx"));
  ASSERT_EQ(o.code, 0) << o;
  for (const char *layer : {"conv ", "logits "}) EXPECT_TRUE(Contains(o.out, layer)) << layer << o;
  for (const char *part : {"weights s4", "weights s8", "values  u8", "SNR dB", "saturated", "lowest of the weights",
                           "of 12 calibration images", "the first 12 of 12", "pixel / 255;"})
    EXPECT_TRUE(Contains(o.out, part)) << part << "\n" << o;
  EXPECT_TRUE(Contains(o.out, "./sim " + In("q.onnx") + " --input " + In("u8.npy"))) << o;
}

TEST_F(SimQuantize, pixels_with_mean_and_std_are_the_same_reals) {
  const std::string reals = Quantize("real.npy", "");
  EXPECT_EQ(Quantize("u8.npy", "--mean .5,.25,.125 --std .5,.25,2"), reals);
  EXPECT_EQ(Quantize("nchw.npy", ""), reals);
  EXPECT_NE(Quantize("u8.npy", ""), reals);
}

TEST_F(SimQuantize, limit_takes_the_first_images) {
  const std::string four = Quantize("u8.npy", "--limit 4");
  EXPECT_EQ(four, Quantize("u8_first4.npy", ""));
  EXPECT_NE(four, Quantize("u8.npy", ""));
}

TEST_F(SimQuantize, no_search_is_another_network) {
  EXPECT_NE(Quantize("u8.npy", "--precision w4a4 --no-search"), Quantize("u8.npy", "--precision w4a4"));
}

// A recipe said layer by layer is the recipe; any mixture runs on the accelerator.
TEST_F(SimQuantize, bits_of_every_layer) {
  const std::string ends = R"({"layers": {"node_logits": "w8a8", "node_stem": "w8a8", "node_conv": "w4a4"}})";
  Write("ends.json", ends);
  EXPECT_EQ(Quantize("u8.npy", "--bits " + In("ends.json")), Quantize("u8.npy", "--precision w4a4-init8-dense8"));
  for (const char *bits : {R"("w4a8", "node_conv": "w8a4", "node_logits": "w4a4")",
                           R"("w8a4", "node_conv": "w4a8", "node_logits": "w8a4")"}) {
    Write("mixed.json", std::string(R"({"layers": {"node_stem": )") + bits + "}}");
    EXPECT_NE(Quantize("u8.npy", "--bits " + In("mixed.json")), Quantize("u8.npy", ""));
    const Outcome o = RunSim(In("q.onnx") + " --input " + In("u8.npy") + " --limit 2");
    EXPECT_EQ(o.code, 0) << bits << "\n" << o;
    EXPECT_TRUE(Contains(o.out, "RTL = C in everything compared of 2 of 2 images")) << bits << "\n" << o;
  }
}

// Arguments with %/ for the folder; nothing may be left in it that was not there before.
struct Bad {
  const char *name, *arguments, *said;
};
void PrintTo(const Bad &b, std::ostream *s) { *s << b.arguments; }

class SimQuantizeBadInput : public SimQuantize, public ::testing::WithParamInterface<Bad> {};

TEST_P(SimQuantizeBadInput, is_one_line_and_exit_code_2_and_no_file) {
  Quantize("u8.npy", "--precision w8a8 --limit 1");
  fs::rename(In("q.onnx"), In("quantized.onnx"));
  Write("old.onnx", "old");
  Write("text", "This is no network.\n");
  Write("cut.onnx", FloatModel().Bytes().substr(0, 2000));
  Write("mark.tflite", "\x1c" + std::string(3, '\0') + "TFL3" + std::string(24, '\0'));
  Write("empty", "");
  Write("s8.npy", Npy("|i1", Shape(1), Pixels(1)));
  Write("size.npy", Npy("|u1", "1, 8, 7, 3", Pixels(1).substr(0, 8 * 7 * 3)));
  Write("cut.npy", Npy("|u1", Shape(2), Pixels(1)));
  Write("none.npy", Npy("|u1", Shape(0), ""));
  Write("nan.npy", Npy("<f4", Shape(1), std::string(4 * kItem, '\xff')));
  Write("bits.json", R"({"layers": {"node_logits": "w8a8", "node_stem": "w8a8", "node_conv": "w4a4"}})");
  Write("other.json", R"({"layers": {"node_logits": "w8a8", "node_stem": "w8a8", "node_c": "w4a4"}})");
  Write("short.json", R"({"layers": {"node_logits": "w8a8", "node_stem": "w8a8"}})");
  Write("twice.json", R"({"layers": {"node_stem": "w8a8", "node_stem": "w4a4"}})");
  Write("three.json", R"({"layers": {"node_stem": "w3a3"}})");
  Write("number.json", R"({"layers": {"node_stem": 8}})");
  Write("key.json", R"({"layers": {"node_stem": "w8a8"}, "bits": 8})");
  Write("more.json", "{\"layers\": {\"node_stem\": \"w8a8\"}}\n}");
  const auto before = Files();
  std::string arguments = GetParam().arguments;
  for (size_t at; (at = arguments.find("%/")) != std::string::npos;) arguments.replace(at, 1, folder);
  const Outcome o = RunSim("quantize " + arguments);
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_EQ(o.out, "") << o;
  EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
  EXPECT_TRUE(Contains(o.err, GetParam().said)) << o;
  EXPECT_EQ(Files(), before) << o;
  EXPECT_EQ(ReadFile(In("old.onnx")), "old") << o;
  EXPECT_EQ(ReadFile(In("net.onnx")), FloatModel().Bytes()) << o;
}

#define NET "%/net.onnx --calibrate %/u8.npy "
#define OUT " -o %/old.onnx"
INSTANTIATE_TEST_SUITE_P(
    Arguments, SimQuantizeBadInput,
    ::testing::Values(Bad{"no_model", "--calibrate %/u8.npy" OUT, "no network"},
                      Bad{"two_models", "%/net.onnx second --calibrate %/u8.npy" OUT, "'second'"},
                      Bad{"no_images", "%/net.onnx" OUT, "--calibrate"}, Bad{"no_output", NET, "-o"},
                      Bad{"precision", NET "--precision w2a2" OUT, "'w2a2'"},
                      Bad{"limit_0", NET "--limit 0" OUT, "'0'"}, Bad{"limit_text", NET "--limit 1x" OUT, "'1x'"},
                      Bad{"mean", NET "--mean 1,2" OUT, "'1,2'"}, Bad{"std_0", NET "--std 0" OUT, "'0'"},
                      Bad{"method", NET "--method bogus" OUT, "'bogus': max, squant"},
                      Bad{"method_twice", NET "--no-search --method gptq" OUT, "--no-search is --method max"},
                      Bad{"granularity", NET "--granularity group:0" OUT, "'group:0'"},
                      Bad{"data_free_and_images", NET "--data-free" OUT, "--data-free reads no images"},
                      Bad{"data_free_layout", "%/net.onnx --data-free --layout nchw" OUT, "leave it or --layout out"},
                      Bad{"output_dash", NET "-o -", "-o -: the standard output is not accepted"},
                      Bad{"data_free_method", "%/net.onnx --data-free --method best" OUT, "best needs images"},
                      Bad{"data_free_no_batch_norm", "%/net.onnx --data-free" OUT, "no batch norm behind 'node_stem'"},
                      Bad{"unknown", NET "--frob" OUT, "'--frob'"}),
    [](const ::testing::TestParamInfo<Bad> &i) { return i.param.name; });
INSTANTIATE_TEST_SUITE_P(
    Bits, SimQuantizeBadInput,
    ::testing::Values(Bad{"both", NET "--precision w4a4 --bits %/bits.json" OUT, "--precision and --bits"},
                      Bad{"missing", NET "--bits %/nothing" OUT, "nothing'"},
                      Bad{"empty", NET "--bits %/empty" OUT, "empty"},
                      Bad{"text", NET "--bits %/text" OUT, "line 1 is no JSON"},
                      Bad{"more", NET "--bits %/more.json" OUT, "line 2: something follows"},
                      Bad{"other_layer", NET "--bits %/other.json" OUT, "no convolution or dense layer 'node_c'"},
                      Bad{"layer_left_out", NET "--bits %/short.json" OUT, "nothing is said of layer 'node_conv'"},
                      Bad{"layer_twice", NET "--bits %/twice.json" OUT, "\"node_stem\" is there twice"},
                      Bad{"3_bits", NET "--bits %/three.json" OUT, "w3a3"},
                      Bad{"number", NET "--bits %/number.json" OUT, "node_stem"},
                      Bad{"unknown_key", NET "--bits %/key.json" OUT, "unknown key \"bits\""},
                      Bad{"output_is_the_bits", "%/net.onnx --calibrate %/u8.npy --bits %/bits.json -o %/bits.json",
                          "--bits"}),
    [](const ::testing::TestParamInfo<Bad> &i) { return i.param.name; });
INSTANTIATE_TEST_SUITE_P(
    Files, SimQuantizeBadInput,
    ::testing::Values(Bad{"model_missing", "%/nothing --calibrate %/u8.npy" OUT, "nothing: cannot open"},
                      Bad{"model_folder", "%/ --calibrate %/u8.npy" OUT, "a folder; a network must be a file"},
                      Bad{"model_empty", "%/empty --calibrate %/u8.npy" OUT, "empty"},
                      Bad{"model_text", "%/text --calibrate %/u8.npy" OUT, "text"},
                      Bad{"model_cut", "%/cut.onnx --calibrate %/u8.npy" OUT, "cut.onnx"},
                      Bad{"model_tflite", "%/mark.tflite --calibrate %/u8.npy" OUT, "TensorFlow Lite"},
                      Bad{"model_quantized", "%/quantized.onnx --calibrate %/u8.npy" OUT, "quantized already"},
                      Bad{"images_missing", "%/net.onnx --calibrate %/nothing" OUT, "nothing'"},
                      Bad{"images_text", "%/net.onnx --calibrate %/text" OUT, "text'"},
                      Bad{"images_codes", "%/net.onnx --calibrate %/s8.npy" OUT, "type i1"},
                      Bad{"images_size", "%/net.onnx --calibrate %/size.npy" OUT, "[n][8][8][3]"},
                      Bad{"images_cut", "%/net.onnx --calibrate %/cut.npy" OUT, "image 1"},
                      Bad{"images_none", "%/net.onnx --calibrate %/none.npy" OUT, "no images"},
                      Bad{"images_nan", "%/net.onnx --calibrate %/nan.npy" OUT, "nan"},
                      Bad{"output_folder_missing", NET "-o %/nothing/q.onnx", "nothing/q.onnx"},
                      Bad{"output_folder", NET "-o %/", "directory"}, Bad{"output_empty", NET "-o ''", "-o"},
                      Bad{"output_is_the_model", NET "-o %/net.onnx", "float network itself"}),
    [](const ::testing::TestParamInfo<Bad> &i) { return i.param.name; });

TEST_F(SimQuantize, operations_that_cannot_be_are_listed) {
  onnx::Model m = FloatModel();
  for (auto &n : m.nodes)
    if (n.op == "Relu") n.op = "Tanh";
  Write("tanh.onnx", m.Bytes());
  const Outcome o = RunSim("quantize " + In("tanh.onnx") + " --calibrate " + In("u8.npy") + " -o " + In("q.onnx"));
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_TRUE(Contains(o.err, "2 Tanh ('node_r1', 'node_r2')")) << o;
  EXPECT_FALSE(fs::exists(In("q.onnx"))) << o;
}

// 64 training images calibrate; 20 test images by the plain loops, one on the accelerator.
TEST(SimQuantizeResNet20, npz_to_mostly_4_bit_to_the_accelerator) {
  const std::string data = TETRA_DATA_DIR, npz = data + "/models/resnet20_cifar10_float.npz";
  if (!fs::exists(npz) || !fs::exists(data + "/cifar10")) GTEST_SKIP() << "no " << npz << " or no CIFAR-10 beside it";
  const std::string pixels = " --mean .485,.456,.406 --std .229,.224,.225", out = TempName(".onnx");
  const Outcome q = RunSim("quantize " + npz + " --calibrate " + data + "/cifar10/train_images.npy --limit 64" +
                           pixels + " --precision w4a4-init8-dense8 -o " + out);
  ASSERT_EQ(q.code, 0) << q;
  EXPECT_TRUE(Contains(q.out, "the first 64 of 4000")) << q;
  const std::string test = out + " --input " + data + "/cifar10/test_images.npy" + pixels;
  const Outcome plain = RunSim(test + " --labels " + data + "/cifar10/test_labels.npy --backend cmodel --limit 20");
  EXPECT_EQ(plain.code, 0) << plain;
  const size_t top1 = plain.out.find("top-1");
  ASSERT_NE(top1, std::string::npos) << plain;
  EXPECT_GE(std::stod(plain.out.substr(top1 + 5)), 85) << plain;
  const Outcome rtl = RunSim(test + " --limit 1");
  EXPECT_EQ(rtl.code, 0) << rtl;
  EXPECT_TRUE(Contains(rtl.out, "RTL = C in everything compared of 1 of 1 images")) << rtl;
  fs::remove(out);
}

}  // namespace
