/* What an observer of the model sees in each cycle. */
#ifndef TETRA_TIMING_WATCH_H
#define TETRA_TIMING_WATCH_H

#include "timing/engines/compute.h"
#include "timing/engines/machine.h"

/* A COMPUTE from its taking to its end. */
struct watched_compute {
  struct compute_times times;
  uint32_t pixels;
  uint8_t hold;
};

struct watch {
  tetra_timing_observer observer;
  void *arg;
  struct tetra_timing_clock now;
  struct watched_compute computes[kDoneRing]; /* in order, from `oldest` to `newest` */
  uint32_t oldest, newest;
  uint8_t expects_read, expects_write;           /* a beat may come of a LOAD, go of a STORE */
  uint32_t l_left, l_done, mem_beats, b_written; /* before the cycle */
};

/* Before a cycle: what its registers show. After it: what moved in it; then the observer is called. */
void watch_before(struct watch *w, struct machine *m);
void watch_after(struct watch *w, const struct machine *m);

#endif
