// ./sim allocate MODEL: budgets are kept by the network that comes of it, every kind of sensitivity, bad input.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "../../../import/onnx/model.h"
#include "program.h"

namespace {

namespace fs = std::filesystem;

std::vector<double> Random(std::mt19937 *r, size_t n, double size) {
  std::vector<double> v(n);
  for (double &x : v) x = std::uniform_real_distribution<double>(-size, size)(*r);
  return v;
}

// Two convolutions over the stem's result that are added, a third, a dense layer.
onnx::Model FloatModel() {
  std::mt19937 r(5);
  onnx::Model m;
  m.input_shape = {1, 3, 16, 16};
  m.opset = 17;
  const auto op = [&](const char *kind, std::vector<std::string> in, const char *name) {
    return m.Add({kind, std::move(in), {}, {}, {}, {}, "", ""}, name);
  };
  m.Const("w1", onnx::kFloat, {16, 3, 3, 3}, Random(&r, 432, 0.5));
  m.Const("w2", onnx::kFloat, {32, 16, 1, 1}, Random(&r, 512, 0.4));
  m.Const("w3", onnx::kFloat, {32, 16, 1, 1}, Random(&r, 512, 0.4));
  m.Const("w4", onnx::kFloat, {32, 32, 3, 3}, Random(&r, 9216, 0.2));
  m.Const("w5", onnx::kFloat, {32, 5}, Random(&r, 160, 1));
  op("Relu", {op("Conv", {"x", "w1"}, "stem")}, "r1");
  op("Relu", {op("Add", {op("Conv", {"r1", "w2"}, "left"), op("Conv", {"r1", "w3"}, "right")}, "sum")}, "r2");
  op("Relu", {op("Conv", {"r2", "w4"}, "third")}, "r3");
  op("Flatten", {op("GlobalAveragePool", {"r3"}, "gap")}, "flat");
  op("MatMul", {"flat", "w5"}, "logits");
  return m;
}

class SimAllocateNetwork : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = TempName("");
    fs::create_directory(folder);
    Write("net.onnx", FloatModel().Bytes());
    std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (12, 16, 16, 3), }";
    header.resize(117, ' ');
    std::mt19937 r(9);
    std::string pixels(static_cast<size_t>(12 * 768), '\0');
    for (char &b : pixels) b = static_cast<char>(r() & 255);
    Write("x.npy", std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" + pixels);
  }
  void TearDown() override { fs::remove_all(folder); }
  std::string In(const std::string &name) const { return folder + "/" + name; }
  void Write(const std::string &name, const std::string &bytes) const {
    std::ofstream(In(name), std::ios::binary) << bytes;
  }
  Outcome Allocate(const std::string &options) const {
    return RunSim("allocate " + In("net.onnx") + " --calibrate " + In("x.npy") + " -o " + In("b.json") + " " + options);
  }
  // Cycles, by the model, of the network that --bits b.json gives.
  double Cycles() const {
    const Outcome q = RunSim("quantize " + In("net.onnx") + " --calibrate " + In("x.npy") + " --bits " + In("b.json") +
                             " -o " + In("q.onnx"));
    EXPECT_EQ(q.code, 0) << q;
    const Outcome o = RunSim(In("q.onnx") + " --model");
    EXPECT_EQ(o.code, 0) << o;
    std::string text;  // "total    99,386 cycles modelled"
    const size_t at = o.out.find("\ntotal");
    EXPECT_NE(at, std::string::npos) << o;
    for (size_t i = at + 6; i < o.out.size() && o.out[i] != 'c'; i++)
      if (o.out[i] >= '0' && o.out[i] <= '9') text += o.out[i];
    return std::stod(text);
  }
  std::string folder;
};

// The number behind `key` in the line that begins with `line`, of the columns predicted, exact, error, budget.
double Column(const Outcome &o, const std::string &line, int column) {
  const size_t at = o.out.find("\n  " + line + " ");
  EXPECT_NE(at, std::string::npos) << line << o;
  std::stringstream s(o.out.substr(at + 3 + line.size()));
  std::string word;
  for (int i = 0; i <= column; i++) s >> word;
  return std::stod(word);
}

