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
                            {"timeline", "--timeline x.json"},
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

}  // namespace
