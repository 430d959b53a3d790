/* What flows between beginnings and ends of commands: read beats, rows, words and write beats. `flow_cycle` is one
 * cycle of it; the others pass many cycles at once that are like each other. */
#ifndef TETRA_MODEL_FLOW_H
#define TETRA_MODEL_FLOW_H

#include "timing/skip/backlog.h"
#include "timing/engines/drain.h"
#include "timing/engines/dram.h"
#include "timing/skip/stream.h"
#include "timing/skip/walk.h"
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
  const struct tetra_grant g = tetra_bucket_grant(&m->bucket, m->beat, read, m->w_valid);
  if (m->writing) flow_write_side(m, g.write);
  if (!g.read && !m->r_valid) return;
  m->r_valid = !dram_head(m)->fetch && !load_takes(m);
  if (!m->r_valid) dram_beats(m, 1, m->t);
}

/* Cycles from now on in which `beats` read beats come with nothing else on the bus, the last in the last of them. Where
 * the rate is below a beat a cycle: one a cycle while the bucket lasts, then as many as the rate pays for. */
static inline uint64_t flow_read_cycles(const struct machine *m, uint32_t beats, int32_t tokens) {
  if (m->bucket.rate >= m->beat) return beats;
  const int32_t unpaid = (int32_t)beats * m->beat - tokens;
  const uint32_t paid = unpaid <= 0 ? 0 : ((uint32_t)unpaid + (uint32_t)m->bucket.rate - 1) / (uint32_t)m->bucket.rate;
  return paid > beats ? paid : beats;
}

/* The read beats that come in as many cycles. */
static inline uint32_t flow_beats_in(const struct machine *m, uint32_t cycles, int32_t tokens) {
  if (m->bucket.rate >= m->beat) return cycles;
  const uint32_t paid = (uint32_t)(tokens + (int32_t)cycles * m->bucket.rate) >> m->beat_shift;
  return paid < cycles ? paid : cycles;
}

/* Read beats with nothing else on the bus, until something may begin or end. */
static inline void flow_read_beats(struct machine *m, uint64_t stop) {
  /* The bucket can overflow in the first cycle, where it is near its top, or in all of them alike. */
  const int32_t top = m->bucket.size - (m->bucket.rate < m->beat ? m->bucket.rate : m->beat);
  int32_t tokens = m->bucket.tokens;
  if (m->bucket.rate < m->beat && tokens > top) tokens = top;
  uint32_t beats = dram_calm_beats(m);
  uint64_t cycles = flow_read_cycles(m, beats, tokens);
  if (cycles > stop - m->t) {
    cycles = stop - m->t;
    beats = flow_beats_in(m, (uint32_t)cycles, tokens);
  }
  tokens += (int32_t)cycles * m->bucket.rate - (int32_t)beats * m->beat;
  m->bucket.tokens = m->bucket.rate >= m->beat && tokens > top ? top : tokens;
  m->t += cycles;
  if (beats != 0) dram_beats(m, beats, m->t - 1);
}

/* The write side rests. `plain`: a LOAD's next burst goes out in the cycle after this one. */
static inline void flow_reads(struct machine *m, int plain) {
  const uint64_t stop = plain ? m->t + 1 : m->stop;
  const int takes = m->r_head != m->r_tail && (dram_head(m)->fetch || load_takes(m));
  const uint64_t due = m->r_head == m->r_tail || (m->r_valid && !takes) ? kNever : dram_head(m)->due;
  if (due > m->t) {
    const uint64_t end = sooner(due, stop);
    dram_rest(m, end - m->t);
    m->t = end;
  } else if (takes && !m->r_valid) {
    flow_read_beats(m, stop);
  } else {
    flow_cycle(m);
    m->t++;
  }
}

/* The write side is at work; `plain` as above. */
static inline void flow_writes(struct machine *m, int plain) {
  struct calm c;
  if (calm_look(m, &c, plain)) {
    if (backlog_there(m) ? backlog_pass(m, &c) : (stream_there(m) && stream_pass(m, &c)) || walk_pass(m, &c)) return;
  }
  flow_cycle(m);
  m->t++;
}

/* From m->t to m->stop, which comes closer where something turns out to begin before, or until a command may. */
static inline void flow_pass(struct machine *m) {
  while (m->t < m->stop && !m->woken) {
    int plain = dram_load_plain(m);
    if (plain) {
      dram_request(m, load_issue(m), 0);
      plain = dram_load_plain(m);
      if (!plain && load_asks(m)) stop_at(m, m->t + 1);
    }
    if (m->writing) {
      flow_writes(m, plain);
    } else {
      flow_reads(m, plain);
    }
  }
}

#endif
