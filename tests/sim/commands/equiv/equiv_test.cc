// ./sim equiv, and networks in two widths: from float files to verdicts and runs; options, bad input.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "../small_network.h"

namespace {

class Equiv : public SmallNetwork {
 protected:
  Outcome Quantize(const std::string &options, const std::string &out) const {
    return RunSim("quantize " + In("net.onnx") + " --calibrate " + In("x.npy") + " -o " + In(out) + " " + options);
  }
  Outcome Ask(const std::string &a, const std::string &b, const std::string &options) const {
    return RunSim("equiv " + In(a) + " " + In(b) + " --input " + In("x.npy") + " -o " + In("c.npy") + " " + options);
  }
};

TEST_F(Equiv, EqualNetworksAreProvenEqual) {
  ASSERT_EQ(Quantize("", "a.onnx").code, 0);
  const Outcome o = Ask("a.onnx", "a.onnx", "--radius 1 --limit 2 --tries 20");
  EXPECT_EQ(o.code, 0) << o;
  EXPECT_TRUE(Contains(o.out, "2 proved, 0 counterexamples, 0 unknown")) << o;
  EXPECT_FALSE(fs::exists(In("c.npy")));
}

TEST_F(Equiv, CounterexamplesAreImagesThatShowIt) {
  ASSERT_EQ(Quantize("--precision w8a8", "a.onnx").code, 0);
  ASSERT_EQ(Quantize("--precision w4a4", "b.onnx").code, 0);
  const Outcome o = Ask("a.onnx", "b.onnx", "--radius 1 --limit 1 --tries 20");
  EXPECT_EQ(o.code, 1) << o;
  EXPECT_TRUE(Contains(o.out, "COUNTEREXAMPLE; image 0 of " + In("c.npy"))) << o;
  for (const char *net : {"a", "b"}) {
    const Outcome run = RunSim(In(std::string(net) + ".onnx") + " --input " + In("c.npy") +
                               " --backend cmodel --output " + In(std::string(net) + ".npy"));
    EXPECT_EQ(run.code, 0) << run;
  }
  EXPECT_NE(ReadFile(In("a.npy")), ReadFile(In("b.npy")));
  // Within the radius of the image, byte by byte.
  const std::string image = ReadFile(In("x.npy")), found = ReadFile(In("c.npy"));
  ASSERT_EQ(found.size(), 128u + 768u);
  for (size_t i = 128; i < found.size(); i++)
    EXPECT_LE(std::abs(static_cast<uint8_t>(found[i]) - static_cast<uint8_t>(image[i])), 1) << i;
}

// A picture of float numbers, all its inputs within the radius: of every pair of codes one is asked for.
TEST_F(Equiv, FloatImagesHaveFloatNeighbours) {
  ASSERT_EQ(Quantize("--precision w8a8", "a.onnx").code, 0);
  ASSERT_EQ(Quantize("--precision w4a4", "b.onnx").code, 0);
  const std::string bytes = ReadFile(In("x.npy"));
  std::vector<float> image;
  for (size_t i = 0; i < 768; i++) image.push_back(static_cast<float>(static_cast<uint8_t>(bytes[128 + i])) - 100.25F);
  const auto write = [&](const std::string &name) {
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 16, 16, 3), }";
    header.resize(117, ' ');
    Write(name, std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" +
                    std::string(reinterpret_cast<const char *>(image.data()), image.size() * sizeof(float)));
  };
  write("f.npy");
  const std::string ask = " --input " + In("f.npy") + " -o " + In("c.npy") + " --radius 0.375 --tries 20";
  const Outcome same = RunSim("equiv " + In("a.onnx") + " " + In("a.onnx") + ask);
  EXPECT_EQ(same.code, 0) << same;
  EXPECT_TRUE(Contains(same.out, "1 proved, 0 counterexamples, 0 unknown")) << same;
  const Outcome o = RunSim("equiv " + In("a.onnx") + " " + In("b.onnx") + ask);
  ASSERT_EQ(o.code, 1) << o;
  const std::string found = ReadFile(In("c.npy"));
  ASSERT_EQ(found.size(), 128u + image.size() * sizeof(float));
  size_t moved = 0;
  for (size_t i = 0; i < image.size(); i++) {
    float v;
    std::memcpy(&v, &found[128 + i * sizeof v], sizeof v);
    ASSERT_LE(std::fabs(static_cast<double>(v) - static_cast<double>(image[i])), 0.375) << i;
    moved += v < image[i] || v > image[i];
  }
  EXPECT_LT(moved, image.size());
  image[5] = std::nanf("");
  write("f.npy");
  const Outcome nan = RunSim("equiv " + In("a.onnx") + " " + In("a.onnx") + ask);
  EXPECT_EQ(nan.code, 2) << nan;
  EXPECT_TRUE(Contains(nan.err, "holds nan; finite numbers are accepted")) << nan;
}

