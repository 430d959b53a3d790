/* Drain sequencer and requantizer pipeline (rtl/output/tetra_drain.sv). */
#ifndef TETRA_TIMING_DRAIN_H
#define TETRA_TIMING_DRAIN_H

#include "timing/engines/idle.h"
#include "timing/engines/load.h"
#include "timing/engines/machine.h"

static inline struct store_cmd *drain_cmd(struct machine *m) { return store_at(m, m->s_popped - 1); }

/* Begins an output: pixel 0 of half 0. */
static inline void drain_begin(struct machine *m, const struct store_cmd *s, int out) {
  m->d_out = (uint8_t)out;
  m->d_half = 0;
  m->d_pix = s->pixels;
  m->d_seg = s->seg;
  m->d_addr = m->d_half_addr = s->addr[out];
}

/* A descriptor goes with the row that is about to be issued. */
static inline int drain_starts_segment(const struct machine *m, const struct store_cmd *s) {
  return (s->pool_beats != 0 ? m->d_pix == s->pixels : m->d_seg == s->seg) && (!s->bits4[m->d_out] || !m->d_half);
}

static inline int drain_issues(struct machine *m) {
  if (!m->d_run || m->d_rest != 0 || m->words > kWords - kDrainMargin) return 0;
  const struct store_cmd *s = drain_cmd(m);
  if (m->ds_n == kDescs && drain_starts_segment(m, s)) return 0;
  return !(s->residual && m->pack_busy && load_pack_reads(m));
}

static inline int drain_last_row(struct machine *m) {
  const struct store_cmd *s = drain_cmd(m);
  return m->d_pix == 1 && (m->d_half || !s->halves2) && (m->d_out || !s->two_out);
}

static inline void drain_push_segment(struct machine *m, const struct store_cmd *s) {
  const int last_half = m->d_half || !s->halves2;
  const uint32_t pool = s->pool_beats;
  const int ends = pool != 0 || m->d_pix <= s->seg;
  m->ds[(m->ds_head + m->ds_n++) % kDescs] =
      (struct segment){m->d_addr,
                       (uint16_t)(pool != 0 ? pool
                                  : ends    ? m->d_pix
                                            : s->seg),
                       (uint8_t)((m->d_out || !s->two_out) && (s->bits4[m->d_out] || last_half) && ends)};
}

static inline void drain_next_pixel(struct machine *m, const struct store_cmd *s) {
  m->d_pix--;
  if (--m->d_seg == 0) {
    m->d_seg = s->seg;
    m->d_addr += s->seg_stride;
  }
}

/* The row of pixels that passes the pool lets words out where windows end. */
static inline int drain_pool_row_emits(const struct machine *m, const struct store_cmd *s) {
  return m->p_odd_y ? s->pool_end && m->d_pix <= s->seg : !(m->p_first_row && s->pool_top);
}

/* A word reaches the pool: does one leave it? (rtl/output/tetra_pool_seq.sv) */
static inline int drain_pool(struct machine *m, const struct store_cmd *s) {
  const int row_end = m->d_seg == 1, section_end = m->d_pix == 1;
  const int closes = m->p_odd_x ? row_end : !m->p_first_col;
  const int emits = closes && drain_pool_row_emits(m, s);
  m->p_first_col = (uint8_t)row_end;
  m->p_odd_x = row_end ? s->pool_pad_x : !m->p_odd_x;
  if (row_end) {
    m->p_first_row = (uint8_t)section_end;
    m->p_odd_y = section_end ? s->pool_odd_y : !m->p_odd_y;
  }
  return emits;
}

/* Moves on after a row. Returns whether it completed a word that goes to the write engine. */
static inline int drain_row(struct machine *m) {
  const struct store_cmd *s = drain_cmd(m);
  const int bits4 = s->bits4[m->d_out], last_half = m->d_half || !s->halves2, last_pix = m->d_pix == 1;
  int word = !bits4 || last_half;
  if (drain_starts_segment(m, s)) drain_push_segment(m, s);
  if (word && s->pool_beats != 0) word = drain_pool(m, s);
  if (last_pix && last_half) {
    if (m->d_out || !s->two_out) {
      count_idle(m, m->t + 1);
      m->d_active = m->d_run = 0;
      count_done(m, kDrain);
    } else {
      drain_begin(m, s, 1);
    }
  } else if (bits4) {
    if (last_half) drain_next_pixel(m, s);
    m->d_half = (uint8_t)!last_half;
  } else if (last_pix) {
    m->d_half = 1;
    m->d_pix = s->pixels;
    m->d_seg = s->seg;
    m->d_addr = m->d_half_addr + s->half_stride[m->d_out];
  } else {
    drain_next_pixel(m, s);
  }
  return word;
}

/* The clock edge, before the write engine's. `row`: one is issued; `take`: the next command is taken. */
static inline void drain_clock(struct machine *m, int row, int take) {
  int word = 0;
  if (m->d_active && !m->d_run) {
    m->d_run = 1;
    drain_begin(m, drain_cmd(m), 0);
    m->p_first_col = m->p_first_row = 1;
    m->p_odd_x = drain_cmd(m)->pool_pad_x;
    m->p_odd_y = drain_cmd(m)->pool_odd_y;
  }
  m->d_rest = (uint8_t)(row ? tetra_row_cycles(m->n) - 1 : m->d_rest - (uint32_t)(m->d_rest != 0));
  if (row) word = drain_row(m);
  if (take) {
    m->d_active = 1;
    if (m->told != NULL) m->told->hooks.store(m->told->hooks.arg, &m->told->store[m->s_popped % kStoreRing]);
    m->s_popped++;
    m->store_ready = 0;
    m->woken = 1;
  }
  m->pipe = (m->pipe | (uint32_t)word << kRequant) >> 1;
}

#endif
