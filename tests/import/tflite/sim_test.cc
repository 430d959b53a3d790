// ./sim with networks from files: accuracy over many images on every backend, in one process and in several.
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include <cjson/cJSON.h>
#include <gtest/gtest.h>

#include "../../sim/program.h"
#include "../npy.h"
#include "../onnx/model.h"
#include "case.h"

namespace {

const char kData[] = TETRA_DATA_DIR;

void Write(const std::string &path, const std::vector<uint8_t> &bytes) {
  std::ofstream f(path, std::ios::binary);
  f.write(reinterpret_cast<const char *>(bytes.data()), static_cast<long>(bytes.size()));
}

// A .npy file of bytes ("|i1" or "|u1").
std::vector<uint8_t> NpyBytes(const std::string &type, const std::string &shape, const std::vector<int> &values) {
  std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string all = "\x93NUMPY";
  for (const size_t v : {size_t{1}, size_t{0}, header.size() & 255, header.size() >> 8}) all += static_cast<char>(v);
  all += header;
  for (const int v : values) all += static_cast<char>(v);
  return std::vector<uint8_t>(all.begin(), all.end());
}

// A classifier that finds the brightest colour: convolution, average pool, dense, softmax.
std::vector<uint8_t> Classifier(int side, int channels, int batch = 1) {
  Random r(1);
  Weights conv = {{}, {}, {1.0f / 64}, false}, dense = {{}, {}, {0.01f}, false};
  for (int o = 0; o < channels; o++) {
    for (int k = 0; k < 27; k++) conv.codes.push_back(r.Int(-2, 2) + (k == 12 + o % 3 ? 64 : 0));  // the middle tap
  }
  for (int c = 0; c < 6; c++) {
    for (int o = 0; o < channels; o++) dense.codes.push_back(r.Int(-9, 9) + (o % 3 == c % 3 ? 90 : -60));
  }
  Builder b;
  Opt same, pool;
  same.padding = tfl::Padding::SAME;
  same.activation = tfl::Activation::RELU;
  pool.filter_h = pool.filter_w = side;
  const float logit = 0.05f * static_cast<float>(channels);
  const int n = batch;
  const int in = b.Value({n, side, side, 3}, 1, -128), a = b.Value({n, side, side, channels}, 1.25f, -128),
            p = b.Value({n, 1, 1, channels}, 1.25f, -128), q = b.Value({n, channels}, 1.25f, -128),
            d = b.Value({n, 6}, logit, 3), out = b.Value({n, 6}, 1.0f / 256, -128);
  b.Op(Builder::kConv, {in, AddWeights(&b, conv, {channels, 3, 3, 3}), -1}, {a}, same);
  b.Op(Builder::kAveragePool, {a}, {p}, pool);
  b.Op(Builder::kReshape, {p}, {q});
  b.Op(Builder::kDense, {q, AddWeights(&b, dense, {6, channels}), -1}, {d});
  b.Op(Builder::kSoftmax, {d}, {out});
  return b.Finish(in, out);
}

// Much the same in ONNX, with pixels of float32.
std::vector<uint8_t> OnnxClassifier(int side, int channels, int batch) {
  Random r(1);
  onnx::Model m;
  m.input_shape = {batch, 3, side, side};
  std::vector<double> conv, dense;
  for (int o = 0; o < channels; o++)
    for (int k = 0; k < 27; k++) conv.push_back(r.Int(-2, 2) + (k == 9 * (o % 3) + 4 ? 64 : 0));
  for (int c = 0; c < 6; c++)
    for (int o = 0; o < channels; o++) dense.push_back(r.Int(-9, 9) + (o % 3 == c % 3 ? 90 : -60));
  m.Const("cw", onnx::kS8, {channels, 3, 3, 3}, conv);
  m.Const("dw", onnx::kS8, {6, channels}, dense);
  for (const char *w : {"cw", "dw"})
    m.Add({"DequantizeLinear", {w, m.Scalar(std::string(w) + "s", onnx::kFloat, 1.0 / 64)}, {}, {}, {}, {}, "", ""},
          std::string(w) + "r");
  auto x = m.Qdq("x", "xq", 1.0 / 64, 0, onnx::kU8);
  x = m.Add({"Conv", {x, "cwr"}, {}, {{"pads", {1, 1, 1, 1}}}, {}, {}, "", ""}, "c");
  x = m.Qdq(m.Add({"Relu", {x}, {}, {}, {}, {}, "", ""}, "r"), "rq", 1.0 / 32, 0, onnx::kU8);
  x = m.Qdq(m.Add({"GlobalAveragePool", {x}, {}, {}, {}, {}, "", ""}, "p"), "pq", 1.0 / 32, 0, onnx::kU8);
  x = m.Add({"Flatten", {x}, {}, {}, {}, {}, "", ""}, "f");
  m.Qdq(m.Add({"Gemm", {x, "dwr"}, {}, {{"transB", {1}}}, {}, {}, "", ""}, "d"), "y", 0.25, 3, onnx::kS8);
  const std::string bytes = m.Bytes();
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

// A stem as exporters of symmetric activations write it: everything is quantized, ReLU and max pool on their own.
std::vector<uint8_t> OnnxStem() {
  Random r(3);
  onnx::Model m;
  m.input_shape = {1, 3, 12, 12};
  std::vector<double> conv, next;
  for (int k = 0; k < 20 * 27; k++) conv.push_back(r.Int(-90, 90));
  for (int k = 0; k < 9 * 20; k++) next.push_back(r.Int(-90, 90));
  m.Const("cw", onnx::kS8, {20, 3, 3, 3}, conv);
  m.Const("nw", onnx::kS8, {9, 20, 1, 1}, next);
  for (const char *w : {"cw", "nw"})
    m.Add({"DequantizeLinear", {w, m.Scalar(std::string(w) + "s", onnx::kFloat, 1.0 / 256)}, {}, {}, {}, {}, "", ""},
          std::string(w) + "r");
  auto x = m.Qdq("x", "xq", 1.0 / 64, 0, onnx::kS8);
  x = m.Qdq(m.Add({"Conv", {x, "cwr"}, {}, {{"pads", {1, 1, 1, 1}}}, {}, {}, "", ""}, "c"), "cq", 1.0 / 32, 0,
            onnx::kS8);
  x = m.Qdq(m.Add({"Relu", {x}, {}, {}, {}, {}, "", ""}, "r"), "rq", 1.0 / 32, 0, onnx::kS8);
  x = m.Add(
      {"MaxPool", {x}, {}, {{"kernel_shape", {3, 3}}, {"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}}, {}, {}, "", ""},
      "p");
  x = m.Qdq(x, "pq", 1.0 / 32, 0, onnx::kS8);
  m.Qdq(m.Add({"Conv", {x, "nwr"}, {}, {}, {}, {}, "", ""}, "n"), "y", 1.0 / 16, 0, onnx::kS8);
  const std::string bytes = m.Bytes();
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

std::vector<int> IntArray(const cJSON *a) {
  std::vector<int> v;
  const cJSON *e;
  cJSON_ArrayForEach(e, a) v.push_back(e->valueint);
  return v;
}

class ModelFile : public ::testing::Test {
 protected:
  static constexpr int kImages = 9, kSide = 8;
  void SetUp() override {
    model_ = TempName(".tflite");
    images_ = TempName("_images.npy");
    labels_ = TempName("_labels.npy");
    json_ = TempName(".json");
    Write(model_, Classifier(kSide, 8));
    Random r(2);
    std::vector<int> pixels;
    for (int i = 0; i < kImages; i++) {
      std::vector<int> image(kSide * kSide * 3);
      for (size_t k = 0; k < image.size(); k++) image[k] = r.Int(0, static_cast<int>(k) % 3 == i % 3 ? 255 : 25 * i);
      pixels.insert(pixels.end(), image.begin(), image.end());
    }
    Write(images_, NpyBytes("|u1", std::to_string(kImages) + ", 8, 8, 3", pixels));
  }
  void TearDown() override {
    for (const std::string &f : {model_, images_, labels_, json_}) std::remove(f.c_str());
  }
  // The predictions of a run that must succeed.
  std::vector<int> Predictions(const std::string &options) {
    const Outcome o = RunSim(model_ + " --input " + images_ + " --json " + json_ + " " + options);
    EXPECT_EQ(o.code, 0) << o;
    cJSON *j = cJSON_Parse(ReadFile(json_).c_str());
    EXPECT_NE(j, nullptr) << o;
    const std::vector<int> v = IntArray(cJSON_GetObjectItem(j, "predictions"));
    top1_ = cJSON_GetObjectItem(j, "top1") == nullptr ? -1 : cJSON_GetObjectItem(j, "top1")->valuedouble;
    match_ = cJSON_IsTrue(cJSON_GetObjectItem(j, "match"));
    const cJSON *cycles = cJSON_GetObjectItem(j, "cycles");
    cycles_ = cycles == nullptr ? -1 : cycles->valuedouble;
    cJSON_Delete(j);
    return v;
  }
  std::string model_, images_, labels_, json_;
  double top1_ = -1, cycles_ = -1;
  bool match_ = false;
};

// A batch that the file fixes: nine images are two of four and one, and every number is an image's.
TEST_F(ModelFile, BatchFixedInTheFile) {
  for (const bool is_onnx : {false, true}) {
    const auto write = [&](int batch) {
      Write(model_, is_onnx ? OnnxClassifier(kSide, 8, batch) : Classifier(kSide, 8, batch));
    };
    write(1);
    const std::vector<int> want = Predictions("--backend cmodel");
    ASSERT_EQ(want.size(), 9u);
    EXPECT_GT(std::set<int>(want.begin(), want.end()).size(), 1u);
    write(4);
    for (const char *how : {"--backend cmodel", "--backend fast", "--backend fast --jobs 2", "--jobs 2", "--batch 4"})
      EXPECT_EQ(Predictions(how), want) << how << (is_onnx ? " ONNX" : " TensorFlow Lite");
    EXPECT_TRUE(match_);
    const double nine = cycles_;
    EXPECT_EQ(Predictions("--limit 4"), std::vector<int>(want.begin(), want.begin() + 4));
    const double four = cycles_;
    EXPECT_EQ(nine, 2 * four + std::floor(four / 4));
    const Outcome one = RunSim(model_ + " --mhz 100 --quiet"), model = RunSim(model_ + " --model --mhz 100 --quiet");
    char frames[32];
    snprintf(frames, sizeof frames, "speed    %.2f frames/s", 4e8 / four);
    for (const Outcome *o : {&one, &model}) {
      EXPECT_EQ(o->code, 0) << *o;
      EXPECT_TRUE(Contains(o->out, "batch 4")) << *o;
      EXPECT_TRUE(Contains(o->out, frames)) << frames << "\n" << *o;
    }
    EXPECT_TRUE(Contains(one.out, "ms for 4)")) << one;
    for (const char *other : {"--batch 2", "--batch 1 --backend fast", "--batch 8 --backend cmodel"}) {
      const Outcome o = RunSim(model_ + " --input " + images_ + " " + other);
      EXPECT_EQ(o.code, 2) << o;
      EXPECT_TRUE(Contains(o.err, "only 4, or no --batch")) << o;
    }
  }
}

// A batch that the user asks for, of a file that leaves it open.
TEST_F(ModelFile, BatchAskedFor) {
  const std::vector<int> want = Predictions("--backend cmodel");
  Predictions("--limit 1 --backend rtl");
  const double single = cycles_;
  for (const char *how : {"--batch 4", "--batch 4 --backend fast", "--batch 100 --backend fast"})
    EXPECT_EQ(Predictions(how), want) << how;
  EXPECT_EQ(Predictions("--batch 4 --limit 4"), std::vector<int>(want.begin(), want.begin() + 4));
  EXPECT_LT(cycles_, 4 * single);
  EXPECT_GT(cycles_, single);
}

TEST_F(ModelFile, EveryBackendAndAnyNumberOfProcessesPredictTheSame) {
  const std::vector<int> rtl = Predictions("");
  EXPECT_TRUE(match_) << "RTL = C in every layer";
  ASSERT_EQ(rtl.size(), static_cast<size_t>(kImages));
  for (const char *options : {"--backend cmodel", "--backend fast", "--backend fast --jobs 3", "--jobs 2"}) {
    EXPECT_EQ(Predictions(options), rtl) << options;
  }
  EXPECT_GT(std::set<int>(rtl.begin(), rtl.end()).size(), 1u) << "the images are told apart";
}

TEST_F(ModelFile, LabelsGiveTheAccuracyOfTheFirstImages) {
  std::vector<int> labels = Predictions("--backend fast");
  Write(labels_, NpyBytes("|u1", std::to_string(kImages) + ",", labels));
  Predictions("--backend fast --labels " + labels_);
  EXPECT_EQ(top1_, 100);
  labels[1] = (labels[1] + 1) % 6;
  labels[5] = 7;
  Write(labels_, NpyBytes("|u1", std::to_string(kImages) + ",", labels));
  Predictions("--backend cmodel --limit 4 --labels " + labels_);
  EXPECT_EQ(top1_, 75);
}

TEST_F(ModelFile, OneImageGetsTheReportOfEveryLayer) {
  const Outcome o = RunSim(model_);
  EXPECT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "RTL = C in everything compared: 3 of 3 layers ran")) << o;
  EXPECT_TRUE(Contains(o.out, "softmax on the host")) << o;
}

TEST_F(ModelFile, AProgressLineTellsRateAndTimeLeft) {
  const Outcome o = RunSim(model_ + " --input " + images_ + " --backend cmodel --progress");
  EXPECT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "9 of 9 images, ")) << o;
  EXPECT_TRUE(Contains(o.out, " images/s, 0 s left")) << o;
}

TEST_F(ModelFile, BadInputIsOneLineAndExitCode2) {
  Write(labels_, NpyBytes("|u1", "2,", {0, 1}));
  const std::string with_images = model_ + " --input " + images_;
  const std::string broken = TempName("_broken.tflite"), all = ReadFile(model_);
  Write(broken, std::vector<uint8_t>(all.begin(), all.begin() + 300));
  const std::string fifo = TempName("_pipe");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  std::string folders; /* more than a message has room for */
  for (int i = 0; i < 60; i++) folders += "/folder_" + std::to_string(i);
  const std::pair<std::string, std::string> cases[] = {
      {"/nonexistent/model.tflite", "cannot open"},
      {broken, "damaged TensorFlow Lite file"},
      {model_ + " --input /nonexistent.npy", "cannot open input"},
      {model_ + " --input " + labels_, "does not have the shape"},
      {model_ + " --input " + model_, "is not an image"},
      {model_ + " --input " + fifo, "is a pipe; a file is accepted"},
      {fifo, "a pipe; a network must be a file"},
      {with_images + " --labels " + labels_, "has 2 of the 9 labels"},
      {with_images + " --skip 9", "has 9 images"},
      {model_ + " --input /nonexistent" + folders + "/the_end.npy", "/the_end.npy': "},
      {with_images + " --labels " + images_, "are not a list of integers"},
      {model_ + " --labels " + labels_, "together with --input"},
      {with_images + " --backend gpu", "rtl, cmodel or fast is"},
      {with_images + " --limit 0", "--limit: '0'"},
      {with_images + " --mean 1,2", "--mean: '1,2'"},
      {with_images + " --std 0", "--std: '0'"},
      {with_images + " --tflite-rounding triple", "double, single or litert is"},
      {model_ + " --precision w8a8", "--precision is accepted with built-in networks only"},
      {"resnet18 --mean 1", "networks from files only"},
  };
  for (const auto &c : cases) {
    const Outcome o = RunSim(c.first);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, c.second)) << o;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
  }
  std::remove(broken.c_str());
  std::remove(fifo.c_str());
}