TEST_F(Equiv, WhatIsLeftOpenIsUnknown) {
  ASSERT_EQ(Quantize("--precision w8a8", "a.onnx").code, 0);
  ASSERT_EQ(Quantize("--precision w8a8 --no-search", "b.onnx").code, 0);
  const Outcome o = Ask("a.onnx", "b.onnx", "--radius 40 --limit 1 --tries 2 --work 0.001 --eps 1000");
  EXPECT_EQ(o.code, 0) << o;  // no output is that large
  const Outcome open = Ask("a.onnx", "b.onnx", "--radius 40 --limit 1 --tries 2 --work 0.001 --top1 --seed 3");
  EXPECT_TRUE(open.code == 4 || open.code == 1) << open;
  EXPECT_TRUE(Contains(open.out, open.code == 4 ? "UNKNOWN; lead at least" : "COUNTEREXAMPLE")) << open;
  const Outcome same = Ask("a.onnx", "a.onnx", "--radius 40 --limit 1 --tries 2 --top1");
  EXPECT_EQ(same.code, 0) << same;
  EXPECT_TRUE(Contains(same.out, "PROVED; equal outputs")) << same;
}

TEST_F(Equiv, BadInputIsOneLine) {
  ASSERT_EQ(Quantize("", "a.onnx").code, 0);
  const std::string nets = "equiv " + In("a.onnx") + " " + In("a.onnx");
  const struct {
    std::string command, says;
  } cases[] = {
      {"equiv " + In("a.onnx"), "1 networks given; two are accepted"},
      {nets + " --radius 1", "--input IMAGES is needed"},
      {nets + " --input " + In("x.npy"), "--radius R is needed"},
      {nets + " --input " + In("x.npy") + " --radius 1 --top1 --eps 1", "one of them is accepted"},
      {nets + " --input " + In("x.npy") + " --radius 0.5", "a whole number is accepted"},
      {nets + " --input " + In("x.npy") + " --radius 1 --skip 12", "has 12 images"},
      {nets + " --input " + In("x.npy") + " --radius 1 -o " + In("x.npy"), "-o"},
      {"equiv " + In("a.onnx") + " " + In("net.onnx") + " --input " + In("x.npy") + " --radius 1", "a float network"}};
  for (const auto &c : cases) {
    const Outcome o = RunSim(c.command);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, c.says)) << o;
    EXPECT_EQ(o.err.find('\n'), o.err.size() - 1) << o;
  }
}

TEST_F(Equiv, NestedNetworksRunInBothWidths) {
  ASSERT_EQ(Quantize("--nested", "n.onnx").code, 0);
  ASSERT_EQ(Quantize("--precision w4a8", "four.onnx").code, 0);
  Write("bits.json", R"({"layers": {"node_left": "w4a8", "node_right": "w8a8"}})");
  const std::string run = In("n.onnx") + " --input " + In("x.npy") + " --limit 3 ";
  for (const std::string &options :
       {std::string(), std::string("--bits 8"), std::string("--bits 4"), "--bits " + In("bits.json")}) {
    const Outcome o = RunSim(run + options + " --output " + In("rtl.npy"));
    EXPECT_EQ(o.code, 0) << o;
    EXPECT_TRUE(Contains(o.out, "RTL = C in everything compared")) << o;
  }
  const std::string fast = " --backend fast --input " + In("x.npy") + " --output ";
  ASSERT_EQ(RunSim(In("n.onnx") + " --bits 4" + fast + In("4.npy")).code, 0);
  ASSERT_EQ(RunSim(In("four.onnx") + fast + In("plain4.npy")).code, 0);
  ASSERT_EQ(RunSim(In("n.onnx") + fast + In("8.npy")).code, 0);
  EXPECT_EQ(ReadFile(In("4.npy")), ReadFile(In("plain4.npy")));
  EXPECT_NE(ReadFile(In("4.npy")), ReadFile(In("8.npy")));
  // The same question, asked of all inputs near an image.
  const Outcome same = Ask("n.onnx", "n.onnx", "--radius 1 --limit 1 --tries 4");
  EXPECT_EQ(same.code, 0) << same;
}

TEST_F(Equiv, BitsWhereThereAreNoneAreRefused) {
  ASSERT_EQ(Quantize("", "a.onnx").code, 0);
  ASSERT_EQ(Quantize("--nested", "n.onnx").code, 0);
  Write("bits.json", R"({"layers": {"nobody": "w4a8"}})");
  Write("eight.json", R"({"layers": {"nobody": "w8a8"}})");
  Write("inputs.json", R"({"layers": {"node_left": "w4a4"}})");
  const struct {
    std::string command, says;
  } cases[] = {
      {In("a.onnx") + " --bits 4", "is no nested network"},
      {In("n.onnx") + " --bits " + In("bits.json"), "layer 'nobody' holds no 4-bit weights"},
      {In("n.onnx") + " --bits " + In("eight.json"), "the network has no layer 'nobody'"},
      {In("n.onnx") + " --bits " + In("inputs.json"), "layer 'node_left' has w4a4; inputs keep their 8 bits here"},
      {In("n.onnx") + " --bits 5", "5"},
      {"resnet18 --bits 4", "is no nested network"},
      {"quantize " + In("net.onnx") + " --calibrate " + In("x.npy") + " -o " + In("b.onnx") +
           " --nested --precision w4a4",
       "--precision w4a8, or none, is accepted"},
      {"quantize " + In("net.onnx") + " --calibrate " + In("x.npy") + " -o " + In("b.onnx") + " --residual twice",
       "joint or separate is"}};
  for (const auto &c : cases) {
    const Outcome o = RunSim(c.command);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, c.says)) << o;
  }
}

}  // namespace
