/* Drain sequencer and requantizer pipeline (rtl/tetra_drain.sv). */
#ifndef TETRA_MODEL_DRAIN_H
#define TETRA_MODEL_DRAIN_H

#include "machine.h"

enum { kPipeMask = (2u << kRequant) - 1 };

static inline const struct store_cmd *drain_cmd(const struct machine *m) { return &m->p->stores[m->s_popped - 1]; }

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
  return m->d_seg == s->seg && (!s->bits4[m->d_out] || !m->d_half);
}

static inline int drain_issues(const struct machine *m) {
  if (!m->d_run || kWords - m->words < kDrainMargin) return 0;
  const struct store_cmd *s = drain_cmd(m);
  if (m->ds_n == kDescs && drain_starts_segment(m, s)) return 0;
  return !(s->residual && pack_reads(m));
}

static inline int drain_last_row(const struct machine *m) {
  const struct store_cmd *s = drain_cmd(m);
  return m->d_pix == 1 && (m->d_half || !s->halves2) && (m->d_out || !s->two_out);
}

/* A command is there that does not wait. */
static inline int drain_has_next(const struct machine *m) {
  return m->s_pushed != m->s_popped && !waiting(m, &m->p->stores[m->s_popped].waits);
}

static inline void drain_push_segment(struct machine *m, const struct store_cmd *s) {
  const int last_half = m->d_half || !s->halves2, ends = m->d_pix <= s->seg;
  m->ds[(m->ds_head + m->ds_n++) % kDescs] =
      (struct segment){m->d_addr, (uint16_t)(ends ? m->d_pix : s->seg),
                       (uint8_t)((m->d_out || !s->two_out) && (s->bits4[m->d_out] || last_half) && ends)};
}

static inline void drain_next_pixel(struct machine *m, const struct store_cmd *s) {
  m->d_pix--;
  if (--m->d_seg == 0) {
    m->d_seg = s->seg;
    m->d_addr += s->seg_stride;
  }
}

/* Moves on after a row. Returns whether it completed a word. */
static inline int drain_row(struct machine *m) {
  const struct store_cmd *s = drain_cmd(m);
  const int bits4 = s->bits4[m->d_out], last_half = m->d_half || !s->halves2, last_pix = m->d_pix == 1;
  if (drain_starts_segment(m, s)) drain_push_segment(m, s);
  if (last_pix && last_half) {
    if (m->d_out || !s->two_out) {
      m->d_active = m->d_run = 0;
      m->done[kDrain]++;
      m->woken = 1;
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
  return !bits4 || last_half;
}

/* This cycle is not one in the middle of a segment, after which all goes on as it is. `row`: a row is issued. */
static inline int drain_turns(const struct machine *m, int row) {
  if (!m->d_active) return 0;
  const struct store_cmd *s = drain_cmd(m);
  if (!m->d_run || (s->residual && m->pack_busy)) return 1;
  return row && (m->d_pix == 1 || m->d_seg == 1 || drain_starts_segment(m, s));
}

/* The clock edge, before the write engine's. */
static inline void drain_clock(struct machine *m, int issue, int take) {
  int word = 0;
  if (m->d_active && !m->d_run) {
    m->d_run = 1;
    drain_begin(m, drain_cmd(m), 0);
  }
  if (issue) word = drain_row(m);
  if (take) {
    m->d_active = 1;
    m->s_popped++;
    m->fetch_stuck = 0;
  }
  m->pipe_any = (m->pipe_any | (uint32_t)issue) << 1 & kPipeMask;
  m->pipe_word = (m->pipe_word | (uint32_t)word) << 1 & kPipeMask;
}

/* Rows between the accumulators and the write engine's FIFO. */
static inline int drain_in_flight(const struct machine *m) {
  return (m->pipe_any & ((1u << kRequant) - 1)) != 0 || (m->pipe_word >> kRequant & 1);
}

#endif
