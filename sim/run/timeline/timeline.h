/* What each engine does when, clock by clock on the RTL (--timeline). */
#ifndef TETRA_SIM_TIMELINE_H
#define TETRA_SIM_TIMELINE_H

#include <stdint.h>

#include "machine/rtl_model.h"
#include "run/timeline/label.h"
#include "tetra/graph.h"
#include "tetra/plan.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One row of the picture each. */
enum timeline_track {
  TIMELINE_LAYER,       /* from the completion of the layer before to its own */
  TIMELINE_COMPUTE,     /* a COMPUTE's first to last pixel in the array */
  TIMELINE_STALL,       /* why the array takes none */
  TIMELINE_LOAD,        /* a LOAD's first to last beat, a PACK's first read to its end */
  TIMELINE_LOAD_WAIT,   /* the load engine's next command waits for a token */
  TIMELINE_DRAIN,       /* a STORE's first to last row of accumulators */
  TIMELINE_DRAIN_STALL, /* the drain is held back by the write path */
  TIMELINE_STORE,       /* a STORE's first to last beat */
  TIMELINE_TRACKS
};

/* begin <= cycle < end; cycle 0 is the first one that the hardware counts, so `end` of a layer is its entry in the
 * completion log. */
struct timeline_event {
  uint64_t begin, end;
  uint64_t response; /* STORE: cycle of its last write response; others 0 */
  uint32_t what;     /* command (index in the ring), layer id, TETRA_CNT_* of a stall, 1: waits for an earlier STORE */
  uint8_t track;     /* enum timeline_track */
};

/* An engine's commands, and how far it has come. */
struct timeline_engine {
  const struct timeline_list *list;
  uint32_t next;
  uint32_t beats; /* left of the one under way */
  uint64_t begin; /* of the one under way; UINT64_MAX: not begun */
};

/* Beats of LOADs and STOREs on the bus in TIMELINE_WINDOW cycles; the last window may be cut off by the run's end. */
enum { TIMELINE_WINDOW = 64 };
struct timeline_traffic {
  uint8_t loads, stores;
};

struct timeline {
  const struct tetra_graph *g; /* borrowed, as is plan */
  const struct tetra_plan *plan;
  struct timeline_labels labels;
  struct timeline_engine load, compute, drain, store;
  uint32_t responses;   /* STOREs whose responses are in */
  size_t *store_events; /* event of each STORE */

  struct timeline_event *events; /* in the order in which they ended */
  size_t n_events, room;
  struct timeline_traffic *traffic; /* of cycles i * TIMELINE_WINDOW on */
  size_t n_traffic, traffic_room;
  struct timeline_event open[TIMELINE_TRACKS]; /* stalls and waits under way; what UINT32_MAX: none */
  uint64_t cycle, layer_begin;
  int started, failed; /* failed: no memory for an event */
};

/* Gets ready for one run of `plan`; *t stays where it is until it is released with timeline_free, also after an error
 * (TETRA_ENOMEM). */
TETRA_NODISCARD int timeline_init(struct timeline *t, const struct tetra_graph *g, const struct tetra_plan *plan,
                                  struct tetra_error *err);
void timeline_free(struct timeline *t);
/* Forgets what was recorded. */
void timeline_rewind(struct timeline *t);
/* One clock; `self` is a struct timeline. An rtl_model's observer. */
void timeline_clock(void *self, const struct rtl_probe *p);
/* Ends what is under way. TETRA_ENOMEM where events were lost. */
TETRA_NODISCARD int timeline_end(struct timeline *t, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
