/* What a trace shows beside its spans: arrows from command to command, and counters. */
#ifndef TETRA_SIM_TIMELINE_COUNTERS_H
#define TETRA_SIM_TIMELINE_COUNTERS_H

#include <stdio.h>

#include "run/timeline/timeline.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Counter events ("ph": "C"): bytes that LOADs and STOREs move in a cycle, on average over TIMELINE_WINDOW of them, and
 * bytes held in each buffer (run/timeline/fill.h). Each event is preceded by a comma. TETRA_ENOMEM. */
TETRA_NODISCARD int sim_timeline_counters(const struct timeline *t, FILE *out, struct tetra_error *err);
/* Flow events ("ph": "s" and "f"): from the LOAD or PACK that a COMPUTE or STORE waits for by its token, to it, from
 * the COMPUTE that a STORE waits for to its drain, and from there to its writing. TETRA_ENOMEM. */
TETRA_NODISCARD int sim_timeline_arrows(const struct timeline *t, FILE *out, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
