/* Jumps through steady flow: while nothing begins or ends, rows leave the accumulators, words move to the bus and beats
 * come in from it in a pattern that repeats after a few cycles. Once the control state is what it was `period` cycles
 * ago, whole periods pass at once, as many as keep every counter short of its end. */
#ifndef TETRA_MODEL_FLOW_H
#define TETRA_MODEL_FLOW_H

#include "drain.h"
#include "load.h"

/* Longest period looked for, a power of two, and the cycles in which it is: it would have shown by then. (Where the
 * word FIFO is full and empties at half the rate at which it fills, rows come and stop in turns of about 30 cycles.) */
enum { kPeriods = 4, kLookFor = 12 };

/* The control state that decides what moves, and the counters that only count. */
struct flow_state {
  uint64_t control;
  int64_t tokens;
  uint32_t words, pixels, word_beat, write_beats, read_beats;
};

struct flow_history {
  uint32_t n; /* cycles of undisturbed flow so far */
  struct flow_state at[kPeriods];
};

static inline struct flow_state flow_look(const struct machine *m) {
  struct flow_state f;
  f.control = (uint64_t)m->pipe_any | (uint64_t)m->pipe_word << 8 | (uint64_t)m->words_rd << 16 |
              (uint64_t)m->words_out << 20 | (uint64_t)m->w_valid << 24 | (uint64_t)m->write_turn << 25 |
              (uint64_t)m->r_valid << 26 | (uint64_t)m->d_half << 27 | (uint64_t)m->d_run << 28;
  f.tokens = m->tokens;
  f.words = m->words;
  f.pixels = m->d_pix;
  f.word_beat = m->w_beat;
  f.write_beats = m->n_writes != 0 ? m->writes[m->writes_head] : 0;
  f.read_beats = m->n_reads != 0 ? m->reads[m->reads_head].beats : 0;
  return f;
}

static inline uint64_t flow_limit(uint64_t periods, uint64_t room, uint64_t each) {
  if (each == 0) return periods;
  const uint64_t most = room / each;
  return most < periods ? most : periods;
}

/* Periods for which every comparison of the bucket with a beat or two comes out as in the last one. Where the bucket's
 * level changes, that is known only while it neither overflows nor falls below two beats, then or later. */
static inline uint64_t flow_token_limit(const struct machine *m, int64_t before, uint32_t period) {
  const int64_t change = m->tokens - before, gain = m->rate * period;
  const int64_t each = change < 0 ? -change : change;
  if (each == 0) return UINT64_MAX;
  const int64_t enough = ((int64_t)2 << m->beat_shift) * (period + 1);
  if (before < enough || before + gain > m->bucket) return 0;
  const int64_t room = change < 0 ? m->tokens - enough : m->bucket - m->tokens - gain;
  return room <= 0 ? 0 : (uint64_t)(room / each);
}

/* The same for the words: some or none, room for a row or not. */
static inline uint64_t flow_word_limit(const struct machine *m, int32_t change, uint32_t period) {
  if (change == 0) return UINT64_MAX;
  const int32_t words = (int32_t)m->words, full = kWords - kDrainMargin;
  if (words <= full) {
    const int32_t room = (change > 0 ? full - words : words - 1) - (int32_t)period;
    const int inside = words > (int32_t)period && words + (int32_t)period <= full;
    return inside ? (uint64_t)(room / (change > 0 ? change : -change)) : 0;
  }
  const int32_t room = words - full - 1 - (int32_t)period;
  return change > 0 || room <= 0 ? 0 : (uint64_t)(room / -change);
}

/* Read beats that may come before the burst ends, the command ends, or there is room in flight for another burst. */
static inline uint32_t flow_read_room(const struct machine *m) {
  uint32_t room = m->reads[m->reads_head].beats - 1;
  if (m->l_left - 1 < room) room = m->l_left - 1;
  if (m->l_active && m->l_flight + m->l_burst > kLoadBeats) {
    const uint32_t wait = m->l_flight + m->l_burst - kLoadBeats - 1;
    if (wait < room) room = wait;
  }
  return room;
}

static inline void flow_skip(struct machine *m, const struct flow_state *f, const struct flow_state *before,
                             uint64_t periods) {
  const uint32_t k = (uint32_t)periods, rows = (before->pixels - f->pixels) * k;
  const uint32_t reads = (before->read_beats - f->read_beats) * k;
  m->tokens += (f->tokens - before->tokens) * (int64_t)periods;
  m->words += (f->words - before->words) * k;
  m->d_pix -= rows;
  m->d_seg -= rows;
  m->w_beat += (f->word_beat - before->word_beat) * k;
  if (m->n_writes != 0) m->writes[m->writes_head] -= (uint8_t)((before->write_beats - f->write_beats) * k);
  if (reads != 0) {
    m->reads[m->reads_head].beats -= reads;
    m->l_left -= reads;
    m->l_flight -= reads;
  }
}

