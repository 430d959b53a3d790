// ./vp: runs a network on a virtual platform.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include "base/outfile.h"
#include "base/status.h"
#include "systemc/vp/options.h"
#include "systemc/vp/report.h"
#include "systemc/vp/run.h"
#include "tetra/threads.h"

namespace {

using namespace tetra;

int Complain(const tetra_error &err) {
  std::fflush(stdout);
  std::fprintf(stderr, "vp: %s\n", err.msg);
  return SIM_EXIT_BAD_INPUT;
}

std::string FolderOf(const char *program) {
  const std::string path = program;
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// One run in this process, for results.
int RunOnce(const VpOptions &o, const char *program) {
  tetra_error err = {};
  Job job(o);
  if ((o.json != nullptr && sim_outfile_probe("--json", o.json, &err) != TETRA_OK) ||
      (o.timeline != nullptr && sim_outfile_probe("--timeline", o.timeline, &err) != TETRA_OK))
    return Complain(err);
  const unsigned n = o.accelerators[0];
  if (job.Open(n, &err) != TETRA_OK) return Complain(err);
  VpResult r;
  int code = SIM_EXIT_GOOD;
  if (o.riscv) {
    if (RunFirmware(o, &job, FolderOf(program), &r, &code, &err) != TETRA_OK) return Complain(err);
  } else {
    r = RunNative(o, &job, n);
    PrintResult(o, job, r);
    if (!r.failure.empty()) code = SIM_EXIT_DIFFERENT;
  }
  if (o.json != nullptr && WriteJson(o, job, r, &err) != TETRA_OK) return Complain(err);
  if (o.timeline != nullptr && WriteTimeline(o, job, r, &err) != TETRA_OK) return Complain(err);
  return code;
}

// A SystemC simulation is one process: a run for each number of accelerators in one of its own, which prints its line.
int RunMany(const VpOptions &all) {
  int code = SIM_EXIT_GOOD;
  double one = 0;
  PrintScalingHeader();
  for (const unsigned n : all.accelerators) {
    int ends[2];
    std::fflush(stdout);
    if (pipe(ends) != 0) return SIM_EXIT_BAD_INPUT;
    const pid_t child = fork();
    if (child == 0) {
      tetra_error err = {};
      Job job(all);
      if (job.Open(n, &err) != TETRA_OK) std::exit(Complain(err));
      const VpResult r = RunNative(all, &job, n);
      const double each = static_cast<double>(r.cycles) / r.images;
      PrintScaling(all, r, one == 0 ? each : one);
      if (write(ends[1], &each, sizeof each) != static_cast<ssize_t>(sizeof each)) std::exit(SIM_EXIT_BAD_INPUT);
      std::exit(r.failure.empty() ? SIM_EXIT_GOOD : SIM_EXIT_DIFFERENT);
    }
    close(ends[1]);
    double each = 0;
    const bool told = read(ends[0], &each, sizeof each) == static_cast<ssize_t>(sizeof each);
    close(ends[0]);
    if (told && one == 0) one = each;
    int status = 0;
    waitpid(child, &status, 0);
    const int exited = WIFEXITED(status) ? WEXITSTATUS(status) : SIM_EXIT_CRASHED;
    if (exited > code) code = exited;
  }
  return code;
}

}  // namespace

int sc_main(int argc, char **argv) {
  // SystemC's own notes, such as that the simulation was stopped, are not ours.
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  tetra_blas_use_one_thread();
  VpOptions o;
  tetra_error err = {};
  if (ParseVpOptions(argc, argv, &o, &err) != TETRA_OK) return Complain(err);
  if (o.help) {
    PrintVpHelp(stdout);
    return SIM_EXIT_GOOD;
  }
  try {
    return o.accelerators.size() > 1 ? RunMany(o) : RunOnce(o, argv[0]);
  } catch (const std::runtime_error &e) {
    tetra_fail(&err, TETRA_EINVAL, "%s", e.what());
    return Complain(err);
  }
}

// Instead of the library's own, to keep its banner out.
int main(int argc, char **argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
