// A small float network and images of it in a folder of their own.
#ifndef TETRA_TESTS_SIM_SMALL_NETWORK_H
#define TETRA_TESTS_SIM_SMALL_NETWORK_H

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "../../import/onnx/model.h"
#include "program.h"

namespace fs = std::filesystem;

inline std::vector<double> Random(std::mt19937 *r, size_t n, double size) {
  std::vector<double> v(n);
  for (double &x : v) x = std::uniform_real_distribution<double>(-size, size)(*r);
  return v;
}

// Two convolutions over the stem's result that are added, a third, a dense layer.
inline onnx::Model FloatModel() {
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

class SmallNetwork : public ::testing::Test {
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
  // Quantizes the network, with these bits; returns the file's name.
  std::string Quantize(const std::string &bits, const std::string &name) const {
    const Outcome q =
        RunSim("quantize " + In("net.onnx") + " --calibrate " + In("x.npy") + " " + bits + " -o " + In(name));
    EXPECT_EQ(q.code, 0) << q;
    return In(name);
  }
  // Cycles of a quantized network, by the model.
  static double Cycles(const std::string &path) {
    const Outcome o = RunSim(path + " --model");
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

#endif