TEST_F(ModelFile, AFloatNetworkSaysWhatQuantizesIt) {
  const std::string model = std::string(kData) + "/models/mlperf_resnet8_float.tflite";
  if (ReadFile(model).empty()) GTEST_SKIP() << "no test data at " << kData;
  const Outcome o = RunSim(model);
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_TRUE(Contains(o.err, "a float network: ")) << o;
  EXPECT_TRUE(Contains(o.err, "./sim quantize")) << o;
  EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
}

// Its k-steps are cut into parts that fit.
TEST_F(ModelFile, ADenseLayerWhoseKernelNoBufferHolds) {
  const std::string file = TempName(".onnx");
  onnx::Model m;
  m.input_shape = {1, 1, 96, 96};
  const std::string x = m.Qdq("x", "xq", 0.125, 0, onnx::kS8);
  m.Const("w", onnx::kS8, {2, 96 * 96}, std::vector<double>(2 * 96 * 96, 1));
  m.Add({"DequantizeLinear", {"w", m.Scalar("ws", onnx::kFloat, 0.5)}, {}, {}, {}, {}, "", ""}, "wr");
  const std::string c = m.Add({"Flatten",
                               {m.Qdq(m.Add({"Relu", {x}, {}, {}, {}, {}, "", ""}, "r"), "rq", 0.5, 0, onnx::kS8)},
                               {},
                               {},
                               {},
                               {},
                               "",
                               ""},
                              "flat");
  m.Q(m.Add({"Gemm", {c, "wr"}, {}, {{"transB", {1}}}, {}, {}, "", ""}, "fc"), "y", 0.5, 0, onnx::kS8);
  const std::string bytes = m.Bytes();
  Write(file, std::vector<uint8_t>(bytes.begin(), bytes.end()));
  const Outcome o = RunSim(file);
  EXPECT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "RTL = C in everything compared: 2 of 2 layers ran")) << o;
  std::remove(file.c_str());
}

