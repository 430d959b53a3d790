/* ./sim: runs a network through the accelerator's RTL and compares it with the C model. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/command_line.h"
#include "base/status.h"
#include "cli/answers.h"
#include "cli/options.h"
#include "cli/pieces.h"
#include "cli/runs.h"
#include "commands/allocate/allocate.h"
#include "commands/cycle_model.h"
#include "commands/equiv/equiv.h"
#include "commands/export/export.h"
#include "commands/images.h"
#include "commands/list.h"
#include "commands/pareto/pareto.h"
#include "commands/pieces.h"
#include "commands/quantize/quantize.h"
#include "commands/report/report.h"
#include "commands/simulate.h"
#include "commands/sweep/sweep.h"
#include "commands/synthesize/synthesize.h"
#include "commands/train/train.h"
#include "files/source.h"
#include "tetra/threads.h"

/* Commands that have a command line of their own: `sim NAME ...`. */
static const struct {
  const char *name;
  int (*main)(int argc, char **argv); /* argv[0] is the name; returns the exit code */
} kCommands[] = {
#define SIM_COMMAND(name, usage) {#name, name##_main},
#include "cli/commands.def"
#undef SIM_COMMAND
};

/* One network in one precision. */
static int run(const struct sim_options *o) {
  if (o->export_plan != NULL) return sim_export_run(o);
  if (o->cycles == SIM_CYCLES_MODEL) return sim_cycle_model_run(o);
  if (sim_wants_pieces(o)) return sim_pieces_command(o);
  return sim_wants_images(o) ? sim_images_run(o) : sim_simulate_run(o);
}

/* Runs, several times where there are several networks or precisions. Returns the exit code. */
static int perform(struct sim_options *o) {
  struct tetra_error err = {0, ""};
  if (sim_answers_redirect(o, &err) != TETRA_OK) return sim_complain(&err);
  const int code = sim_runs(o, run, &err);
  return err.code != TETRA_OK ? sim_complain(&err) : code;
}

/* What the command line asks for. */
static int serve(int argc, char **argv, const char *command) {
  struct sim_options o;
  struct tetra_error err = {0, ""};
  for (size_t i = 0; argc > 1 && i < sizeof kCommands / sizeof *kCommands; i++) {
    if (strcmp(argv[1], kCommands[i].name) == 0) return kCommands[i].main(argc - 1, argv + 1);
  }
  if (sim_options_parse(argc, argv, &o, &err) != TETRA_OK) return sim_complain(&err);
  switch (o.action) {
    case SIM_LIST:
      sim_list(stdout);
      return SIM_EXIT_GOOD;
    case SIM_HELP:
      sim_options_help(stdout);
      return SIM_EXIT_GOOD;
    case SIM_VERSION:
      puts("tetra sim " TETRA_VERSION);
      return SIM_EXIT_GOOD;
    default:
      break;
  }
  o.command = command;
  return perform(&o);
}

int main(int argc, char **argv) {
  signal(SIGXFSZ, SIG_IGN);    /* a file that may grow no further is an error like a full disk */
  tetra_blas_use_one_thread(); /* more processors are for more runs: --jobs */
  char *command = sim_command_line(argc, argv);
  const int code = serve(argc, argv, command);
  free(command);
  /* Results that nobody could read are no success. */
  if (fflush(stdout) == 0 && !ferror(stdout)) return code;
  fputs("sim: cannot write to the standard output\n", stderr);
  return code == SIM_EXIT_GOOD ? SIM_EXIT_BAD_INPUT : code;
}
