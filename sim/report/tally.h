/* Totals of a run over many images, and their report. */
#ifndef TETRA_SIM_TALLY_H
#define TETRA_SIM_TALLY_H

#include "cli/settings.h"
#include "files/source.h"
#include "run/outcome.h"
#include "run/pool.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_tally {
  const struct sim_options *o;
  const int *labels; /* of the images that run; NULL: none */
  const struct sim_classes *classes;
  int n, done, right1, right5, compared;
  uint64_t cycles;
  double t0, seconds, last_shown; /* wall time */
  int tty;
  enum sim_pool_end end;
  int different;                /* an image differs, or the accelerator stopped: the run ended there */
  struct sim_outcome *outcomes; /* of those that ran, for JSON; NULL: not kept; owned by the caller */
  int *predictions;             /* by image that runs, -1: not run; owned by the caller */
};

/* Network and images, `batch` at once in each process. */
void sim_tally_header(const struct sim_tally *t, const struct sim_source *source, int batch);
/* Counts an outcome, and prints it where there are no labels to count by; with --quiet a single image's only. */
void sim_tally_add(struct sim_tally *t, const struct sim_outcome *o);
/* Rewrites the progress line where there is one and it is time to; `force` at the end. */
void sim_tally_progress(struct sim_tally *t, int force);
void sim_tally_report(const struct sim_tally *t);
/* Writes the totals as JSON (docs/simulator.md lists the keys), whole or not at all. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int sim_tally_json(const struct sim_tally *t, const char *path, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