TEST_F(SimAllocateNetwork, budget_is_kept_by_the_network_that_comes_of_it) {
  const Outcome all = Allocate("--budget cycles=1G --points 0");
  ASSERT_EQ(all.code, 0) << all;
  const std::string eight = ReadFile(In("b.json"));
  for (const char *layer : {"stem", "left", "right", "third", "logits"})
    EXPECT_TRUE(Contains(eight, std::string("\"node_") + layer + "\":\t\"w8a8\"")) << eight;
  const double most = Cycles();
  EXPECT_EQ(most, Column(all, "cycles", 1)) << all;
  const double limit = 0.8 * most;
  const Outcome o = Allocate("--budget cycles=" + std::to_string(static_cast<int>(limit)) + " --points 3 --csv " +
                             In("f.csv") + " --json " + In("f.json") + " --save-problem " + In("p.json"));
  ASSERT_EQ(o.code, 0) << o;
  const double exact = Column(o, "cycles", 1);
  EXPECT_LE(exact, limit) << o;
  EXPECT_EQ(Cycles(), exact) << o;
  EXPECT_TRUE(Contains(o.out, "<- chosen")) << o;
  EXPECT_TRUE(Contains(ReadFile(In("f.csv")), "objective,cycles,cycles_predicted,")) << o;
  EXPECT_TRUE(Contains(ReadFile(In("f.json")), "\"front\"")) << o;
  const Outcome again = RunSim("allocate --problem " + In("p.json") + " -o " + In("a.json"));
  EXPECT_EQ(again.code, 0) << again;
  EXPECT_TRUE(Contains(ReadFile(In("a.json")), "\"cost\":{\"cycles\":")) << again;
}

TEST_F(SimAllocateNetwork, every_sensitivity_and_every_budget) {
  for (const char *kind : {"mse", "trace", "orm"}) {
    const Outcome o = Allocate(std::string("--points 0 --samples 2 --budget bytes=8K --sensitivity ") + kind);
    EXPECT_EQ(o.code, 0) << o;
    EXPECT_LE(Column(o, "bytes", 1), 8192) << o;
    EXPECT_TRUE(Contains(o.out, kind)) << o;
  }
  const Outcome o = Allocate("--points 0 --budget ram=12K,flash=9K");
  EXPECT_EQ(o.code, 0) << o;
  EXPECT_LE(Column(o, "ram", 1), 12 * 1024) << o;
  EXPECT_LE(Column(o, "flash", 1), 9 * 1024) << o;
  EXPECT_TRUE(Contains(o.out, "the published rule for microcontrollers")) << o;
}

// Both convolutions of the sum read the stem's result.
TEST_F(SimAllocateNetwork, tied_branches_choose_alike) {
  const Outcome o = Allocate("--points 0 --tie-branches --sensitivity mse --budget bytes=6200");
  ASSERT_EQ(o.code, 0) << o;
  const std::string bits = ReadFile(In("b.json"));
  const auto of = [&](const std::string &layer) {
    return bits.substr(bits.find("\"node_" + layer) + layer.size() + 9, 4);
  };
  EXPECT_EQ(of("left"), of("right")) << bits;
}

TEST_F(SimAllocateNetwork, bad_input_is_one_line_and_no_file) {
  Write("text", "no network");
  const std::string net = In("net.onnx"), x = " --calibrate " + In("x.npy"), out = " -o " + In("none.json");
  const std::pair<std::string, std::string> cases[] = {
      {net + x + out + " --budget cycles=10", "it must be at least"},
      {net + x + out + " --budget bytes=1K", "it must be at least"},
      {net + x + out + " --budget ram=1K", "it must be at least"},
      {In("text") + x + out + " --budget ram=1M", "text"},
      {In("nothing") + x + out + " --budget ram=1M", "nothing"},
      {net + " --calibrate " + In("text") + out + " --budget ram=1M", "text"},
      {net + x + " -o " + net + " --budget ram=1M", "float network itself"}};
  for (const auto &c : cases) {
    const Outcome o = RunSim("allocate " + c.first);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
    EXPECT_TRUE(Contains(o.err, c.second)) << o;
    EXPECT_FALSE(fs::exists(In("none.json"))) << o;
  }
}

}  // namespace