/* Periods that may pass until cycle `event`. */
static inline uint64_t flow_periods(const struct machine *m, const struct flow_state *f,
                                    const struct flow_state *before, uint64_t event, uint32_t period) {
  if (event <= m->t || load_asks(m)) return 0;
  uint64_t n = (event - m->t) / period;
  const uint32_t rows = before->pixels - f->pixels, reads = before->read_beats - f->read_beats;
  if (rows != 0) n = flow_limit(n, (m->d_pix < m->d_seg ? m->d_pix : m->d_seg) - 1, rows);
  if (f->word_beat != before->word_beat) {
    n = flow_limit(n, m->len[m->len_head] - 1u - f->word_beat, f->word_beat - before->word_beat);
  }
  if (f->write_beats != before->write_beats)
    n = flow_limit(n, f->write_beats - 1, before->write_beats - f->write_beats);
  if (reads != 0) n = flow_limit(n, flow_read_room(m), reads);
  const uint64_t tokens = flow_token_limit(m, before->tokens, period);
  const uint64_t words = flow_word_limit(m, (int32_t)(f->words - before->words), period);
  if (tokens < n) n = tokens;
  return words < n ? words : n;
}

/* Jumps if the control state is that of `period` cycles ago; else remembers it. Returns whether it jumped. */
static inline int flow_jump(struct machine *m, struct flow_history *h, uint64_t event) {
  const struct flow_state f = flow_look(m);
  const uint32_t seen = h->n < kPeriods ? h->n : kPeriods;
  for (uint32_t period = 1; period <= seen; period++) {
    const struct flow_state *before = &h->at[(h->n - period) % kPeriods];
    if (before->control != f.control) continue;
    const uint64_t periods = flow_periods(m, &f, before, event, period);
    if (periods == 0) continue;
    flow_skip(m, &f, before, periods);
    m->t += periods * period;
    h->n = 0;
    return 1;
  }
  h->at[h->n++ % kPeriods] = f;
  return 0;
}

/* One cycle in which nothing begins or ends; returns 0, and nothing has moved, where something would. `reads`,
 * `writes`: whether the memory has a burst for either. */
static inline int flow_cycle(struct machine *m, int reads, int writes) {
  const int64_t beat = (int64_t)1 << m->beat_shift;
  const int64_t more = m->tokens + m->rate, tokens = more < m->bucket ? more : m->bucket;
  int read = reads, write = writes && m->w_valid, turn = m->write_turn;
  if (tokens < beat) {
    read = write = 0;
  } else if (read && write && tokens < 2 * beat) {
    read = !turn;
    write = turn;
    turn = !turn;
  }
  const int data = m->len_n != 0 && m->words_out != 0 && (!m->w_valid || write);
  const int row = drain_issues(m);
  if (load_asks(m) || (read && (m->reads[m->reads_head].beats == 1 || m->l_left == 1)) ||
      (write && m->writes[m->writes_head] == 1) || (data && m->w_beat + 1 == m->len[m->len_head]) ||
      drain_turns(m, row)) {
    return 0;
  }
  const int move = m->words != 0 && m->words_out + m->words_rd < kWordsOut, push = m->pipe_word >> kRequant & 1;
  m->tokens = tokens - (read + write) * beat;
  m->write_turn = (uint8_t)turn;
  if (read) {
    m->reads[m->reads_head].beats--;
    m->l_left--;
    m->l_flight--;
  }
  if (write) m->writes[m->writes_head]--;
  m->w_beat += (uint32_t)data;
  m->w_valid = (uint8_t)((m->w_valid && !write) || data);
  m->words_out += m->words_rd - (uint32_t)data;
  m->words_rd = (uint32_t)move;
  m->words += (uint32_t)push - (uint32_t)move;
  drain_clock(m, row, 0);
  m->t++;
  return 1;
}

/* After a cycle of undisturbed flow: passes the cycles that follow and are like it, short of cycle `event`. */
static inline void flow_pass(struct machine *m, uint64_t event) {
  struct flow_history h;
  const int reads = m->n_reads != 0 && !m->r_valid && m->reads[m->reads_head].due < m->t;
  const int writes = m->n_writes != 0 && m->n_resps < kMemResponses;
  if (reads && (m->reads[m->reads_head].fetch || !load_takes(m))) return;
  h.n = 0;
  while (m->t < event && ((h.n < kLookFor && flow_jump(m, &h, event)) || flow_cycle(m, reads, writes))) {
  }
}

#endif
