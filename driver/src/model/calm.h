/* Calm flow with the write side at work: until one of a few counters runs out, nothing begins or ends, and rows, words
 * and beats move by the same few rules. The hardware's registers are then local variables. */
#ifndef TETRA_MODEL_CALM_H
#define TETRA_MODEL_CALM_H

#include "bits.h"
#include "drain.h"
#include "dram.h"
#include "write.h"

/* What may move in calm cycles. Of beats and words, with the last something begins or ends, so with it the calm does;
 * at least one may move. Rows: those before one with which a segment begins or ends. */
struct calm {
  uint32_t cycles, reads, writes, data, rows;
  uint32_t read, run, paired; /* beats come in; the drain runs; two rows make a word */
};

/* Rows until the next that is the first or the last of its segment. */
static inline uint32_t calm_rows(const struct machine *m, const struct store_cmd *s) {
  if (drain_starts_segment(m, s)) return 0;
  const uint32_t pixels = (m->d_pix < m->d_seg ? m->d_pix : m->d_seg) - 1;
  return s->bits4[m->d_out] && s->halves2 ? 2 * pixels - (pixels != 0 && m->d_half) : pixels;
}

/* Words until none has a burst. (A burst's last word is of no interest in itself.) */
static inline uint32_t calm_data(const struct machine *m) {
  const uint32_t next = m->b_data + 1;
  return m->data_beats + (next == m->b_issued ? 0 : m->b_beats[next % kResponses]);
}

/* Returns 0 where this cycle may not be calm. */
static inline int calm_look(struct machine *m, struct calm *c) {
  if (write_asks(m) || m->b_issued == m->b_data || (m->d_active ? !m->d_run : m->store_ready)) return 0;
  uint64_t cycles = m->stop - m->t;
  *c = (struct calm){.reads = 1, .writes = m->mem_beats, .data = calm_data(m), .run = m->d_run};
  if (m->r_head != m->r_tail && !m->r_valid) {
    const struct mem_read *r = dram_head(m);
    if (!r->fetch && !load_takes(m)) return 0;
    c->read = r->due <= m->t;
    c->reads = dram_calm_beats(m);
    if (!c->read) cycles = sooner(cycles, r->due - m->t);
  } else if (m->r_valid && load_takes(m)) {
    return 0;
  }
  if (m->d_run) {
    const struct store_cmd *s = drain_cmd(m);
    if (s->residual && m->pack_busy) return 0;
    c->rows = calm_rows(m, s);
    c->paired = s->bits4[m->d_out] && s->halves2;
  }
  c->cycles = cycles < kPage ? (uint32_t)cycles : kPage;
  return 1;
}

/* So much has moved. */
static inline void calm_moved(struct machine *m, const struct calm *moved, int paired) {
  m->t += moved->cycles;
  if (moved->data < m->data_beats) {
    m->data_beats -= moved->data;
  } else {
    const uint32_t more = moved->data - m->data_beats;
    write_data(m, m->data_beats);
    if (more != 0) write_data(m, more);
  }
  if (moved->writes != 0) write_memory(m, moved->writes, m->t - 1);
  if (moved->reads != 0) dram_beats(m, moved->reads, m->t - 1);
  const uint32_t halves = m->d_half + moved->rows, pixels = paired ? halves >> 1 : moved->rows;
  if (paired) m->d_half = halves & 1;
  m->d_pix -= pixels;
  m->d_seg -= pixels;
}

#endif
