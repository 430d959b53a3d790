/* Load engine (rtl/tetra_load.sv, tetra_pack.sv). */
#ifndef TETRA_MODEL_LOAD_H
#define TETRA_MODEL_LOAD_H

#include "machine.h"

static inline int load_asks(const struct machine *m) {
  return m->l_active && m->l_bursts < kLoadBursts && m->l_flight + m->l_burst <= kLoadBeats;
}

/* The address side hands its next command to the data side. */
static inline int load_begins(const struct machine *m) {
  return m->l_pushed != m->l_popped && !m->l_active && m->l_begun - m->l_done < kDataQueue &&
         !waiting(m, &m->p->loads[m->l_popped].waits);
}

/* The data side's oldest command is a LOAD: it takes what arrives. */
static inline int load_takes(const struct machine *m) {
  return m->l_begun != m->l_done && m->p->loads[m->l_done].window == 0;
}

static inline void load_set_burst(struct machine *m) { m->l_burst = burst_beats(m, m->l_addr, m->l_beats); }

static inline void load_issue(struct machine *m) {
  const struct load_cmd *c = &m->p->loads[m->l_popped];
  m->l_flight += m->l_burst;
  m->l_bursts++;
  m->l_addr += m->l_burst << m->beat_shift;
  m->l_beats -= m->l_burst;
  if (m->l_beats == 0) {
    m->l_beats = c->beats;
    m->l_row_addr += c->stride;
    m->l_addr = m->l_row_addr;
    if (--m->l_rows == 0) {
      m->l_active = 0;
      m->l_popped++;
      m->woken = 1;
      m->fetch_stuck = 0;
    }
  }
  load_set_burst(m);
}

static inline void load_begin(struct machine *m) {
  const struct load_cmd *c = &m->p->loads[m->l_popped];
  if (m->l_begun == m->l_done) m->l_left = c->total;
  m->l_begun++;
  if (c->window != 0) {
    m->l_popped++;
    m->woken = 1;
    m->fetch_stuck = 0;
    return;
  }
  m->l_active = 1;
  m->l_beats = c->beats;
  m->l_rows = c->rows;
  m->l_addr = m->l_row_addr = c->addr;
  load_set_burst(m);
}

static inline void load_complete(struct machine *m) {
  m->l_done++;
  m->l_left = m->l_begun != m->l_done ? m->p->loads[m->l_done].total : 0;
  m->done[kLoad]++;
  m->woken = 1;
}

/* PACK: its start, and its end `kPackTail` cycles after the last window request. */
static inline int load_pack(struct machine *m) {
  if (m->pack_busy) {
    if (m->t != m->pack_start + m->p->loads[m->l_done].total + kPackTail) return 0;
    m->pack_busy = 0;
    load_complete(m);
    return 1;
  }
  if (m->l_begun == m->l_done || m->p->loads[m->l_done].window == 0) return 0;
  m->pack_busy = 1;
  m->pack_start = m->t;
  return 1;
}

/* The clock edge. beat: a beat was taken, `last` of its burst. Returns whether anything but a plain beat happened. */
static inline int load_clock(struct machine *m, int issue, int begin, int beat, int last) {
  int changed = issue | begin | last;
  if (beat) {
    m->l_flight--;
    if (last) m->l_bursts--;
    if (--m->l_left == 0) {
      load_complete(m);
      changed = 1;
    }
  } else {
    changed |= load_pack(m);
  }
  if (issue) load_issue(m);
  if (begin) load_begin(m);
  return changed;
}

#endif
