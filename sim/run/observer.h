/* Who is told what happens while a network is set up and runs. run/ itself prints nothing. */
#ifndef TETRA_SIM_OBSERVER_H
#define TETRA_SIM_OBSERVER_H

#include "run/check.h"
#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every function may be NULL. They are called in the process and thread that runs; what they are given is valid during
 * the call only. */
struct sim_observer {
  void *arg;
  /* While setting up: one more operation that cannot run, and why; the error that follows names the first one only. */
  void (*on_refusal)(void *arg, const char *text);
  /* Layer `op` of r->g has just completed and is in r. */
  void (*on_layer)(void *arg, const struct sim_results *r, int op);
  /* Behind on_layer, where that layer is not what the C model says; the run ends then. */
  void (*on_difference)(void *arg, const struct sim_results *r, const struct sim_mismatch *m);
  /* Every few thousand cycles; `clocks` since power-up. */
  void (*on_progress)(void *arg, const struct sim_results *r, uint64_t clocks);
};

#ifdef __cplusplus
}
#endif
#endif
