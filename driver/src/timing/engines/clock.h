/* The model's clock: cycles in which something begins, and jumps from one to the next. */
#ifndef TETRA_TIMING_CLOCK_H
#define TETRA_TIMING_CLOCK_H

#include "timing/engines/compute.h"
#include "timing/engines/drain.h"
#include "timing/engines/dram.h"
#include "timing/engines/fetch.h"
#include "timing/engines/flow.h"
#include "timing/engines/load.h"
#include "timing/engines/write.h"
#include "timing/skip/backlog.h"
#include "timing/skip/flow.h"

/* What happens in a cycle at its appointed time, decided from the registers as they are in it. */
struct events {
  int response, pack, compute, fire;
};

static inline struct events events_in(const struct machine *m, uint64_t now) {
  return (struct events){.response = write_response_cycle(m) == now,
                         .pack = load_pack_cycle(m) == now,
                         .compute = m->compute_ready && m->c_free <= now,
                         .fire = m->fire <= now};
}

static inline void take_events(struct machine *m, const struct events *e, uint64_t now) {
  if (e->response) write_response(m, now);
  if (e->pack) load_pack(m, now);
  if (e->compute) compute_take(m, now);
  if (e->fire) fetch_fire(m, now);
}

/* One cycle. First everything that is decided in it, from the registers as they are; then the clock edge. */
static inline void step(struct machine *m) {
  const int bus = dram_free(m), asks = fetch_asks(m);
  const int request = bus && asks, issue = bus && !asks && load_asks(m), begin = m->load_ready;
  const struct events e = events_in(m, m->t);
  count_idle(m, m->t + !e.compute);
  m->counted = m->t + 1;
  flow_cycle(m);
  if (request) dram_request(m, fetch_request(m), 1);
  if (issue) dram_request(m, load_issue(m), 0);
  if (begin) load_begin(m);
  take_events(m, &e, m->t);
  m->t++;
}

/* Cycles up to m->stop, as far as nothing begins in them; what is appointed for the last of them. */
static inline void pass(struct machine *m) {
  flow_pass(m);
  const uint64_t last = m->t - 1;
  if (last != m->event) return;
  const struct events e = events_in(m, last);
  count_idle(m, m->t); /* a COMPUTE that is taken now waited for the array: the cycle is not idle */
  take_events(m, &e, last);
}

/* After a change: which commands may begin now. */
static inline void find_ready_commands(struct machine *m) {
  m->woken = 0;
  m->load_ready = (uint8_t)load_begins(m);
  m->compute_ready = m->c_pushed != m->c_popped && !waiting(m, &compute_at(m, m->c_popped)->waits);
  m->store_ready = m->s_pushed != m->s_popped && !waiting(m, &store_at(m, m->s_popped)->waits);
  m->writing |= m->store_ready;
}

/* Sets m->stop: m->t where something begins in this cycle. */
static inline void next_event(struct machine *m) {
  m->fire = fetch_cycle(m);
  m->stop = m->t;
  if (m->load_ready || (dram_free(m) && (fetch_asks(m) || (load_asks(m) && !dram_load_continues(m))))) return;
  uint64_t event = sooner(sooner(m->fire, load_pack_cycle(m)), write_response_cycle(m));
  if (m->compute_ready) event = sooner(event, m->c_free);
  if (event <= m->t) return;
  m->event = kNever;
  m->stop = sooner(compute_count_cycle(m), write_room_cycle(m));
  event_at(m, event);
}

/* Before each cycle, or jump from it. */
static inline void begin_cycle(struct machine *m) {
  if (compute_count_cycle(m) == m->t) compute_count(m);
  if (m->woken) find_ready_commands(m);
  next_event(m);
}

/* Nothing is under way that could end anything, and nothing can begin. */
static inline int waits_for_ever(const struct machine *m) {
  return m->stop == kNever && !m->writing && m->r_head == m->r_tail && !load_asks(m);
}

/* What count_idle does not see: cycles of `total` in which the array has a command, into classes that hold the others.
 */
static inline void count_array(const struct machine *m, uint64_t total, uint64_t *c) {
  uint64_t other = m->c_mode_cycles;
  c[TETRA_CNT_MODE - TETRA_CNT_BUSY] = m->c_mode_cycles;
  for (int i = 0; i < m->out->n_layers; i++) c[0] += m->out->layers[i].busy;
  for (int i = TETRA_CNT_WAIT_LOAD; i <= TETRA_CNT_TAIL; i++) other += c[i - TETRA_CNT_BUSY];
  c[TETRA_CNT_FILL - TETRA_CNT_BUSY] = total - c[0] - other;
}

static inline void power_up(struct machine *m, const struct tetra_plan *plan, const struct tetra_memory_params *mem,
                            struct tetra_timing *out) {
  memset(m, 0, sizeof *m);
  m->plan = plan;
  m->cmd_mask = UINT32_MAX;
  m->out = out;
  m->n = plan->caps.n;
  while (1u << m->beat_shift < m->n) m->beat_shift++;
  m->beat = 1 << m->beat_shift;
  m->cmd_beats = TETRA_CMD_BYTES >> m->beat_shift;
  m->bucket = tetra_bucket_empty(mem->bytes_per_cycle, m->n);
  m->bucket.tokens = m->bucket.size; /* full since long before the doorbell */
  m->latency = mem->latency;
  backlog_tables(m);
  fetch_plan_request(m);
}

#endif
