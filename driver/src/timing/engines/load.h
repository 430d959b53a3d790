/* Load engine (rtl/memory/tetra_load.sv, tetra_pack.sv). */
#ifndef TETRA_TIMING_LOAD_H
#define TETRA_TIMING_LOAD_H

#include "timing/engines/idle.h"
#include "timing/engines/machine.h"

static inline int load_asks(const struct machine *m) {
  return m->l_active && m->l_bursts < kLoadBursts && m->l_flight + m->l_burst <= kLoadBeats;
}

/* The address side hands its next command to the data side. */
static inline int load_begins(struct machine *m) {
  return m->l_pushed != m->l_popped && !m->l_active && m->l_begun - m->l_done < kDataQueue &&
         !waiting(m, &load_at(m, m->l_popped)->waits);
}

/* The data side's oldest command is a LOAD: it takes what arrives. */
static inline int load_takes(const struct machine *m) { return !m->l_pack; }

static inline void load_set_burst(struct machine *m) { m->l_burst = burst_beats(m, m->l_addr, m->l_beats); }

/* The owner may stop it. */
static inline int load_tell(struct machine *m) {
  struct told *told = m->told;
  m->latency = told->hooks.read(told->hooks.arg, &told->load[m->l_popped % kLoadRing], m->l_addr, m->l_burst);
  told->halted |= m->latency == 0;
  return m->latency != 0;
}

/* Beats of its next request, which goes out. */
static inline uint32_t load_issue(struct machine *m) {
  const uint32_t beats = m->l_burst;
  if (m->told != NULL && !load_tell(m)) m->latency = 1;
  m->l_flight += beats;
  m->l_bursts++;
  m->l_addr += beats << m->beat_shift;
  m->l_beats -= beats;
  if (m->l_beats == 0) {
    const struct load_cmd *c = load_at(m, m->l_popped);
    m->l_beats = c->beats;
    m->l_row_addr += c->stride;
    m->l_addr = m->l_row_addr;
    if (--m->l_rows == 0) {
      m->l_active = 0;
      m->l_popped++;
      m->woken = 1;
    }
  }
  load_set_burst(m);
  return beats;
}

/* The data side turns to its next command, where there is one. */
static inline void load_next_data(struct machine *m) {
  const struct load_cmd *c = load_at(m, m->l_done);
  m->l_pack = m->l_begun != m->l_done && c->window != 0;
  m->l_left = c->total;
}

static inline void load_begin(struct machine *m) {
  const struct load_cmd *c = load_at(m, m->l_popped);
  m->woken = 1;
  if (m->l_begun++ == m->l_done) load_next_data(m);
  if (c->window != 0) {
    m->l_popped++;
    return;
  }
  m->l_active = 1;
  m->l_beats = c->beats;
  m->l_rows = c->rows;
  m->l_addr = m->l_row_addr = c->addr;
  load_set_burst(m);
}

static inline void load_complete(struct machine *m, uint64_t now) {
  count_idle(m, now + 1);
  count_done(m, kLoad);
  if (m->told != NULL) m->told->hooks.load(m->told->hooks.arg, &m->told->load[m->l_done % kLoadRing]);
  m->l_done++;
  load_next_data(m);
}

/* The next cycle in which PACK begins or ends. */
static inline uint64_t load_pack_cycle(const struct machine *m) {
  return !m->l_pack ? kNever : m->pack_busy ? m->pack_end : m->t;
}

static inline void load_pack(struct machine *m, uint64_t now) {
  m->pack_busy = !m->pack_busy;
  if (m->pack_busy) {
    m->pack_start = now;
    m->pack_end = now + m->l_left + kPackTail;
  } else {
    load_complete(m, now);
  }
}

/* PACK reads the residual buffer in this cycle: in all but every (window + 1)th cycle after its start. */
static inline int load_pack_reads(struct machine *m) {
  const uint64_t k = m->t - m->pack_start;
  return k <= m->l_left && k % (load_at(m, m->l_done)->window + 1) != 0;
}

/* Beats of the data side's command, at most those that it lacks and those of a burst; the last in cycle `now`. */
static inline void load_beats(struct machine *m, uint32_t beats, uint64_t now) {
  m->l_flight -= beats;
  m->l_left -= beats;
  if (m->l_left == 0) load_complete(m, now);
}

#endif
