/* Classes of the cycles in which the array has no command, as the hardware's counters see them. */
#ifndef TETRA_TIMING_IDLE_H
#define TETRA_TIMING_IDLE_H

#include "timing/engines/machine.h"

/* A COMPUTE waits in fetch or may still arrive. */
static inline int fetch_compute_ahead(const struct machine *m) {
  return m->arrived != m->plan->n_cmds || m->c_arrived != m->c_pushed;
}

/* A COMPUTE is not there, or waits: why. */
static inline int idle_class(struct machine *m) {
  if (m->c_pushed == m->c_popped) return fetch_compute_ahead(m) ? TETRA_CNT_WAIT_CMD : TETRA_CNT_TAIL;
  const uint64_t waits = waiting(m, &compute_at(m, m->c_popped)->waits);
  if (waits == 0) return TETRA_CNT_WAIT_CMD;
  if (waits & lane(kDrain)) return TETRA_CNT_WAIT_DRAIN;
  const int load_waits =
      m->l_pushed != m->l_popped && !m->l_active && (waiting(m, &load_at(m, m->l_popped)->waits) & lane(kStore)) != 0;
  return load_waits ? TETRA_CNT_WAIT_DEP : TETRA_CNT_WAIT_LOAD;
}

/* Counts the cycles before `end` that are not counted yet. Called before anything changes on which their class depends,
 * so it is that of all of them. */
static inline void count_idle(struct machine *m, uint64_t end) {
  const uint64_t from = later(m->counted, m->c_end);
  if (from < end) m->out->classes[idle_class(m) - TETRA_CNT_BUSY] += end - from;
  m->counted = end;
}

#endif
