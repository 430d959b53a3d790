/* ./sim: runs a network through the accelerator's RTL and compares it with the C model. */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "report/json.h"
#include "files/source.h"
#include "commands/model.h"
#include "cli/options.h"
#include "commands/pareto/pareto.h"
#include "commands/quantize/quantize.h"
#include "report/text.h"
#include "cli/runs.h"
#include "run/session.h"
#include "tetra/blas.h"

static int run(const struct sim_options *o) {
  struct tetra_error err = {0, ""};
  if (o->cycles == SIM_CYCLES_MODEL) return sim_model_run(o);
  if (sim_wants_images(o)) {
    if (o->timeline == NULL && o->cycles == SIM_CYCLES_RTL) return sim_run_images(o);
    tetra_fail(&err, TETRA_EINVAL, "--%s is accepted with one image on the RTL only",
               o->timeline != NULL ? "timeline" : "compare-model");
    return sim_complain(&err);
  }
  struct sim_session s;
  if (sim_setup(&s, o, &err) != TETRA_OK) return sim_complain(&err);
  sim_report_header(&s);
  const int rc = sim_simulate(&s, &err);
  int code = SIM_EXIT_GOOD;
  if (rc == TETRA_OK) {
    sim_report_totals(&s);
    if (o->model) sim_source_softmax(&s);
    if (o->cycles == SIM_CYCLES_COMPARE && sim_model_compare(&s, &err) != TETRA_OK) code = sim_complain(&err);
  } else {
    sim_complain(&err);
    code = rc == TETRA_ENOMEM ? SIM_EXIT_BAD_INPUT : SIM_EXIT_DIFFERENT;
  }
  if (o->timeline != NULL &&
      (timeline_end(&s.timeline, &err) != TETRA_OK || timeline_write(&s.timeline, o->timeline, &err) != TETRA_OK)) {
    code = sim_complain(&err);
  }
  if (o->json != NULL && sim_json_write(o->json, &s.r, &err) != TETRA_OK) code = sim_complain(&err);
  sim_teardown(&s);
  return code;
}

/* What the command line asks for. */
static int serve(int argc, char **argv) {
  struct sim_options o;
  struct tetra_error err = {0, ""};
  if (argc > 1 && strcmp(argv[1], "pareto") == 0) return pareto_main(argc - 1, argv + 1);
  if (argc > 1 && strcmp(argv[1], "quantize") == 0) return quantize_main(argc - 1, argv + 1);
  if (sim_options_parse(argc, argv, &o, &err) != TETRA_OK) return sim_complain(&err);
  switch (o.action) {
    case SIM_LIST:
      sim_options_list(stdout);
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
  const int code = sim_runs(&o, run, &err);
  return err.code != TETRA_OK ? sim_complain(&err) : code;
}

int main(int argc, char **argv) {
  tetra_blas_use_one_thread(); /* more processors are for more runs: --jobs */
  const int code = serve(argc, argv);
  /* Results that nobody could read are no success. */
  if (fflush(stdout) == 0 && !ferror(stdout)) return code;
  fputs("sim: cannot write to the standard output\n", stderr);
  return code == SIM_EXIT_GOOD ? SIM_EXIT_BAD_INPUT : code;
}
