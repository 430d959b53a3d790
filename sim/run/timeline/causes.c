/* Divides a timeline's stalls among the layers in whose cycles they are. */
#include "run/timeline/causes.h"

#include <stdlib.h>

/* A layer's cycles begin <= t < end, and how many of them are in each class. */
struct window {
  uint64_t begin, end, causes[TETRA_TIMING_CLASSES];
  uint32_t layer;
};

static uint64_t sooner(uint64_t a, uint64_t b) { return a < b ? a : b; }
static uint64_t later(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* In the order of their completion, one behind the other; until a stall is found, all of it is busy. */
static size_t list_windows(const struct timeline *t, struct window *w) {
  size_t n = 0;
  for (size_t i = 0; i < t->n_events; i++) {
    const struct timeline_event *e = &t->events[i];
    if (e->track != TIMELINE_LAYER) continue;
    w[n++] = (struct window){.begin = e->begin, .end = e->end, .causes = {e->end - e->begin}, .layer = e->what};
  }
  return n;
}

/* Stalls come in the order of time, too, and do not overlap. */
static void divide(const struct timeline *t, struct window *w, size_t n) {
  size_t k = 0;
  for (size_t i = 0; i < t->n_events; i++) {
    const struct timeline_event *e = &t->events[i];
    if (e->track != TIMELINE_STALL) continue;
    while (k < n && w[k].end <= e->begin) k++;
    for (size_t j = k; j < n && w[j].begin < e->end; j++) {
      const uint64_t cycles = sooner(e->end, w[j].end) - later(e->begin, w[j].begin);
      w[j].causes[0] -= cycles;
      w[j].causes[e->what - TETRA_CNT_BUSY] += cycles;
    }
  }
}

int timeline_causes(const struct timeline *t,
                    void (*take)(void *arg, uint32_t layer, const uint64_t causes[TETRA_TIMING_CLASSES]), void *arg,
                    struct tetra_error *err) {
  struct window *w = calloc((size_t)t->g->n_ops + 1, sizeof *w);
  if (w == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the causes of %d layers", t->g->n_ops);
  const size_t n = list_windows(t, w);
  divide(t, w, n);
  for (size_t k = 0; k < n; k++) take(arg, w[k].layer, w[k].causes);
  free(w);
  return TETRA_OK;
}
