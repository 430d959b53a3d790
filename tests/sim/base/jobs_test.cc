// Processes side by side: order of output, exit codes, crashes, what is lost, and who ends with whom.
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

#include "base/jobs.h"
#include "base/status.h"
#include "program.h"
#include "run/pool.h"

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
  EXPECT_EQ(log.codes, (std::vector<int>{0, SIM_EXIT_CRASHED, 0}));
  EXPECT_EQ(said, "sim: job 1: killed by signal 9\n");
}

// A write that fails is what a full folder for temporary files is: here, a limit on the size of files.
TEST(Jobs, OutputThatCannotBeKeptCounts) {
  for (const bool to_stderr : {false, true}) {
    Log log;
    sim_jobs j = Jobs(
        3, 2,
        [](void *arg, int i) {
          if (i == 1) {
            std::signal(SIGXFSZ, SIG_IGN);
            const rlimit none = {10, RLIM_INFINITY};
            setrlimit(RLIMIT_FSIZE, &none);
          }
          const std::string text(5000, static_cast<char>('a' + i));
          std::fputs(text.c_str(), static_cast<Log *>(arg)->finished.empty() ? stdout : stderr);
          return 0;
        },
        &log);
    j.finished = nullptr;
    if (to_stderr) log.finished.push_back(0);
    j.name = [](void *, int i, char *text, size_t size) { std::snprintf(text, size, "piece %c", 'A' + i); };
    tetra_error err = {};
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    EXPECT_EQ(sim_jobs_run(&j, &err), TETRA_OK) << err.msg;
    const std::string out = testing::internal::GetCapturedStdout(), said = testing::internal::GetCapturedStderr();
    EXPECT_EQ(log.codes, (std::vector<int>{0, SIM_EXIT_BAD_INPUT, 0}));
    EXPECT_TRUE(Contains(said, "sim: piece B: its output could not be kept")) << said;
    EXPECT_TRUE(Contains(to_stderr ? said : out, std::string(5000, 'c'))) << "the others' output is there";
  }
}

// A process that runs children which never end, and a pipe whose writing end they and it hold.
class ParentDies : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
#ifndef __linux__
    if (GetParam() == SIGKILL) GTEST_SKIP() << "only Linux tells children that their parent was killed";
#endif
    pids = static_cast<pid_t *>(sim_jobs_share(3 * sizeof(pid_t)));
    ASSERT_NE(pids, nullptr);
    ASSERT_EQ(pipe(fds), 0);
  }

  void TearDown() override {
    if (pids == nullptr) return;
    for (int i = 0; i < 3; i++) {
      if (pids[i] > 0) kill(pids[i], SIGKILL);
    }
    sim_jobs_unshare(pids, 3 * sizeof(pid_t));
    pids = nullptr;
  }

  static int Forever(void *, int i) {
    pids[i] = getpid();
    const char started = 's';
    if (write(fds[1], &started, 1) != 1) return 1;
    for (;;) pause();
  }

  // One byte, or 0 at the end: nobody holds the other side any more. -1 after a minute, that is never.
  static int ReadOne() {
    char c;
    pollfd f = {fds[0], POLLIN, 0};
    return poll(&f, 1, 60000) == 1 ? static_cast<int>(read(fds[0], &c, 1)) : -1;
  }

  void KillTheParentOf(void (*run_children)()) {
    const pid_t parent = fork();
    if (parent == 0) {
      for (const int sig : {SIGHUP, SIGINT, SIGTERM}) std::signal(sig, SIG_DFL);
      run_children();
      _exit(0);
    }
    ASSERT_GT(parent, 0);
    pids[2] = parent;
    close(fds[1]);
    ASSERT_EQ(ReadOne(), 1);
    ASSERT_EQ(ReadOne(), 1);
    ASSERT_EQ(kill(parent, GetParam()), 0);
    int status = 0;
    ASSERT_EQ(waitpid(parent, &status, 0), parent);
    pids[2] = 0;
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == GetParam()) << "status " << status;
    EXPECT_EQ(ReadOne(), 0) << "a child is left";
    if (!HasFailure()) pids[0] = pids[1] = 0;
    close(fds[0]);
  }

  static pid_t *pids;
  static int fds[2];
};
pid_t *ParentDies::pids;
int ParentDies::fds[2];

TEST_P(ParentDies, TheyEnd) {
  KillTheParentOf([] {
    const sim_jobs j = Jobs(2, 2, Forever, nullptr);
    tetra_error err = {};
    EXPECT_EQ(sim_jobs_run(&j, &err), TETRA_OK);
  });
}

// The workers of a run over many images. An interrupt is no death there: it ends the run and keeps what there is.
class ParentOfWorkersDies : public ParentDies {};

TEST_P(ParentOfWorkersDies, TheyEnd) {
  KillTheParentOf([] {
    sim_pool p = {};
    p.n_blocks = p.n_workers = 2;
    p.block = 1;
    p.work = [](void *, int b, sim_outcome *, int *, tetra_error *) { return Forever(nullptr, b); };
    p.tick = [](void *) {};
    sim_pool_end end;
    tetra_error err = {};
    EXPECT_EQ(sim_pool_run(&p, &end, &err), TETRA_OK);
  });
}

// One that is killed is named; what the other had to say arrives.
TEST(Pool, AKilledWorkerIsNamed) {
  int outcomes = 0;
  sim_pool p = {};
  p.n_blocks = p.n_workers = 2;
  p.block = 1;
  p.work = [](void *, int b, sim_outcome *out, int *n, tetra_error *) {
    if (b == 0) raise(SIGKILL);
    *out = {};
    *n = 1;
    return 0;
  };
  p.outcome = [](void *arg, const sim_outcome *) { ++*static_cast<int *>(arg); };
  p.tick = [](void *) {};
  p.arg = &outcomes;
  sim_pool_end end;
  tetra_error err = {};
  EXPECT_EQ(sim_pool_run(&p, &end, &err), TETRA_EIO);
  EXPECT_EQ(end, SIM_POOL_KILLED);
  EXPECT_TRUE(Contains(err.msg, "was killed by signal 9 before its images were done")) << err.msg;
  EXPECT_EQ(outcomes, 1);
}

std::string SignalName(const testing::TestParamInfo<int> &i) { return "signal_" + std::to_string(i.param); }
INSTANTIATE_TEST_SUITE_P(Jobs, ParentDies, ::testing::Values(SIGHUP, SIGINT, SIGTERM, SIGKILL), SignalName);
INSTANTIATE_TEST_SUITE_P(Pool, ParentOfWorkersDies, ::testing::Values(SIGHUP, SIGTERM, SIGKILL), SignalName);

// As nohup does.
TEST(Jobs, AnIgnoredSignalStaysIgnored) {
  Log log;
  const sim_jobs j = Jobs(
      2, 2,
      [](void *, int i) {
        if (i == 0) kill(getppid(), SIGHUP);
        return 0;
      },
      &log);
  tetra_error err = {};
  void (*before)(int) = std::signal(SIGHUP, SIG_IGN);
  EXPECT_EQ(sim_jobs_run(&j, &err), TETRA_OK) << err.msg;
  EXPECT_EQ(std::signal(SIGHUP, before), SIG_IGN);
  EXPECT_EQ(log.codes, (std::vector<int>{0, 0}));
}

}  // namespace
