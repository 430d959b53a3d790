// Processes side by side: order of output, exit codes, crashes; files that are whole or absent; several networks.
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

#include "jobs.h"
#include "outfile.h"
#include "program.h"
#include "runs.h"

namespace {

struct Log {
  std::vector<int> done, codes, finished;
};

sim_jobs Jobs(int n, int at_once, int (*work)(void *, int), Log *log) {
  sim_jobs j = {};
  j.n = n;
  j.at_once = at_once;
  j.work = work;
  j.done = [](void *arg, int i, int code) {
    static_cast<Log *>(arg)->done.push_back(i);
    static_cast<Log *>(arg)->codes.push_back(code);
  };
  j.finished = [](void *arg, int i, int) { static_cast<Log *>(arg)->finished.push_back(i); };
  j.arg = log;
  return j;
}

// How many pieces the parent has seen end. A piece waits for this, not for another piece: of two children that are both
// gone, waitpid() may name either first.
int *seen;

int PrintBackwards(void *, int i) {
  for (int k = 0; __atomic_load_n(seen, __ATOMIC_SEQ_CST) < 3 - i && k < 30000; k++) usleep(1000);
  std::printf("piece %d\n", i);
  return i;
}

TEST(Jobs, OutputAndCodesInOrderWhateverEndsFirst) {
  seen = static_cast<int *>(sim_jobs_share(sizeof(int)));
  ASSERT_NE(seen, nullptr);
  Log log;
  sim_jobs j = Jobs(4, 4, PrintBackwards, &log);
  j.finished = [](void *arg, int i, int) {
    static_cast<Log *>(arg)->finished.push_back(i);
    __atomic_add_fetch(seen, 1, __ATOMIC_SEQ_CST);
  };
  tetra_error err = {};
  testing::internal::CaptureStdout();
  const int rc = sim_jobs_run(&j, &err);
  const std::string out = testing::internal::GetCapturedStdout();
  EXPECT_EQ(rc, TETRA_OK) << err.msg;
  EXPECT_EQ(out, "piece 0\npiece 1\npiece 2\npiece 3\n");
  EXPECT_EQ(log.done, (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(log.codes, (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(log.finished, (std::vector<int>{3, 2, 1, 0}));
  sim_jobs_unshare(seen, sizeof(int));
}

int *shared_count;

TEST(Jobs, AtMostSoManyAtOnce) {
  shared_count = static_cast<int *>(sim_jobs_share(2 * sizeof(int)));
  ASSERT_NE(shared_count, nullptr);
  Log log;
  const sim_jobs j = Jobs(
      12, 3,
      [](void *, int) {
        const int now = __atomic_add_fetch(&shared_count[0], 1, __ATOMIC_SEQ_CST);
        usleep(2000);
        __atomic_sub_fetch(&shared_count[0], 1, __ATOMIC_SEQ_CST);
        int most = __atomic_load_n(&shared_count[1], __ATOMIC_SEQ_CST);
        while (now > most &&
               !__atomic_compare_exchange_n(&shared_count[1], &most, now, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        }
        return 0;
      },
      &log);
  tetra_error err = {};
  EXPECT_EQ(sim_jobs_run(&j, &err), TETRA_OK) << err.msg;
  EXPECT_EQ(log.done.size(), 12u);
  EXPECT_LE(shared_count[1], 3);
  EXPECT_GE(shared_count[1], 1);
  sim_jobs_unshare(shared_count, 2 * sizeof(int));
}

TEST(Jobs, CrashIsNamedAndTheOthersRun) {
  Log log;
  const sim_jobs j = Jobs(
      3, 1,
      [](void *, int i) {
        if (i == 1) std::raise(SIGKILL);
        return 0;
      },
      &log);
  tetra_error err = {};
  testing::internal::CaptureStderr();
  const int rc = sim_jobs_run(&j, &err);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(rc, TETRA_OK) << err.msg;
  EXPECT_EQ(log.codes, (std::vector<int>{0, SIM_JOBS_CRASHED, 0}));
  EXPECT_TRUE(Contains(said, "signal 9")) << said;
}

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

TEST(Runs, OneThatDiffersIsCountedAndGivesExitCode1) {
  const Outcome o =
      RunSim("resnet18 --precision w8a8,w4a8 --width 0.25 --size 32 --quiet --jobs 2 --inject-weight-flip s1b1.conv1");
  EXPECT_EQ(o.code, 1) << o;
  EXPECT_TRUE(Contains(o.out, "runs     0 of 2")) << o;
}

}  // namespace
