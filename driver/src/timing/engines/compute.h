/* Weight loader, streamer and array (rtl/compute/tetra_wload.sv, tetra_stream.sv, tetra_core.sv): a COMPUTE's times
 * follow in closed form from the cycle in which it is taken. */
#ifndef TETRA_TIMING_COMPUTE_H
#define TETRA_TIMING_COMPUTE_H

#include "timing/engines/idle.h"
#include "timing/engines/machine.h"

/* Taken in cycle `now`: its first weights move from the next on, or once the set before has left row 0, n cycles after
 * its launch. It is launched while they follow, at the earliest with the last pixel of the command before; pixels flow
 * from the next cycle on. With new weights a k-step lasts at least the n cycles that they take. */
static inline void compute_take(struct machine *m, uint64_t now) {
  const struct compute_cmd *c = compute_at(m, m->c_popped++);
  const uint64_t weights = later(now + 1, m->c_loader);
  uint64_t first = weights;
  if (m->c_end != 0 && c->mode == m->c_mode) first = later(first, m->c_end - 1);
  if (m->c_end != 0 && c->mode != m->c_mode) {
    first = later(first, m->c_end + cycles_to_empty(m->n));
    m->c_mode_cycles += first - later(weights, m->c_end);
  }
  const uint64_t step = c->pixels > m->n ? c->pixels : m->n;
  const uint64_t last = c->hold ? first : first + (c->steps - 1) * step; /* launch with the last new weights */
  m->c_end = 1 + (c->hold ? first + (uint64_t)c->steps * c->pixels : last + c->pixels);
  m->c_free = last + 1;
  m->c_loader = last + m->n;
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
