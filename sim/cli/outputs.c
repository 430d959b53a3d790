/* Looks at a run's output files before it begins. */
#include "cli/outputs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/paths.h"

const char *sim_report_option(enum sim_report report) {
#define SIM_REPORT(name, help) "--" #name,
  static const char *const options[] = {
#include "cli/reports.def"
  };
#undef SIM_REPORT
  return options[report];
}

const char *sim_tensor_option(const struct sim_tensor_file *t) {
  return t->name == NULL ? "--output" : "--output-layer";
}

int sim_wants_timeline(const struct sim_options *o) {
  return o->timeline != NULL || o->reports[SIM_REPORT_html] != NULL;
}

/* Waveforms are written by Verilator, in place. */
static int probe_trace(const char *path, struct tetra_error *err) {
  const int existed = access(path, F_OK) == 0;
  FILE *f = fopen(path, "ab");
  if (f == NULL) return tetra_fail(err, TETRA_EIO, "cannot write --trace '%s': %s", path, strerror(errno));
  fclose(f);
  if (!existed) remove(path);
  return TETRA_OK;
}

/* All files that the options name. */
static struct sim_paths name_paths(const struct sim_options *o) {
  struct sim_paths p = {.n = 0};
  if ((o->from_file && o->trained == NULL) || o->topology) sim_paths_add(&p, "network", o->net.network, 0);
  sim_paths_add(&p, "--config", o->config, 0);
  sim_paths_add(&p, "--energy", o->energy, 0);
  sim_paths_add(&p, "--input", o->image, 0);
  sim_paths_add(&p, "--labels", o->labels, 0);
  sim_paths_add(&p, "--classes", o->classes, 0);
  if (o->bits != NULL && strcmp(o->bits, "8") != 0 && strcmp(o->bits, "4") != 0)
    sim_paths_add(&p, "--bits", o->bits, 0);
  for (int i = 0; i < SIM_REPORTS; i++) sim_paths_add(&p, sim_report_option((enum sim_report)i), o->reports[i], 1);
  sim_paths_add(&p, "--timeline", o->timeline, 1);
  sim_paths_add(&p, "--trace", o->trace, 1);
  sim_paths_add(&p, "--export-plan", o->export_plan, 1);
  for (int i = 0; i < o->n_tensors; i++) sim_paths_add(&p, sim_tensor_option(&o->tensors[i]), o->tensors[i].path, 1);
  return p;
}

_Static_assert(7 + SIM_REPORTS + 3 + SIM_TENSOR_FILES_MAX + 2 <= SIM_PATHS_MAX, "every file has a place, and two more");

int sim_outputs_check_beside(const struct sim_options *o, const char *option, const char *path,
                             struct tetra_error *err) {
  struct sim_paths p = name_paths(o);
  sim_paths_add(&p, option, path, 1);
  return sim_paths_check_last(&p, err);
}

int sim_outputs_refuse_dash(const struct sim_options *o, struct tetra_error *err) {
  struct sim_options rest = *o;
  for (int i = 0; i < SIM_REPORTS; i++) rest.reports[i] = NULL; /* which take it */
  struct sim_paths p = name_paths(&rest);
  sim_paths_add(&p, "--dump-tensors", o->dump_tensors, 1);
  sim_paths_add(&p, "--vectors", o->vectors, 1);
  for (int i = 0; i < p.n; i++) {
    if (!p.file[i].is_output || strcmp(p.file[i].path, "-") != 0) continue;
    return tetra_fail(
        err, TETRA_EINVAL,
        "%s -: the standard output is not accepted, only --json, --csv and --html take '-'; ./- is a file of "
        "that name",
        p.file[i].what);
  }
  return TETRA_OK;
}

int sim_outputs_check(const struct sim_options *o, struct tetra_error *err) {
  const struct sim_paths p = name_paths(o);
  int rc = sim_paths_check(&p, err);
  for (int i = 0; i < SIM_REPORTS && rc == TETRA_OK; i++) {
    if (o->reports[i] != NULL) rc = sim_outfile_probe(sim_report_option((enum sim_report)i), o->reports[i], err);
  }
  for (int i = 0; i < o->n_tensors && rc == TETRA_OK; i++) {
    rc = sim_outfile_probe(sim_tensor_option(&o->tensors[i]), o->tensors[i].path, err);
  }
  if (rc == TETRA_OK && o->dump_tensors != NULL) rc = sim_outfile_folder("--dump-tensors", o->dump_tensors, err);
  if (rc == TETRA_OK && o->trace != NULL) rc = probe_trace(o->trace, err);
  if (rc == TETRA_OK && o->timeline != NULL) rc = sim_outfile_probe("--timeline", o->timeline, err);
  return rc;
}
