/* Write engine (rtl/tetra_write.sv, tetra_sfifo.sv). */
#ifndef TETRA_MODEL_WRITE_H
#define TETRA_MODEL_WRITE_H

#include "machine.h"

/* What happens in this cycle. */
struct write_fire {
  uint8_t address, data, move, push;
};

static inline struct write_fire write_look(const struct machine *m, int aw_ready, int w_ready) {
  struct write_fire f;
  f.address = m->ds_n != 0 && m->rs_n < kResponses && m->len_n < kLens && (!m->aw_valid || aw_ready);
  f.data = m->len_n != 0 && m->words_out != 0 && (!m->w_valid || w_ready);
  f.move = m->words != 0 && m->words_out + m->words_rd < kWordsOut;
  f.push = m->pipe_word >> kRequant & 1;
  return f;
}

/* A burst's data begin or end: on their way to the bus, or on it. */
static inline int write_turns(const struct machine *m, struct write_fire f, int w_ready) {
  return (f.data && m->w_beat + 1 == m->len[m->len_head]) || (w_ready && m->writes[m->writes_head] == 1);
}

/* Offers the next burst's address. */
static inline void write_address(struct machine *m) {
  const struct segment *s = &m->ds[m->ds_head];
  if (!m->seg_begun) {
    m->seg_addr = s->addr;
    m->seg_left = s->beats;
  }
  const uint32_t beats = burst_beats(m, m->seg_addr, m->seg_left);
  m->seg_addr += beats << m->beat_shift;
  m->seg_left -= beats;
  m->seg_begun = m->seg_left != 0;
  m->len[(m->len_head + m->len_n++) % kLens] = (uint8_t)beats;
  m->rs_last[(m->rs_head + m->rs_n++) % kResponses] = !m->seg_begun && s->last;
  m->aw_valid = 1;
  m->aw_beats = (uint8_t)beats;
  if (!m->seg_begun) {
    m->ds_head = (m->ds_head + 1) % kDescs;
    m->ds_n--;
  }
}

static inline void write_data(struct machine *m) {
  m->w_valid = 1;
  m->words_out--;
  if (++m->w_beat != m->len[m->len_head]) return;
  m->w_beat = 0;
  m->len_head = (m->len_head + 1) % kLens;
  m->len_n--;
}

/* A response: counts the STORE and logs the layer in the cycle after it. */
static inline void write_response(struct machine *m) {
  const int last = m->rs_last[m->rs_head];
  m->resps_head = (m->resps_head + 1) % kMemResponses;
  m->n_resps--;
  m->rs_head = (m->rs_head + 1) % kResponses;
  m->rs_n--;
  if (!last) return;
  const struct store_cmd *s = &m->p->stores[m->stores_done++];
  m->done[kStore]++;
  m->woken = 1;
  if (s->layer_last) m->out->layers[s->layer].completion = m->t + 1;
}

/* The clock edge; before the drain's, whose pushes show in the next cycle. */
static inline void write_clock(struct machine *m, struct write_fire f, int aw_ready, int w_ready) {
  if (m->aw_valid && aw_ready) {
    m->writes[(m->writes_head + m->n_writes++) % kMemWrites] = m->aw_beats;
    m->aw_valid = 0;
  }
  if (w_ready) m->w_valid = 0;
  if (f.data) write_data(m);
  if (f.address) write_address(m);
  m->words_out += m->words_rd;
  m->words_rd = f.move;
  m->words += (uint32_t)f.push - f.move;
}

static inline int write_moves(const struct machine *m) {
  return m->ds_n != 0 || m->aw_valid || m->w_valid || m->words_out != 0 || m->words_rd || m->words != 0;
}

static inline int write_idle(const struct machine *m) {
  return m->ds_n == 0 && m->rs_n == 0 && !m->aw_valid && !m->w_valid && m->words_out == 0 && m->words == 0;
}

#endif
