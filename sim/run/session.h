/* Everything that one run of ./sim owns: network, golden tensors, plan, memory, RTL, driver. */
#ifndef TETRA_SIM_SESSION_H
#define TETRA_SIM_SESSION_H

#include "cli/settings.h"
#include "files/source.h"
#include "machine/hal.h"
#include "machine/memory.h"
#include "machine/rtl_model.h"
#include "run/capture.h"
#include "run/energy/monitor.h"
#include "run/observer.h"
#include "run/pieces/part.h"
#include "run/results.h"
#include "run/timeline/timeline.h"
#include "tetra/device.h"
#include "tetra/exec.h"
#include "tetra/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Golden tensors of a run may take this much memory. */
#define SIM_GOLDEN_MAX_BYTES ((uint64_t)4 << 30)

struct sim_session {
  const struct sim_options *o;
  struct sim_observer observer;
  struct tetra_mem mem;
  struct rtl_model rtl;
  struct sim_hal hal;
  struct tetra_device dev;
  struct sim_source source; /* the network and its images */
  struct tetra_graph net;
  struct tetra_exec *exec;     /* the C model */
  struct tetra_tensor *golden; /* of the whole network, by value */
  struct sim_part part;
  struct tetra_plan plan;
  struct sim_results r;
  double build_s, c_model_s;         /* wall time of building the network and of the C model */
  int trace_layer;                   /* op of the part, or -1 */
  struct timeline timeline;          /* where it is asked for */
  struct monitor monitor;            /* where energy is */
  const struct sim_capture *capture; /* of the part's tensors, set by the caller; NULL: none */
  int capture_first, capture_count;  /* the images of this run in its files */
  uint64_t last_cycle;               /* completion of the layer before */
  double t0;                         /* wall time at the doorbell */
  struct tetra_error stop;           /* why the run was ended early, where no tensor differs */
  int is_piece;                      /* network, images and golden tensors are another session's */
};

/* Gets everything ready up to the doorbell. `observer` is copied, NULL: nobody is told. On failure everything is
 * released and *err says why: exit code 2. */
TETRA_NODISCARD int sim_setup(struct sim_session *s, const struct sim_options *o, const struct sim_observer *observer,
                              struct tetra_error *err);
void sim_teardown(struct sim_session *s);
/* As sim_setup, but without an accelerator or its memory: the plan is for the one that the options describe, without
 * constants, and the C model has not run. */
TETRA_NODISCARD int sim_setup_model(struct sim_session *s, const struct sim_options *o,
                                    const struct sim_observer *observer, struct tetra_error *err);
/* Of such a session: runs the C model up to op `op` of its part. TETRA_ENOMEM. */
TETRA_NODISCARD int sim_run_c_model(struct sim_session *s, int op, struct tetra_error *err);
/* A session of ops first..last of the part of `whole`, such a session, whose C model has run as far, and which outlives
 * *piece unchanged; also in a process that was forked from it. `o` outlives *piece. Otherwise as sim_setup. */
TETRA_NODISCARD int sim_setup_piece(struct sim_session *piece, const struct sim_session *whole,
                                    const struct sim_options *o, int first, int last,
                                    const struct sim_observer *observer, struct tetra_error *err);
/* Runs and compares, and tells the observer while layers complete; may be called again, also after a failure: constants
 * and inputs are still in DRAM and the driver resets the engine. TETRA_OK: every comparison was equal or none was asked
 * for; TETRA_EHW or TETRA_ETIMEOUT: the accelerator stopped, *err says why; TETRA_EDIFF: a tensor differs, of which the
 * observer had the details; TETRA_ENOMEM. */
TETRA_NODISCARD int sim_simulate(struct sim_session *s, struct tetra_error *err);
/* Images of the first run: the batch, or as many as there are. */
TETRA_NODISCARD int sim_session_images(const struct sim_session *s);
/* Puts image `image` of a network from a file, or of many, into the input, and runs the C model as sim_setup did. */
TETRA_NODISCARD int sim_feed(struct sim_session *s, int image, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
