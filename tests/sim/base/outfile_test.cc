// Result files that are there as a whole or not at all.
#include <sys/stat.h>

#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "base/outfile.h"
#include "program.h"

namespace {

TEST(Outfile, AppearsWholeAndNotBefore) {
  const std::string path = TempName(".txt");
  tetra_error err = {};
  sim_outfile f;
  struct stat st;
  ASSERT_EQ(sim_outfile_open(&f, "--csv", path.c_str(), &err), TETRA_OK) << err.msg;
  std::fputs("all", f.f);
  EXPECT_NE(stat(path.c_str(), &st), 0);
  ASSERT_EQ(sim_outfile_commit(&f, &err), TETRA_OK) << err.msg;
  EXPECT_EQ(ReadFile(path), "all");
  ASSERT_EQ(sim_outfile_open(&f, "--csv", path.c_str(), &err), TETRA_OK) << err.msg;
  std::fputs("half", f.f);
  sim_outfile_discard(&f);
  EXPECT_EQ(ReadFile(path), "all");
  std::remove(path.c_str());
}

TEST(Outfile, ProbeLeavesNothingBehind) {
  const std::string path = TempName(".txt");
  tetra_error err = {};
  struct stat st;
  EXPECT_EQ(sim_outfile_probe("--csv", path.c_str(), &err), TETRA_OK) << err.msg;
  EXPECT_NE(stat(path.c_str(), &st), 0);
  EXPECT_EQ(sim_outfile_probe("--csv", "/nonexistent/x", &err), TETRA_EIO);
  EXPECT_TRUE(Contains(err.msg, "--csv '/nonexistent/x'")) << err.msg;
  EXPECT_EQ(sim_outfile_probe("--csv", "/dev/stdout", &err), TETRA_OK);
}

TEST(Outfile, FullDiskIsAnError) {
  struct stat st;
  if (stat("/dev/full", &st) != 0) GTEST_SKIP() << "no /dev/full";
  tetra_error err = {};
  sim_outfile f;
  ASSERT_EQ(sim_outfile_open(&f, "--csv", "/dev/full", &err), TETRA_OK) << err.msg;
  std::fputs("x", f.f);
  EXPECT_EQ(sim_outfile_commit(&f, &err), TETRA_EIO);
}

}  // namespace
