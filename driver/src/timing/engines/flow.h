/* One cycle of what flows between beginnings and ends of commands: read beats, rows, words and write beats. */
#ifndef TETRA_TIMING_FLOW_H
#define TETRA_TIMING_FLOW_H

#include "timing/engines/drain.h"
#include "timing/engines/dram.h"
#include "timing/engines/write.h"

/* The write side of a cycle: drain and write engine. `write`: the memory takes a beat. */
static inline void flow_write_side(struct machine *m, int write) {
  const int data = m->b_issued != m->b_data && m->words_out != 0 && (!m->w_valid || write);
  const int move = m->words != 0 && m->words_out + m->words_rd < kWordsOut;
  const int push = m->pipe & 1;
  const int row = drain_issues(m);
  const int take = m->store_ready && (!m->d_active || (row && drain_last_row(m)));
  const int address = write_asks(m);
  if (write) write_memory(m, 1, m->t);
  m->w_valid = (uint8_t)((m->w_valid & !write) | data);
  if (data) write_data(m, 1);
  if (address) write_address(m);
  m->words_out += m->words_rd - (uint32_t)data;
  m->words_rd = (uint32_t)move;
  m->words += (uint32_t)(push - move);
  drain_clock(m, row, take);
  m->writing = m->d_active || m->ds_n != 0 || m->b_issued != m->b_written;
}

/* One cycle. */
static inline void flow_cycle(struct machine *m) {
  const int read = m->r_head != m->r_tail && !m->r_valid && dram_head(m)->due <= m->t;
  const struct tetra_grant g = m->grants_given ? m->granted : tetra_bucket_grant(&m->bucket, m->beat, read, m->w_valid);
  if (m->writing) flow_write_side(m, g.write);
  if (!g.read && !m->r_valid) return;
  m->r_valid = !dram_head(m)->fetch && !load_takes(m);
  if (!m->r_valid) dram_beats(m, 1, m->t);
}

#endif
