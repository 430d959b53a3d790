/* Memory and the read address register: what moves on the bus in this cycle. Follows sim/memory.h. */
#ifndef TETRA_MODEL_DRAM_H
#define TETRA_MODEL_DRAM_H

#include "machine.h"

/* What the memory offers in this cycle. */
struct bus {
  uint8_t ar_ready, aw_ready, w_ready, b_valid;
};

static inline struct bus dram_offer(struct machine *m) {
  const int64_t beat = (int64_t)1 << m->beat_shift;
  struct bus b = {m->n_reads < kMemReads, m->n_writes < kMemWrites, 0, 0};
  m->tokens += m->rate;
  if (m->tokens > m->bucket) m->tokens = m->bucket;
  int read = !m->r_valid && m->n_reads != 0 && m->reads[m->reads_head].due <= m->t;
  int write = m->w_valid && m->n_writes != 0 && m->n_resps < kMemResponses;
  if (m->tokens < beat) {
    read = write = 0;
  } else if (read && write && m->tokens < 2 * beat) {
    if (m->write_turn) {
      read = 0;
    } else {
      write = 0;
    }
    m->write_turn = !m->write_turn;
  }
  if (read) m->r_valid = 1;
  if (read) m->tokens -= beat;
  if (write) m->tokens -= beat;
  b.w_ready = (uint8_t)write;
  b.b_valid = m->n_resps != 0 && m->resps[m->resps_head] <= m->t;
  return b;
}

/* A read beat was taken; was it its burst's last? */
static inline int dram_take_read(struct machine *m) {
  m->r_valid = 0;
  if (--m->reads[m->reads_head].beats != 0) return 0;
  m->reads_head = (m->reads_head + 1) % kMemReads;
  m->n_reads--;
  return 1;
}

static inline void dram_take_write(struct machine *m) {
  if (--m->writes[m->writes_head] != 0) return;
  m->resps[(m->resps_head + m->n_resps++) % kMemResponses] = m->t + m->latency;
  m->writes_head = (m->writes_head + 1) % kMemWrites;
  m->n_writes--;
}

/* The address channels, after the data channels as in the memory. `beats`, `fetch`: what the register takes; 0: none.
 */
static inline void dram_addresses(struct machine *m, const struct bus *b, uint32_t beats, int fetch) {
  if (m->ar_valid && b->ar_ready) {
    m->reads[(m->reads_head + m->n_reads++) % kMemReads] =
        (struct mem_read){m->t + m->latency, m->ar_beats, m->ar_fetch};
    m->ar_valid = 0;
  }
  if (beats != 0) {
    m->ar_valid = 1;
    m->ar_beats = (uint8_t)beats;
    m->ar_fetch = (uint8_t)fetch;
  }
}

#endif
