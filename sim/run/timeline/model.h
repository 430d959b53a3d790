/* A timeline from the cycle model, without a simulation. */
#ifndef TETRA_SIM_TIMELINE_MODEL_H
#define TETRA_SIM_TIMELINE_MODEL_H

#include "run/timeline/timeline.h"
#include "tetra/timing.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills *t, which timeline_init has made ready for the plan, with what the RTL's would be; *out as tetra_timing_run.
 * TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int timeline_model(struct timeline *t, const struct tetra_memory_params *mem, struct tetra_timing *out,
                                   struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