// Four layers of the file are two of the accelerator, with the codes of the four and in fewer cycles.
TEST_F(ModelFile, StemReluAndMaxPoolAreOneLayer) {
  const std::string file = TempName(".onnx"), out = TempName(".npy"), run = file + " --json " + json_;
  Write(file, OnnxStem());
  std::string output[3];
  double cycles[2];
  int n = 0;
  for (const char *how : {"", " --no-fuse", " --backend fast --limit 1"}) {
    const bool fast = n == 2;
    if (fast) Write(images_, NpyBytes("|i1", "1, 12, 12, 3", std::vector<int>(12 * 12 * 3, 5)));
    const Outcome o = RunSim((fast ? file : run + " --compare-model") + how + " --output " + out + " --output-codes" +
                             (fast ? " --input " + images_ : ""));
    ASSERT_EQ(o.code, 0) << o;
    output[n] = ReadFile(out);
    if (!fast) {
      cJSON *j = cJSON_Parse(ReadFile(json_).c_str());
      cycles[n] = cJSON_GetObjectItem(cJSON_GetObjectItem(j, "total"), "cycles")->valuedouble;
      EXPECT_EQ(cJSON_GetArraySize(cJSON_GetObjectItem(j, "layers")), n == 0 ? 2 : 4);
      cJSON_Delete(j);
    }
    n++;
  }
  EXPECT_EQ(output[0], output[1]);
  EXPECT_LT(cycles[0], cycles[1]);
  const Outcome one = RunSim(file + " --input " + images_ + " --output " + out + " --output-codes");
  EXPECT_EQ(one.code, 0) << one;
  EXPECT_EQ(ReadFile(out), output[2]);
  // The tensors in between are there where they are asked for by name, or it is said where they are.
  for (const char *name : {"cq", "rq"}) {
    const std::string layer = std::string(" --output-layer ") + name + "=" + out;
    const Outcome o = RunSim(file + layer);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, "--no-fuse and --backend fast have it")) << o;
    EXPECT_EQ(RunSim(file + layer + " --no-fuse").code, 0);
    EXPECT_EQ(RunSim(file + layer + " --backend fast --input " + images_).code, 0);
  }
  std::remove(file.c_str());
  std::remove(out.c_str());
}

