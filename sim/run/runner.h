/* A network run over one batch of images after another, on the RTL or in the C model. */
#ifndef TETRA_SIM_RUNNER_H
#define TETRA_SIM_RUNNER_H

#include "files/source.h"
#include "run/outcome.h"
#include "run/session.h"
#include "tetra/exec.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A network ready to run one batch of images after another, in one process. */
struct sim_runner {
  const struct sim_options *o;
  int batch;
  struct sim_session session;   /* with RTL */
  struct sim_source *source;    /* the session's, or own_source */
  struct sim_source own_source; /* without RTL */
  struct tetra_tensor *tensors; /* without RTL: one per value */
  struct tetra_exec *exec;      /* the fast path */
  struct sim_capture capture;   /* tensors that the options ask for; empty until sim_runner_capture */
};

/* Gets everything ready. `observer` as for sim_setup. Without RTL the batch is chosen so that the fast path works on
 * many images at once. */
TETRA_NODISCARD int sim_runner_open(struct sim_runner *r, const struct sim_options *o,
                                    const struct sim_observer *observer, struct tetra_error *err);
void sim_runner_close(struct sim_runner *r);
/* Begins the files of --output and --output-layer for the first `images` images. The caller has them delivered where
 * all is well (capture.h); sim_runner_close closes them. */
TETRA_NODISCARD int sim_runner_capture(struct sim_runner *r, int images, struct tetra_error *err);
/* Images first .. first + count - 1, count <= batch. TETRA_EHW and TETRA_EDIFF as sim_simulate, others. */
TETRA_NODISCARD int sim_runner_run(struct sim_runner *r, int first, int count, struct sim_outcome *out,
                                   struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
