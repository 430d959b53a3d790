// Outputs that are inputs or each other are refused before anything is written.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "base/paths.h"
#include "program.h"

namespace {

class Paths : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = TempName("");
    ASSERT_EQ(mkdir(dir_.c_str(), 0777), 0);
    ASSERT_EQ(mkdir((dir_ + "/sub").c_str(), 0777), 0);
    std::ofstream(dir_ + "/in.npy") << "input";
  }
  void TearDown() override { ASSERT_EQ(std::system(("rm -r " + dir_).c_str()), 0); }
  int Check(const std::string &out, const std::string &other, bool other_is_output) {
    sim_paths p = {};
    sim_paths_add(&p, "--other", other.c_str(), other_is_output);
    sim_paths_add(&p, "--nothing", nullptr, 1);
    sim_paths_add(&p, "--out", out.c_str(), 1);
    error_ = {};
    return sim_paths_check(&p, &error_);
  }
  std::string dir_;
  tetra_error error_ = {};
};

TEST_F(Paths, AnInputUnderEveryName) {
  const std::string in = dir_ + "/in.npy";
  ASSERT_EQ(symlink(in.c_str(), (dir_ + "/link").c_str()), 0);
  ASSERT_EQ(link(in.c_str(), (dir_ + "/hard").c_str()), 0);
  ASSERT_EQ(symlink(dir_.c_str(), (dir_ + "/folder").c_str()), 0);
  for (const char *name : {"/in.npy", "/./in.npy", "/sub/../in.npy", "/link", "/hard", "/folder/in.npy"}) {
    EXPECT_EQ(Check(dir_ + name, in, false), TETRA_EINVAL) << name;
    EXPECT_TRUE(Contains(error_.msg, "--out '")) << error_.msg;
    EXPECT_TRUE(Contains(error_.msg, "is the file of --other ('")) << error_.msg;
  }
  EXPECT_EQ(Check(dir_ + "/out.npy", in, false), TETRA_OK);
  EXPECT_EQ(Check(dir_ + "/sub/in.npy", in, false), TETRA_OK);
}

TEST_F(Paths, TwoOutputsThatDoNotExistYet) {
  EXPECT_EQ(Check(dir_ + "/a.json", dir_ + "/a.json", true), TETRA_EINVAL);
  EXPECT_EQ(Check(dir_ + "/sub/../a.json", dir_ + "/a.json", true), TETRA_EINVAL);
  EXPECT_EQ(Check(dir_ + "/a.json", dir_ + "/b.json", true), TETRA_OK);
  EXPECT_EQ(Check(dir_ + "/sub/a.json", dir_ + "/a.json", true), TETRA_OK);
  EXPECT_EQ(Check("a.json", "./a.json", true), TETRA_EINVAL);
}

// What is no regular file may take several outputs, as /dev/null does.
TEST_F(Paths, DevicesMayBeShared) { EXPECT_EQ(Check("/dev/null", "/dev/null", true), TETRA_OK); }

TEST_F(Paths, EveryCommandRefusesAndLeavesTheFileAlone) {
  const std::string in = dir_ + "/in.npy", a = dir_ + "/a.json";
  const std::string cases[] = {
      "resnet18 --size 32 --image " + in + " --json " + in,
      "resnet18 --size 32 --json " + a + " --timeline " + a,
      "resnet18 --size 32 --image " + in + " --timeline " + in,
      "resnet18 --size 32 --image " + in + " --trace-layer 3 --trace " + in,
      "resnet18,resnet34 --size 32 --json " + a + " --timeline " + a,
      "resnet18 --size 32 --image " + in + " --output " + in,
      "resnet18 --size 32 --output-layer image=" + a + " --json " + a,
      in + " --model --json " + in,
      in + " --backend fast --json " + in,
      in + " --backend fast --input " + in + "x --labels " + in + " --json " + dir_ + "/sub/../in.npy",
      "quantize " + in + "x --calibrate " + in + " -o " + in,
      "quantize " + in + " --calibrate " + in + "x -o " + in,
      "pareto --csv " + dir_ + "/p.svg --plot " + dir_ + "/p.svg",
  };
  for (const std::string &arguments : cases) {
    const Outcome o = RunSim(arguments);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, "a file of its own is accepted")) << o;
    EXPECT_EQ(ReadFile(in), "input") << o;
    EXPECT_NE(access(a.c_str(), F_OK), 0) << o;
  }
}

}  // namespace
