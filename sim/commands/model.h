/* Reports of the cycle model: without simulating, and beside a simulation. */
#ifndef TETRA_SIM_MODEL_REPORT_H
#define TETRA_SIM_MODEL_REPORT_H

#include "run/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ./sim --model: compiles the network and prints what the cycle model says of each layer: cycles, the two bounds, which
 * of them holds and by how much. Nothing is simulated. Returns the program's exit code. */
int sim_model_run(const struct sim_options *o);
/* ./sim --compare-model, after sim_simulate: the RTL's cycles, the model's and SCALE-Sim's formula for each layer.
 * TETRA_EINVAL, TETRA_ENOMEM. */
int sim_model_compare(const struct sim_session *s, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
