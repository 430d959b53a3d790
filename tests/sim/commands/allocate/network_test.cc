// ./sim allocate MODEL: budgets are kept by the network that comes of it, every kind of sensitivity, bad input.
#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <utility>

#include "../small_network.h"
#include "program.h"

namespace {

class SimAllocateNetwork : public SmallNetwork {
 protected:
  Outcome Allocate(const std::string &options) const {
    return RunSim("allocate " + In("net.onnx") + " --calibrate " + In("x.npy") + " -o " + In("b.json") + " " + options);
  }
  // Of the network that comes of b.json.
  double CyclesOfBits() const { return Cycles(Quantize("--bits " + In("b.json"), "q.onnx")); }
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
  const double most = CyclesOfBits();
  EXPECT_EQ(most, Column(all, "cycles", 1)) << all;
  const double limit = 0.8 * most;
  const Outcome o = Allocate("--budget cycles=" + std::to_string(static_cast<int>(limit)) + " --points 3 --csv " +
                             In("f.csv") + " --json " + In("f.json") + " --save-problem " + In("p.json"));
  ASSERT_EQ(o.code, 0) << o;
  const double exact = Column(o, "cycles", 1);
  EXPECT_LE(exact, limit) << o;
  EXPECT_EQ(CyclesOfBits(), exact) << o;
  EXPECT_TRUE(Contains(o.out, "<- chosen")) << o;
  EXPECT_TRUE(Contains(ReadFile(In("f.csv")), "objective,cycles,cycles_predicted,")) << o;
  EXPECT_TRUE(Contains(ReadFile(In("f.json")), "\"front\"")) << o;
  const Outcome again = RunSim("allocate --problem " + In("p.json") + " -o " + In("a.json"));
  EXPECT_EQ(again.code, 0) << again;
  EXPECT_TRUE(Contains(ReadFile(In("a.json")), "\"cost\":{\"cycles\":")) << again;
}

// The front of one budget, and the bits that were chosen.
TEST_F(SimAllocateNetwork, front_is_drawn) {
  if (!HaveGnuplot()) GTEST_SKIP() << "gnuplot is not installed";
  const Outcome o = Allocate("--budget bytes=8K --points 3 --sensitivity mse --plot " + In("f.svg"));
  ASSERT_EQ(o.code, 0) << o;
  const std::string svg = ReadFile(In("f.svg"));
  EXPECT_TRUE(Contains(svg, "bytes")) << svg;
  EXPECT_TRUE(Contains(svg, "mse")) << svg;
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

// With the dearest bits everywhere both networks are one; with fewer a counterexample is found, kept and got rid of, or
// the command says that it could not.
TEST_F(SimAllocateNetwork, counterexamples_are_constraints) {
  const Outcome same = Allocate("--points 0 --budget cycles=1G --ceg 2 --radius 1 --work 0.02");
  ASSERT_EQ(same.code, 0) << same;
  EXPECT_TRUE(Contains(same.out, "ceg round 1: 2 proved, 0 unknown, 0 new counterexamples")) << same;
  const Outcome least = Allocate("--points 0 --budget bytes=6K --ceg 2 --radius 255 --work 0.02");
  EXPECT_TRUE(Contains(least.out, "ceg round 1: ")) << least;
  if (least.code == 0) {
    EXPECT_TRUE(Contains(least.out, " 0 new counterexamples\n")) << least;
  } else {
    EXPECT_EQ(least.code, 2) << least;
    EXPECT_TRUE(Contains(least.err, "a larger budget or a smaller --radius leaves fewer")) << least;
  }
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
