/* Looks at a run's output files before it begins. */
#include "cli/outputs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/outfile.h"

const char *sim_report_option(enum sim_report report) {
#define SIM_REPORT(name, help) "--" #name,
  static const char *const options[] = {
#include "cli/reports.def"
  };
#undef SIM_REPORT
  return options[report];
}

/* Waveforms are written by Verilator, in place. */
static int probe_trace(const char *path, struct tetra_error *err) {
  const int existed = access(path, F_OK) == 0;
  FILE *f = fopen(path, "ab");
  if (f == NULL) return tetra_fail(err, TETRA_EIO, "cannot write --trace '%.120s': %s", path, strerror(errno));
  fclose(f);
  if (!existed) remove(path);
  return TETRA_OK;
}

int sim_outputs_probe(const struct sim_options *o, struct tetra_error *err) {
  int rc = TETRA_OK;
  for (int i = 0; i < SIM_REPORTS && rc == TETRA_OK; i++) {
    if (o->reports[i] != NULL) rc = sim_outfile_probe(sim_report_option((enum sim_report)i), o->reports[i], err);
  }
  if (rc == TETRA_OK && o->trace != NULL) rc = probe_trace(o->trace, err);
  if (rc == TETRA_OK && o->timeline != NULL) rc = sim_outfile_probe("--timeline", o->timeline, err);
  return rc;
}
