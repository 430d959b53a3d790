// Several networks and precisions from one command line.
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "cli/runs.h"
#include "program.h"

namespace {

TEST(Runs, FileNames) {
  sim_options o = {};
  o.net.network = "resnet18";
  o.net.precision = TETRA_W8A8;
  const struct {
    const char *given, *made;
  } cases[] = {{"r.json", "r-resnet18-w8a8.json"},
               {"a.b/r", "a.b/r-resnet18-w8a8"},
               {".hidden", ".hidden-resnet18-w8a8"},
               {"d/x.tar.gz", "d/x.tar-resnet18-w8a8.gz"}};
  for (const auto &c : cases) {
    char *name = sim_runs_file(c.given, &o);
    EXPECT_STREQ(name, c.made);
    std::free(name);
  }
}

// The lines that do not depend on the clock.
std::string Facts(const std::string &out) {
  std::istringstream lines(out);
  std::string line, kept;
  while (std::getline(lines, line)) {
    for (const char *start : {"network ", "total ", "result ", "runs "}) {
      if (line.rfind(start, 0) == 0) kept += line + "\n";
    }
  }
  return kept;
}

TEST(Runs, TwoNetworksTwoPrecisionsSideBySideAsOneByOne) {
  const std::string what = "resnet18,resnet34 --precision w8a8,w4a4 --width 0.0625 --size 32 --quiet --jobs ";
  const std::string json = TempName(".json");
  const Outcome one = RunSim(what + "1"), two = RunSim(what + "2 --json " + json);
  EXPECT_EQ(one.code, 0) << one;
  EXPECT_EQ(two.code, 0) << two;
  EXPECT_EQ(Facts(one.out), Facts(two.out));
  EXPECT_TRUE(Contains(two.out, "4 of 4 without a difference")) << two;
  const std::string stem = json.substr(0, json.size() - 5);
  for (const char *name : {"-resnet18-w8a8", "-resnet18-w4a4", "-resnet34-w8a8", "-resnet34-w4a4"}) {
    const std::string path = stem + name + ".json";
    EXPECT_TRUE(Contains(ReadFile(path), "\"match\"")) << path;
    std::remove(path.c_str());
  }
}

// The whole program, where no file may grow: nothing that is lost ends with exit code 0.
TEST(Runs, AFullTemporaryFolderIsNoSuccess) {
  const Outcome o = RunCommand("( { ( trap '' XFSZ; ulimit -S -f 1; " TETRA_SIM_PROGRAM
                               " resnet18 --precision w8a8,w4a4 --model --jobs 2 ); echo code $?; } | cat )");
  EXPECT_TRUE(Contains(o.out, "code 2\n")) << o;
  EXPECT_TRUE(Contains(o.err, "sim: resnet18 w8a8: its output could not be kept")) << o;
  EXPECT_TRUE(Contains(o.out, "runs     0 of 2 modelled")) << o;
}

TEST(Runs, OneThatDiffersIsCountedAndGivesExitCode1) {
  const Outcome o =
      RunSim("resnet18 --precision w8a8,w4a8 --width 0.25 --size 32 --quiet --jobs 2 --inject-weight-flip s1b1.conv1");
  EXPECT_EQ(o.code, 1) << o;
  EXPECT_TRUE(Contains(o.out, "runs     0 of 2")) << o;
}

}  // namespace
