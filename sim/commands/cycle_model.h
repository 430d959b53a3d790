/* The cycle model: without simulating, and beside a simulation. */
#ifndef TETRA_SIM_COMMAND_CYCLE_MODEL_H
#define TETRA_SIM_COMMAND_CYCLE_MODEL_H

#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ./sim --model: compiles the network and reports what the cycle model says of it. Nothing is simulated. Returns the
 * program's exit code. */
TETRA_NODISCARD int sim_cycle_model_run(const struct sim_options *o);
/* ./sim --compare-model, after a simulation: the model of the same plan, reported beside the results. TETRA_EINVAL,
 * TETRA_ENOMEM. */
TETRA_NODISCARD int sim_cycle_model_compare(struct sim_results *r, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
