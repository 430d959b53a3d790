/* Weight loader, streamer and array (rtl/compute/tetra_wload.sv, tetra_stream.sv, tetra_core.sv): a COMPUTE's times
 * follow in closed form from the cycle in which it is taken. */
#ifndef TETRA_TIMING_COMPUTE_H
#define TETRA_TIMING_COMPUTE_H

#include "timing/engines/idle.h"
#include "timing/engines/machine.h"

/* When a COMPUTE does what. */
struct compute_times {
  uint64_t empties; /* the array has nothing to do but empty from here to `first`, where the mode changes; else first */
  uint64_t first;   /* cycle before its first pixel: its weights are launched */
  uint64_t last;    /* cycle before the first pixel of the last k-step with weights of its own */
  uint64_t step; /* cycles from k-step to k-step; with `hold` k-steps follow each other, each as long as its pixels */
  uint64_t end;  /* cycle after its last pixel */
};

/* If it is taken in cycle `now`: its first weights move from the next on, or once the set before has left row 0, n
 * cycles after its launch. It is launched while they follow, at the earliest with the last pixel of the command before;
 * pixels flow from the next cycle on. With new weights a k-step lasts at least the n cycles that they take. */
static inline struct compute_times compute_times(const struct machine *m, const struct compute_cmd *c, uint64_t now) {
  const uint64_t weights = later(now + 1, m->c_loader);
  struct compute_times t = {.first = weights, .step = c->pixels > m->n ? c->pixels : m->n};
  if (m->c_end != 0 && c->mode == m->c_mode) t.first = later(weights, m->c_end - 1);
  t.empties = t.first;
  if (m->c_end != 0 && c->mode != m->c_mode) {
    t.first = later(weights, m->c_end + cycles_to_empty(m->n));
    t.empties = later(weights, m->c_end);
  }
  t.last = c->hold ? t.first : t.first + (c->steps - 1) * t.step;
  t.end = 1 + (c->hold ? t.first + (uint64_t)c->steps * c->pixels : t.last + c->pixels);
  return t;
}

static inline void compute_take(struct machine *m, uint64_t now) {
  const struct compute_cmd *c = compute_at(m, m->c_popped++);
  const struct compute_times t = compute_times(m, c, now);
  m->c_mode_cycles += t.first - t.empties;
  m->c_end = t.end;
  m->c_free = t.last + 1;
  m->c_loader = t.last + m->n;
  m->c_mode = c->mode;
  m->woken = 1;
  m->c_done[(m->c_done_head + m->c_done_n++) % kDoneRing] = m->c_end + cycles_to_count(m->n);
}

static inline uint64_t compute_count_cycle(const struct machine *m) {
  return m->c_done_n == 0 ? kNever : m->c_done[m->c_done_head];
}

/* A COMPUTE's last sum is in the accumulators as this cycle begins. */
static inline void compute_count(struct machine *m) {
  count_idle(m, m->t);
  m->c_done_head = (m->c_done_head + 1) % kDoneRing;
  m->c_done_n--;
  if (m->told != NULL) m->told->hooks.compute(m->told->hooks.arg, &m->told->compute[m->told->counted++ % kCountRing]);
  count_done(m, kCompute);
}

#endif
