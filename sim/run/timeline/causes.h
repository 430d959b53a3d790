/* Where a layer's cycles went, out of a timeline. */
#ifndef TETRA_SIM_TIMELINE_CAUSES_H
#define TETRA_SIM_TIMELINE_CAUSES_H

#include "run/timeline/timeline.h"
#include "tetra/timing.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Calls `take` for each layer that completed, with its cycles (from the completion before it to its own) by cause: the
 * hardware's counters CNT_BUSY to CNT_TAIL, in that order. They add up to its cycles. *t has ended (timeline_end).
 * TETRA_ENOMEM. */
TETRA_NODISCARD int timeline_causes(const struct timeline *t,
                                    void (*take)(void *arg, uint32_t layer,
                                                 const uint64_t causes[TETRA_TIMING_CLASSES]),
                                    void *arg, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