// An image that is not there is bad input, on the RTL too: nothing differs.
TEST_F(ModelFile, ImagesThatEndEarlyAreBadInput) {
  std::ifstream f(images_, std::ios::binary);
  std::vector<uint8_t> all((std::istreambuf_iterator<char>(f)), std::istreambuf_iterator<char>());
  const std::string cut = ::testing::TempDir() + "cut" + std::to_string(getpid()) + ".npy";
  Write(cut, std::vector<uint8_t>(all.begin(), all.end() - 10));
  for (const char *backend : {"rtl", "fast"}) {
    const Outcome o = RunSim(model_ + " --input " + cut + " --backend " + backend);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, "ends before its image 8 does")) << o;
  }
  std::remove(cut.c_str());
}

TEST_F(ModelFile, RefusedOperationsAreAllListed) {
  Builder b;
  const auto value = [&b] { return b.Value({1, 4, 4, 4}, 0.5f, 0); };
  const int in = value(), a = value(), c = value(), out = value();
  b.Op(14, {in}, {a});
  b.Op(Builder::kMaxPool, {a}, {c});
  b.Op(110, {c}, {out});
  Write(model_, b.Finish(in, out));
  const Outcome o = RunSim(model_);
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_TRUE(Contains(o.err, "sim: LOGISTIC 't1': this operation is not supported\n")) << o;
  EXPECT_TRUE(Contains(o.err, "sim: operation 110 't3': this operation is not supported\n")) << o;
  EXPECT_TRUE(Contains(o.err, "2 operations cannot run")) << o;
}

