/* Memory: what moves on the bus. Follows sim/machine/memory.h. */
#ifndef TETRA_TIMING_DRAM_H
#define TETRA_TIMING_DRAM_H

#include "timing/engines/fetch.h"
#include "timing/engines/load.h"
#include "timing/engines/machine.h"

/* Cycles without a beat. */
static inline void dram_rest(struct machine *m, uint64_t cycles) {
  const int64_t tokens = m->bucket.tokens + (int64_t)(cycles < kMostCycles ? cycles : kMostCycles) * m->bucket.rate;
  m->bucket.tokens = tokens < m->bucket.size ? (int32_t)tokens : m->bucket.size;
}

static inline struct mem_read *dram_head(struct machine *m) { return &m->reads[m->r_head % kReadRing]; }

/* The address register can take a request: what it holds, if anything, is accepted in this cycle. */
static inline int dram_free(const struct machine *m) { return m->r_tail - m->r_head <= kMemReads; }

/* A request, in the register from the next cycle on: accepted then, or once a burst has ended. */
static inline void dram_request(struct machine *m, uint32_t beats, uint32_t fetch) {
  const uint64_t due = m->r_tail - m->r_head < kMemReads ? m->t + 1 + m->latency : kNever;
  if (m->told != NULL) m->told->read_latency[m->r_tail % kReadRing] = m->latency;
  m->reads[m->r_tail++ % kReadRing] = (struct mem_read){due, beats, fetch};
}

static inline void dram_end_burst(struct machine *m, uint64_t now) {
  m->r_head++;
  if (m->r_tail - m->r_head != kMemReads) return;
  const uint32_t i = (m->r_tail - 1) % kReadRing;
  struct mem_read *last = &m->reads[i];
  if (last->due == kNever) {
    last->due = now + 1 + (m->told != NULL ? m->told->read_latency[i] : m->latency);
    stop_at(m, now + 1);
  }
}

/* A LOAD's burst goes out in this cycle, and nothing else depends on it but when the next can: not its LOAD's last, and
 * the register accepts the next one at once. */
static inline int dram_load_continues(const struct machine *m) {
  return load_asks(m) && (m->l_rows != 1 || m->l_beats != m->l_burst) && m->r_tail - m->r_head < kMemReads &&
         !fetch_asks(m);
}

/* Beats of the oldest burst are taken, at most as many as dram_steady_beats says; the last in cycle `now`. */
static inline void dram_beats(struct machine *m, uint32_t beats, uint64_t now) {
  struct mem_read *r = dram_head(m);
  r->beats -= beats;
  if (r->fetch) {
    fetch_beats(m, beats, now);
  } else {
    load_beats(m, beats, now);
    m->l_bursts -= r->beats == 0;
  }
  if (r->beats == 0) dram_end_burst(m, now);
  if (load_asks(m) && !dram_load_continues(m)) stop_at(m, now + 1);
}

/* Beats of the oldest burst up to and including the next after which something may begin or end. */
static inline uint32_t dram_steady_beats(struct machine *m) {
  const struct mem_read *r = dram_head(m);
  if (r->fetch) return m->cmd_beats - m->fetch_beat;
  uint32_t beats = r->beats < m->l_left ? r->beats : m->l_left;
  if (m->l_active && m->l_flight + m->l_burst > kLoadBeats) {
    const uint32_t wait = m->l_flight + m->l_burst - kLoadBeats;
    if (wait < beats) beats = wait;
  }
  return beats;
}

#endif
