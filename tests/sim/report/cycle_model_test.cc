// --model and --compare-model: what they print, and that both speak of the same cycles.
#include <algorithm>
#include <fstream>
#include <regex>
#include <string>

#include <gtest/gtest.h>

#include "program.h"

namespace {

const char kSmall[] = "resnet18 --width 0.25 --size 32 --precision w8a8 ";

// The first group of `pattern` in a run's output.
std::string Find(const Outcome &o, const std::string &pattern) {
  std::smatch m;
  EXPECT_TRUE(std::regex_search(o.out, m, std::regex(pattern))) << pattern << "\n" << o;
  return m.empty() ? "" : m[1].str();
}

TEST(ModelReport, ModelSaysWhatTheRtlTakes) {
  const Outcome model = RunSim(std::string(kSmall) + "--model"), rtl = RunSim(kSmall);
  ASSERT_EQ(model.code, 0) << model;
  ASSERT_EQ(rtl.code, 0) << rtl;
  EXPECT_EQ(Find(model, "total +([0-9,]+) cycles modelled"), Find(rtl, "total +([0-9,]+) cycles"));
  EXPECT_TRUE(Contains(model.out, "modelled, not simulated")) << model;
  EXPECT_FALSE(Contains(model.out, "RTL = C")) << model;
}

TEST(ModelReport, CompareShowsNoError) {
  const Outcome o = RunSim(std::string(kSmall) + "--compare-model");
  ASSERT_EQ(o.code, 0) << o;
  EXPECT_EQ(Find(o, "largest error of a layer ([0-9.]+)%"), "0.0000") << o;
  EXPECT_TRUE(Contains(o.out, "of the network +0.0000%: within 0.5% and 0.1%")) << o;
  // By hand: 1 conv of 3x3x16 -> 16 channels over 8 x 8 pixels is 9 folds of 3 * 16 + 64 - 2 cycles.
  EXPECT_EQ(Find(o, "s1b2\\.conv1 .*0000% +([0-9,]+) "), "990") << o;
}

// 8x8 pixels of 8 channels in groups, 3x3: nine steps of 64 pixels whatever the groups. SCALE-Sim's formula by hand: as
// many folds of 3 * 16 + 64 - 2 cycles as there are groups, each of 9 or 18 by 1 or 2 weights.
TEST(ModelReport, GroupsHaveTheirBoundAndTheirFormula) {
  const struct {
    const char *file, *kind, *best, *folds;
  } cases[] = {{"depthwise_conv.onnx", "dwconv  3x3/1 ", "3.1", "880"},
               {"grouped_conv.onnx", "gconv   3x3/1g4 ", "6.2", "880"}};
  for (const auto &c : cases) {
    const std::string path = std::string(TETRA_DATA_DIR "/cases/") + c.file;
    if (!std::ifstream(path)) GTEST_SKIP() << "no " << path;
    const Outcome o = RunSim(path + " --compare-model");
    ASSERT_EQ(o.code, 0) << o;
    EXPECT_TRUE(Contains(o.out, std::string(" ") + c.kind)) << o;
    EXPECT_EQ(Find(o, "bounds: compute ([0-9,]+),"), "576") << o;
    EXPECT_EQ(Find(o, "in groups: 1 layer, which the array can do at ([0-9.]+)%"), c.best) << o;
    EXPECT_EQ(Find(o, "Conv.*0000% +([0-9,]+) "), c.folds) << o;
  }
}

TEST(ModelReport, WithoutGroupsNothingIsSaidOfThem) {
  EXPECT_FALSE(Contains(RunSim(std::string(kSmall) + "--model").out, "groups"));
}

TEST(ModelReport, LayersOfANetworkAlone) {
  const Outcome o = RunSim(std::string(kSmall) + "--model --layers dense");
  ASSERT_EQ(o.code, 0) << o;
  EXPECT_FALSE(Contains(o.out, "stem")) << o;
  EXPECT_TRUE(Contains(o.out, "memory ")) << o;
}

// The cycle model needs no RTL of that size.
TEST(ModelReport, EveryArraySizeWhateverIsBuilt) {
  for (int n : {4, 8, 16, 32, 64}) {
    const Outcome o = RunSim(std::string(kSmall) + "--quiet --model --array " + std::to_string(n));
    EXPECT_EQ(o.code, 0) << o;
    EXPECT_TRUE(Contains(o.out, std::to_string(n) + "x" + std::to_string(n) + " array")) << o;
  }
}

TEST(ModelReport, RandomStallsAreRefused) {
  for (const char *option : {"--model", "--compare-model"}) {
    const Outcome o = RunSim(std::string(kSmall) + option + " --dram-stall 0.1");
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_EQ(o.out, "") << o;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
    EXPECT_TRUE(Contains(o.err, option)) << o;
  }
}

struct Ignored {
  const char *name, *arguments;
};

void PrintTo(const Ignored &i, std::ostream *s) { *s << i.arguments; }

// An option without effect is a mistake, and not a silent one.
class WithoutSimulation : public ::testing::TestWithParam<Ignored> {};

TEST_P(WithoutSimulation, IsRefusedWithModel) {
  const Outcome o = RunSim(std::string(kSmall) + "--model " + GetParam().arguments);
  const std::string option(GetParam().arguments, std::string(GetParam().arguments).find(' '));
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_EQ(o.out, "") << o;
  EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
  EXPECT_TRUE(Contains(o.err, option)) << o;
  EXPECT_TRUE(Contains(o.err, "--model")) << o;
}

const Ignored kIgnored[] = {{"image", "--image x.jpg"},
                            {"input", "--input x.npy"},
                            {"check", "--check final"},
                            {"trace", "--trace x.fst --trace-layer stem"},
                            {"flip", "--inject-weight-flip stem"},
                            {"backend", "--backend fast"},
                            {"labels", "--labels x.npy --input x.npy"},
                            {"limit", "--limit 3"},
                            {"progress", "--progress "},
                            {"mean", "--mean 0.5"},
                            {"std", "--std 0.5"}};
INSTANTIATE_TEST_SUITE_P(Of, WithoutSimulation, ::testing::ValuesIn(kIgnored),
                         [](const auto &i) { return std::string(i.param.name); });

TEST(ModelReport, ManyImagesAreRefusedWithCompareModel) {
  for (const char *option : {"--backend fast", "--limit 3", "--labels x.npy --input x.npy"}) {
    const Outcome o = RunSim(std::string(kSmall) + "--compare-model " + option);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_EQ(o.out, "") << o;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
    EXPECT_TRUE(Contains(o.err, "--compare-model")) << o;
  }
}

// The cycles that the model says.
std::string Total(const std::string &arguments) {
  const Outcome o = RunSim(arguments + " --quiet --model");
  EXPECT_EQ(o.code, 0) << o;
  return Find(o, "total +([0-9,]+) cycles");
}

// Buffers from options and from files of settings; options go before the file, whatever their order.
TEST(Hardware, BuffersOfAnySizeWithModel) {
  const std::string usual = Total(kSmall), config = " --config " TETRA_SOURCE_DIR "/configs/";
  EXPECT_EQ(Total(kSmall + std::string("--act-kib 256 --wgt-kib 128 --res-kib 16 --par-entries 64 --acc-pixels 256 "
                                       "--pool-words 512")),
            usual);
  EXPECT_NE(Total(kSmall + std::string("--wgt-kib 8")), usual);
  EXPECT_NE(Total(kSmall + std::string("--acc-pixels 32")), usual);
  EXPECT_EQ(Total(kSmall + config + "tetra16.ini"), usual);
  EXPECT_NE(Total(kSmall + config + "edge8.ini"), usual);
  EXPECT_EQ(Total(kSmall + std::string("--array 8 --dram-bytes-per-cycle 5") + config + "tetra16.ini"),
            Total(kSmall + config + "tetra16.ini --dram-bytes-per-cycle 5 --array 8"));
}

TEST(Hardware, BuffersInTheReport) {
  const Outcome o = RunSim(std::string(kSmall) + "--quiet --model --act-kib 64 --acc-pixels 128");
  EXPECT_TRUE(Contains(o.out,
                       "(activations 64, weights 128, residuals 16 KiB; 64 parameter entries, 128 accumulator "
                       "pixels, 512 pool words)"))
      << o;
}

TEST(Hardware, EveryConfigurationRunsResnet50) {
  for (const char *name : {"tetra16", "edge8", "small4", "server64"}) {
    Total(std::string("resnet50 --config " TETRA_SOURCE_DIR "/configs/") + name + ".ini");
  }
}

void ExpectRefused(const std::string &arguments, const std::string &text) {
  const Outcome o = RunSim(arguments);
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_EQ(o.out, "") << o;
  EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o;
  EXPECT_TRUE(Contains(o.err, text)) << text << "\n" << o;
}

TEST(Hardware, WhatNoBuildCanBeIsRefused) {
  ExpectRefused(std::string(kSmall) + "--model --act-kib 100", "a power of two in 1..1024 is");
  ExpectRefused(std::string(kSmall) + "--model --array 4 --wgt-kib 512", "a power of two in 1..256 is");
  ExpectRefused(std::string(kSmall) + "--model --acc-pixels 1", "a power of two in 2..65536 is");
  ExpectRefused(std::string(kSmall) + "--model --par-entries 8192", "a power of two in 2..4096 is");
  ExpectRefused(std::string(kSmall) + "--act-kib 128", "-DTETRA_ACT_KIB=128");
}

TEST(Hardware, AConfigurationsMistakeIsNamedWithItsLine) {
  const std::string file = TempName(".ini");
  const std::string run = std::string(kSmall) + "--model --config " + file;
  const struct {
    const char *text, *message;
  } cases[] = {{"[buffers]\n\nact = 4\n", ":3: 'act' is no key of [buffers]; accepted: act-kib, wgt-kib"},
               {"# x\n[cache]\nkib=4\n", ":3: 'kib' in [cache]: sections are [array], [buffers] and [dram]"},
               {"[array]\nside = 5\n", ":2: --array: '5' is not accepted"},
               {"[dram]\nlatency\n", ":2: 'latency' is neither a [section] nor a key = value"},
               {"[buffers]\nact-kib = 3 ; KiB\n", "--act-kib: 3 is not accepted"}};
  for (const auto &c : cases) {
    std::ofstream(file) << c.text;
    ExpectRefused(run, c.message);
  }
  std::remove(file.c_str());
  ExpectRefused(run, "cannot read '" + file + "'");
}

// SCALE-Sim's files. Least cycles by hand: 16 x 16 processing elements, ceil(24 / 16) * 9 steps of 14 * 14 pixels for
// each of ceil(40 / 16) tiles of channels, which come in pairs of halves only in 4 bits; a product of 100 x 32 by 32
// x 16.
TEST(Topology, ConvolutionsAndMatrixProducts) {
  const std::string conv = TempName("_conv.csv"), gemm = TempName("_gemm.csv"), csv = TempName("_out.csv");
  std::ofstream(conv) << "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
                         "Strides,\nfirst, 16, 16, 3, 3, 24, 40, 1,\n\nlast, 16,16,2,2, 16,16, 2,\n";
  std::ofstream(gemm) << "Layer, M, N, K,\nproduct, 100, 16, 32,\n";
  ASSERT_EQ(RunSim(conv + " --precision w8a8 --model --csv " + csv).code, 0);
  const std::string rows = ReadFile(csv);
  EXPECT_TRUE(std::regex_search(rows, std::regex("0,first,conv,16,16,24,u8,14,14,40,u8,8,1,1693440,\\d+,\\d+,10584,")))
      << rows;
  EXPECT_TRUE(std::regex_search(rows, std::regex("1,last,conv,16,16,16,u8,8,8,16,u8,8,1,65536,\\d+,\\d+,256,")))
      << rows;
  ASSERT_EQ(RunSim(gemm + " --precision w4a4 --model --csv " + csv).code, 0);
  EXPECT_TRUE(std::regex_search(ReadFile(csv), std::regex("0,product,conv,100,1,32,u4,100,1,16,u4,4,1,51200,")))
      << ReadFile(csv);
  for (const std::string &f : {conv, gemm, csv}) std::remove(f.c_str());
}

TEST(Topology, WhatIsNotOneIsRefused) {
  const std::string file = TempName(".csv");
  const struct {
    const char *text, *message;
  } cases[] = {{"h\na, 4, 4, 3, 3, 1\n", ":2: a line has a name, input height"},
               {"h\na, 4, 4, 5, 3, 1, 1, 1,\n", ":2: a filter of 5x3 is larger than the input of 4x4"},
               {"h, M, N, K\na, 4, 0, 3,\n", ":2: a line has a name, M, N and K, whole numbers from 1"},
               {"h, M, N, K\na, 4, 9999999, 9999999,\n", ":2: a layer of more than 1073741824 weights"},
               {"h\n", "a header and a line a layer are expected"}};
  for (const auto &c : cases) {
    std::ofstream(file) << c.text;
    ExpectRefused(file + " --model", c.message);
  }
  ExpectRefused(file, "accepted with --model only");
  ExpectRefused(file + " --model --width 2", "--width, --size and --no-fuse are not accepted");
  std::remove(file.c_str());
}

}  // namespace