// float32 pixels and uint8 pixels with --mean and --std meet the same codes.
TEST_F(ModelFile, UnsignedPixelsCanBeNormalized) {
  const std::vector<int> plain = Predictions("--backend fast");
  // The input is (code + 128) * 1: pixel / 255 * 255 is the pixel.
  EXPECT_EQ(Predictions("--backend fast --mean 0 --std 0.00392156862745098"), plain);
  EXPECT_NE(Predictions("--backend fast --mean 0.4 --std 0.01"), plain);
}

// The count so far survives an interrupt: exit code 130, and nothing is left running.
TEST_F(ModelFile, AnInterruptKeepsTheCountSoFar) {
  const int n = 1000;
  Write(model_, Classifier(32, 32));
  Write(images_,
        NpyBytes("|u1", std::to_string(n) + ", 32, 32, 3", std::vector<int>(static_cast<size_t>(n) * 3072, 7)));
  const std::string out = TempName(".out"), pid_file = TempName(".pid");
  const std::string command = std::string(TETRA_SIM_PROGRAM) + " " + model_ + " --input " + images_ +
                              " --dram-latency 65535 --jobs 2 --json " + json_ + " >" + out + " & echo $! >" +
                              pid_file + "; wait $!; echo $? >>" + pid_file;
  std::thread run([&command] { EXPECT_EQ(std::system(command.c_str()), 0); });
  int pid = 0;
  for (int i = 0; i < 20000 && pid == 0; i++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    // An image's result has come: the handler is there. With such a memory all of them would take minutes.
    if (Contains(ReadFile(out), ": class ")) pid = std::atoi(ReadFile(pid_file).c_str());
  }
  if (pid > 0) kill(pid, SIGINT);
  run.join();
  ASSERT_GT(pid, 0);
  std::stringstream words(ReadFile(pid_file));
  int ignored = 0, code = 0;
  words >> ignored >> code;
  EXPECT_EQ(code, 130);
  EXPECT_TRUE(Contains(ReadFile(out), "stopped  by the user")) << ReadFile(out);
  cJSON *j = cJSON_Parse(ReadFile(json_).c_str());
  ASSERT_NE(j, nullptr);
  EXPECT_TRUE(cJSON_IsTrue(cJSON_GetObjectItem(j, "interrupted")));
  EXPECT_LT(cJSON_GetObjectItem(j, "done")->valueint, n);
  EXPECT_GT(cJSON_GetObjectItem(j, "done")->valueint, 0);
  int counted = 0;
  for (const int p : IntArray(cJSON_GetObjectItem(j, "predictions"))) counted += p >= 0;
  EXPECT_EQ(counted, cJSON_GetObjectItem(j, "done")->valueint);
  cJSON_Delete(j);
  std::remove(out.c_str());
  std::remove(pid_file.c_str());
}

TEST_F(ModelFile, ResNet8PredictsTheSameOnRtlAndCModelFor50Images) {
  const std::string resnet8 = std::string(kData) + "/models/mlperf_resnet8_int8.tflite";
  const std::string cifar = std::string(kData) + "/cifar10/test_images.npy";
  if (ReadFile(resnet8).empty() || ReadFile(cifar).empty()) GTEST_SKIP() << "no test data at " << kData;
  std::remove(model_.c_str());
  std::remove(images_.c_str());
  model_ = resnet8;
  images_ = cifar;
  const std::string options = "--limit 50 --labels " + std::string(kData) + "/cifar10/test_labels.npy";
  const std::vector<int> rtl = Predictions(options);
  const double rtl_top1 = top1_;
  EXPECT_TRUE(match_);
  EXPECT_EQ(Predictions(options + " --backend cmodel"), rtl);
  EXPECT_EQ(top1_, rtl_top1);
  model_.clear();
  images_.clear();
}

}  // namespace
