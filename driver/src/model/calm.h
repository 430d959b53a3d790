/* Calm flow with the write side at work: until one of a few counters runs out, nothing begins or ends, and rows, words
 * and beats move by the same few rules. The hardware's registers are then local variables. */
#ifndef TETRA_MODEL_CALM_H
#define TETRA_MODEL_CALM_H

#include "bits.h"
#include "drain.h"
#include "dram.h"
#include "write.h"

/* What may move in calm cycles before one that is not: the last beat of a burst and the first row of a segment, for
 * example, are not calm. */
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

/* Returns 0 where this cycle may not be calm. */
static inline int calm_look(struct machine *m, struct calm *c) {
  if (write_asks(m) || m->b_issued == m->b_data || (m->d_active ? !m->d_run : m->store_ready)) return 0;
  uint64_t cycles = m->stop - m->t;
  *c = (struct calm){.writes = m->mem_beats - 1, .data = m->data_beats - 1, .run = m->d_run};
  if (m->r_head != m->r_tail && !m->r_valid) {
    const struct mem_read *r = dram_head(m);
    if (!r->fetch && !load_takes(m)) return 0;
    c->read = r->due <= m->t;
    c->reads = dram_calm_beats(m) - 1;
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
  m->mem_beats -= moved->writes;
  m->data_beats -= moved->data;
  if (moved->reads != 0) dram_beats(m, moved->reads, m->t - 1);
  const uint32_t halves = m->d_half + moved->rows, pixels = paired ? halves >> 1 : moved->rows;
  if (paired) m->d_half = halves & 1;
  m->d_pix -= pixels;
  m->d_seg -= pixels;
}

#endif
