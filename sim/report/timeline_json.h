/* A timeline as a trace for ui.perfetto.dev. */
#ifndef TETRA_SIM_TIMELINE_JSON_H
#define TETRA_SIM_TIMELINE_JSON_H

#include <stdio.h>

#include "run/timeline/timeline.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a row of the picture, and an event in it, is called. */
const char *sim_timeline_track(enum timeline_track track);
void sim_timeline_event_name(const struct timeline *t, const struct timeline_event *e, char *text, size_t size);
/* Trace event format, JSON: a complete event ("ph": "X") for each, a thread per track, arrows and counters
 * (timeline_counters.h); one cycle is shown as 1 us. TETRA_ENOMEM. */
TETRA_NODISCARD int sim_timeline_json(const struct timeline *t, FILE *out, struct tetra_error *err);
/* The same into a file that appears as a whole. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int sim_timeline_write(const struct timeline *t, const char *path, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
