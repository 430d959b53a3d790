/* Write engine (rtl/memory/tetra_write.sv, tetra_sfifo.sv). */
#ifndef TETRA_TIMING_WRITE_H
#define TETRA_TIMING_WRITE_H

#include "timing/engines/machine.h"

/* Responses before this cycle. Those that complete no STORE are of interest only where addresses wait for them. */
static inline void write_catch_up(struct machine *m) {
  while (m->b_done != m->b_written && !m->b_last[m->b_done % kResponses] && m->b_due[m->b_done % kResponses] < m->t) {
    m->b_done++;
  }
}

/* A burst's address goes out in this cycle. (It never waits on the bus: the memory takes as many ahead of their data as
 * may be without a response.) */
static inline int write_asks(struct machine *m) {
  if (m->ds_n == 0) return 0;
  if (m->b_issued - m->b_done >= kResponses) write_catch_up(m);
  return m->b_issued - m->b_done < kResponses;
}

/* The response that an address waits for, if one does. */
static inline uint64_t write_room_cycle(struct machine *m) {
  if (m->ds_n == 0 || write_asks(m) || m->b_done == m->b_written) return kNever;
  return m->b_due[m->b_done % kResponses];
}

/* The owner may stop it. */
static inline void write_tell_address(struct machine *m, uint32_t beats, uint32_t slot) {
  struct told *told = m->told;
  const struct tetra_timing_command *c = &told->store[told->addressed % kStoreRing];
  told->burst_addr[slot] = m->seg_addr;
  told->halted |= !told->hooks.address(told->hooks.arg, c, m->seg_addr, beats);
}

static inline void write_address(struct machine *m) {
  const struct segment *s = &m->ds[m->ds_head];
  if (!m->seg_begun) {
    m->seg_addr = s->addr;
    m->seg_left = s->beats;
  }
  const uint32_t beats = burst_beats(m, m->seg_addr, m->seg_left), slot = m->b_issued % kResponses;
  if (m->told != NULL) write_tell_address(m, beats, slot);
  m->seg_addr += beats << m->beat_shift;
  m->seg_left -= beats;
  m->seg_begun = m->seg_left != 0;
  m->b_beats[slot] = (uint8_t)beats;
  m->b_last[slot] = !m->seg_begun && s->last;
  if (m->told != NULL) m->told->addressed += m->b_last[slot];
  if (m->b_issued == m->b_data) m->data_beats = beats;
  if (m->b_issued == m->b_written) m->mem_beats = beats;
  m->b_issued++;
  stop_at(m, write_room_cycle(m));
  if (!m->seg_begun) {
    m->ds_head = (m->ds_head + 1) % kDescs;
    m->ds_n--;
  }
}

/* Words of the oldest burst with data to send, at most as many as it lacks, leave for the bus. */
static inline void write_data(struct machine *m, uint32_t words) {
  m->data_beats -= words;
  if (m->data_beats == 0 && ++m->b_data != m->b_issued) m->data_beats = m->b_beats[m->b_data % kResponses];
}

/* The owner says when the response comes: behind the one before, and not before the cycle under way, where many pass at
 * once because responses have been slow so far. */
static inline void write_tell_data(struct machine *m, uint32_t slot, uint64_t now) {
  struct told *told = m->told;
  const uint64_t before = m->b_written != m->b_done ? m->b_due[(m->b_written - 1) % kResponses] + 1 : 0;
  m->latency = told->hooks.write(told->hooks.arg, &told->store[m->stores_written % kStoreRing], told->burst_addr[slot],
                                 m->b_beats[slot]);
  const uint64_t due = later(later(before, m->t), now + m->latency);
  m->latency = (uint32_t)(due - now);
}

/* The memory takes data of its oldest burst, at most as many beats as it lacks; the last in cycle `now`. */
static inline void write_memory(struct machine *m, uint32_t beats, uint64_t now) {
  m->mem_beats -= beats;
  if (m->mem_beats != 0) return;
  const uint32_t slot = m->b_written % kResponses;
  if (m->told != NULL) write_tell_data(m, slot, now);
  const uint64_t due = now + m->latency;
  m->b_due[slot] = due;
  if (++m->b_written != m->b_issued) m->mem_beats = m->b_beats[m->b_written % kResponses];
  if (m->b_last[slot]) {
    m->store_due[m->stores_written++ % kResponses] = due;
    event_at(m, due);
  }
  if (m->b_issued - m->b_done >= kResponses) stop_at(m, due);
}

/* The response that completes a STORE. */
static inline uint64_t write_response_cycle(const struct machine *m) {
  return m->stores_written == m->stores_done ? kNever : m->store_due[m->stores_done % kResponses];
}

/* A response in cycle `now`: counts the STORE and logs the layer in the cycle after it. */
static inline void write_response(struct machine *m, uint64_t now) {
  while (!m->b_last[m->b_done++ % kResponses]) {
  }
  const struct store_cmd *s = store_at(m, m->stores_done++);
  count_done(m, kStore);
  if (m->told != NULL)
    m->told->hooks.stored(m->told->hooks.arg, &m->told->store[(m->stores_done - 1) % kStoreRing], now + 1);
  if (!s->layer_last) return;
  struct tetra_timing_layer *layer = &m->out->layers[s->layer];
  layer->completion = now + 1;
  layer->cycles = layer->completion - m->completed;
  m->completed = layer->completion;
}

#endif
