/* Calm flow with the write side at work: until one of a few counters runs out, nothing begins or ends, and rows, words
 * and beats move by the same few rules. The hardware's registers are then local variables. */
#ifndef TETRA_MODEL_CALM_H
#define TETRA_MODEL_CALM_H

#include "timing/skip/bits.h"
#include "timing/engines/drain.h"
#include "timing/engines/dram.h"
#include "timing/engines/write.h"

/* Cycles of a backlog that are looked at at once: a word's bits. */
enum { kBacklogMost = 64 };

/* What may move in calm cycles. Of beats and words, with the last something begins or ends, so with it the calm does;
 * at least one may move. Rows: those before one with which a segment begins or ends. */
struct calm {
  uint32_t cycles, reads, writes, data, rows;
  uint32_t ended;             /* moved: cycles before the one in which the memory's burst ended, if it did */
  uint32_t read, run, paired; /* beats come in; the drain runs; two rows make a word */
  uint64_t words;             /* rows from now on, by bit, that let a word out; repeats every four */
};

/* Rows until the next that is the first or the last of its segment. */
static inline uint32_t calm_rows(const struct machine *m, const struct store_cmd *s) {
  if (drain_starts_segment(m, s) || (s->pool_beats != 0 && m->p_first_col)) return 0;
  const uint32_t pixels = (m->d_pix < m->d_seg ? m->d_pix : m->d_seg) - 1;
  return s->bits4[m->d_out] && s->halves2 ? 2 * pixels - (pixels != 0 && m->d_half) : pixels;
}

/* Which of them let a word out: all, or every second half; with a pool those that close a window, in every second row
 * of pixels (drain_pool, within a row of pixels). */
static inline uint64_t calm_words(const struct machine *m, const struct store_cmd *s, int paired) {
  const uint64_t all = UINT64_MAX, second = all / 3, fourth = all / 15; /* the first of two, of four */
  if (s->pool_beats == 0) return !paired ? all : m->d_half ? second : second << 1;
  if (!drain_pool_row_emits(m, s)) return 0;
  return paired ? fourth << (2 * m->p_odd_x + !m->d_half) : second << m->p_odd_x;
}

/* Burst addresses that are about to go out one a cycle, with no response to wait for, go out at once: their words come
 * later than that in any case, and a descriptor less is no news while there is room for one a cycle. */
static inline void calm_addresses(struct machine *m) {
  if (m->b_issued == m->b_data && m->words_out != 0) return;
  for (uint32_t k = m->ds_n; k < kDescs && write_asks(m); k++) write_address(m);
}

/* Words until there is no burst for one. (A burst's last word is of no interest in itself.) */
static inline uint32_t calm_data(const struct machine *m) {
  const uint32_t next = m->b_data + 1;
  return m->data_beats + (next == m->b_issued ? 0 : m->b_beats[next % kResponses]);
}

/* Write beats of the burst after the memory's: they may move with those, in at most kBacklogMost cycles after its end,
 * where nothing follows from that end before those are over. */
static inline uint32_t calm_more_writes(const struct machine *m) {
  const uint32_t next = m->b_written + 1;
  return next == m->b_issued || m->latency < kBacklogMost ? 0 : m->b_beats[next % kResponses];
}

/* The read side. Returns 0 where this cycle may not be calm. */
static inline int calm_look_reads(struct machine *m, struct calm *c) {
  c->reads = 1;
  if (m->r_head == m->r_tail) return 1;
  const struct mem_read *r = dram_head(m);
  const int takes = r->fetch || load_takes(m);
  if (m->r_valid || !takes) return m->r_valid && !takes;
  c->read = r->due <= m->t;
  c->reads = dram_calm_beats(m);
  if (!c->read && r->due - m->t < c->cycles) c->cycles = (uint32_t)(r->due - m->t);
  return 1;
}

/* The drain, likewise. */
static inline int calm_look_drain(struct machine *m, struct calm *c) {
  c->run = m->d_run;
  if (!m->d_run) return !m->d_active && !m->store_ready;
  const struct store_cmd *s = drain_cmd(m);
  c->rows = calm_rows(m, s);
  c->paired = s->bits4[m->d_out] && s->halves2;
  c->words = calm_words(m, s, (int)c->paired);
  return (c->rows != 0 || m->words > kWords - kDrainMargin) && !(s->residual && m->pack_busy);
}

/* Nothing is on its way from the requantizer to the bus. */
static inline int calm_silent(const struct machine *m) {
  return m->pipe == 0 && m->words == 0 && m->words_rd == 0 && m->words_out == 0 && !m->w_valid;
}

/* Returns 0 where this cycle may not be calm. `plain`: a LOAD's next burst goes out in the one after it. */
static inline int calm_look(struct machine *m, struct calm *c, int plain) {
  if (write_asks(m)) calm_addresses(m);
  const int ended = m->b_issued == m->b_data;
  if (write_asks(m) || (ended && !calm_silent(m))) return 0;
  const uint64_t cycles = plain ? 1 : m->stop - m->t;
  *c = (struct calm){.cycles = cycles < kMostCycles ? (uint32_t)cycles : kMostCycles};
  c->writes = ended ? 1 : m->mem_beats;
  c->data = ended ? 1 : calm_data(m);
  if (!calm_look_drain(m, c) || !calm_look_reads(m, c)) return 0;
  /* Without a burst for words there may be rows of which the pool lets out none. */
  return !ended || (c->run && c->words == 0);
}

/* So much has moved. */
static inline void calm_moved(struct machine *m, const struct calm *moved, int paired) {
  const uint64_t begin = m->t;
  m->t += moved->cycles;
  if (moved->data < m->data_beats) {
    m->data_beats -= moved->data;
  } else if (moved->data != 0) {
    const uint32_t more = moved->data - m->data_beats;
    write_data(m, m->data_beats);
    if (more != 0) write_data(m, more);
  }
  if (moved->writes > m->mem_beats) {
    const uint32_t more = moved->writes - m->mem_beats;
    write_memory(m, m->mem_beats, begin + moved->ended);
    write_memory(m, more, m->t - 1);
  } else if (moved->writes != 0) {
    write_memory(m, moved->writes, begin + moved->ended);
  }
  if (moved->reads != 0) dram_beats(m, moved->reads, m->t - 1);
  const uint32_t halves = m->d_half + moved->rows, pixels = paired ? halves >> 1 : moved->rows;
  if (paired) m->d_half = halves & 1;
  m->p_odd_x ^= pixels & 1;
  m->d_pix -= pixels;
  m->d_seg -= pixels;
}

#endif
