/* Puts into a snapshot what later cycles depend on, engine by engine, and moves the machine in time. */
#include "timing/skip/snapshot.h"

#include "timing/engines/write.h"

static void add_word(struct snapshot *s, uint64_t word) { s->word[s->n++] = word; }

/* Cycles until then; 0 where it has passed and that is all that counts. */
static uint64_t until(const struct machine *m, uint64_t when) { return when > m->t ? when - m->t : 0; }

static uint32_t page(uint32_t addr) { return addr % kPage; }

/* Lanes in which it waits for nothing yet to come are 0. */
static void add_waits(const struct machine *m, struct snapshot *s, const struct waits *w) {
  uint64_t left = 0;
  for (int e = 0; e < kEngines; e++) {
    const uint16_t ahead = (uint16_t)(w->count >> 16 * e) - (uint16_t)(m->done >> 16 * e);
    if (w->enable & lane(e) && ahead != 0 && ahead < 0x8000) left |= (uint64_t)ahead << 16 * e;
  }
  add_word(s, left);
}

static void add_memory(struct machine *m, struct snapshot *s) {
  add_word(s, m->r_valid | m->bucket.write_turn << 1 | m->writing << 2 | m->woken << 3 | m->load_ready << 4 |
                  m->compute_ready << 5 | m->store_ready << 6);
  add_word(s, (uint64_t)(uint32_t)m->bucket.tokens << 32 | (m->r_tail - m->r_head));
  for (uint32_t i = m->r_head; i != m->r_tail; i++) {
    const struct mem_read *r = &m->reads[i % kReadRing];
    add_word(s, r->due == kNever ? kNever : until(m, r->due));
    add_word(s, (uint64_t)r->beats << 1 | r->fetch);
  }
}

static void add_fetch(struct machine *m, struct snapshot *s) {
  const uint32_t slot = m->plan->ring_addr / TETRA_CMD_BYTES + m->fetch_next;
  add_word(s, (uint64_t)(m->fetch_next - m->dispatched) << 32 | (slot % kFetchBurst == 0 ? 0 : slot % 64));
  add_word(s, (uint64_t)m->fetch_want << 32 | m->fetch_used);
  add_word(s, (uint64_t)m->fetch_beat << 32 | (m->arrived - m->dispatched));
  add_word(s, (uint64_t)(m->c_arrived - m->c_pushed) << 32 | until(m, m->fired));
  for (uint32_t i = m->dispatched; i != m->arrived; i++) {
    add_word(s, until(m, m->ready[i % kFetchSlots]) << 8 | m->op[i % kFetchSlots]);
  }
}

static void add_load_cmd(struct machine *m, struct snapshot *s, uint32_t i) {
  const struct load_cmd *c = load_at(m, i);
  if ((int32_t)(i - m->l_popped) >= 0) add_waits(m, s, &c->waits);
  add_word(s, (uint64_t)c->total << 32 | c->window);
  if (c->window != 0) return;
  add_word(s, (uint64_t)page(c->addr) << 32 | c->beats);
  add_word(s, (uint64_t)c->rows << 32 | (c->rows > 1 ? page(c->stride) : 0));
}

static void add_load(struct machine *m, struct snapshot *s) {
  add_word(s, (uint64_t)(m->l_pushed - m->l_popped) << 32 | (m->l_begun - m->l_done));
  add_word(s, (uint64_t)(m->l_pushed - m->l_done) << 32 | m->l_active | m->l_pack << 1 | m->pack_busy << 2);
  for (uint32_t i = m->l_done; i != m->l_pushed; i++) add_load_cmd(m, s, i);
  add_word(s, (uint64_t)m->l_flight << 32 | m->l_bursts);
  add_word(s, m->l_begun != m->l_done ? m->l_left : 0);
  if (m->l_active) {
    add_word(s, (uint64_t)m->l_beats << 32 | m->l_rows);
    add_word(s, (uint64_t)page(m->l_addr) << 32 | page(m->l_row_addr));
    add_word(s, m->l_burst);
  }
  if (m->pack_busy) {
    add_word(s, m->t - m->pack_start);
    add_word(s, m->pack_end - m->t);
  }
}

static void add_compute(struct machine *m, struct snapshot *s) {
  add_word(s, (uint64_t)(m->c_pushed - m->c_popped) << 32 | m->c_done_n);
  for (uint32_t i = m->c_popped; i != m->c_pushed; i++) {
    const struct compute_cmd *c = compute_at(m, i);
    add_waits(m, s, &c->waits);
    add_word(s, (uint64_t)c->steps << 32 | c->pixels);
    add_word(s, (uint64_t)c->mode << 8 | c->hold);
  }
  add_word(s, until(m, m->c_free) << 32 | until(m, m->c_loader));
  /* Long after the last pixel, and when the idle cycles since then are counted, all times are alike. */
  const int long_ago = m->c_end + cycles_to_idle(m->n) < m->t && m->c_end <= m->counted;
  add_word(s, m->c_end == 0 ? kNever : long_ago ? kNever - 1 : m->c_end - m->t);
  add_word(s, m->c_mode);
  for (uint32_t i = 0; i < m->c_done_n; i++) add_word(s, m->c_done[(m->c_done_head + i) % kDoneRing] - m->t);
}

static void add_store_cmd(struct machine *m, struct snapshot *s, uint32_t i, uint32_t layer) {
  const struct store_cmd *c = store_at(m, i);
  add_word(s, (uint64_t)(c->layer - layer) << 32 | c->layer_last);
  if ((int32_t)(i - m->s_popped) + m->d_active < 0) return; /* drained */
  if ((int32_t)(i - m->s_popped) >= 0) add_waits(m, s, &c->waits);
  add_word(s, (uint64_t)c->pixels << 32 | c->seg);
  add_word(s, (uint64_t)page(c->seg_stride) << 32 | c->pool_beats);
  for (int o = 0; o <= c->two_out; o++) {
    add_word(s, (uint64_t)page(c->addr[o]) << 32 | (uint64_t)page(c->half_stride[o]) << 8 | c->bits4[o]);
  }
  add_word(s, c->two_out | c->halves2 << 1 | c->residual << 2 | c->pool_pad_x << 3 | c->pool_odd_y << 4 |
                  c->pool_top << 5 | c->pool_end << 6);
}

static void add_drain(struct machine *m, struct snapshot *s, uint32_t layer) {
  add_word(s, (uint64_t)(m->s_pushed - m->s_popped) << 32 | (m->s_pushed - m->stores_done));
  for (uint32_t i = m->stores_done; i != m->s_pushed; i++) add_store_cmd(m, s, i, layer);
  add_word(s, (uint64_t)m->pipe << 8 | m->d_active | m->d_run << 1 | m->d_rest << 2);
  if (!m->d_active || !m->d_run) return;
  add_word(s,
           m->d_out | m->d_half << 1 | m->p_first_col << 2 | m->p_odd_x << 3 | m->p_first_row << 4 | m->p_odd_y << 5);
  add_word(s, (uint64_t)m->d_pix << 32 | m->d_seg);
  add_word(s, (uint64_t)page(m->d_addr) << 32 | page(m->d_half_addr));
}

static void add_write(struct machine *m, struct snapshot *s) {
  write_catch_up(m);
  add_word(s, (uint64_t)m->words << 32 | m->words_rd << 16 | m->words_out << 8 | m->w_valid << 1 | m->seg_begun);
  add_word(s, m->ds_n);
  for (uint32_t i = 0; i < m->ds_n; i++) {
    const struct segment *g = &m->ds[(m->ds_head + i) % kDescs];
    add_word(s, (uint64_t)page(g->addr) << 32 | g->beats << 8 | g->last);
  }
  if (m->seg_begun) add_word(s, (uint64_t)page(m->seg_addr) << 32 | m->seg_left);
  add_word(s, (uint64_t)(m->b_issued - m->b_data) << 32 | (m->b_issued - m->b_written));
  add_word(s, m->b_issued - m->b_done);
  if (m->b_issued != m->b_data) add_word(s, m->data_beats);
  if (m->b_issued != m->b_written) add_word(s, m->mem_beats);
  for (uint32_t i = m->b_done; i != m->b_issued; i++) {
    const uint32_t slot = i % kResponses;
    add_word(s, m->b_beats[slot] << 8 | m->b_last[slot]);
    if ((int32_t)(i - m->b_written) < 0) add_word(s, m->b_due[slot] - m->t);
  }
}

void snapshot_take(struct machine *m, uint32_t layer, struct snapshot *s) {
  s->n = 0;
  add_word(s, m->counted - m->t);
  add_memory(m, s);
  add_fetch(m, s);
  add_load(m, s);
  add_compute(m, s);
  add_drain(m, s, layer);
  add_write(m, s);
  s->hash = s->n;
  for (uint32_t i = 0; i < s->n; i++) s->hash = (s->hash ^ s->word[i]) * 0x9e3779b97f4a7c15u + (s->hash >> 29);
}

int snapshot_same(const struct snapshot *a, const struct snapshot *b) {
  return a->hash == b->hash && a->n == b->n && memcmp(a->word, b->word, a->n * sizeof *a->word) == 0;
}

static void move_fetch(struct machine *m, uint64_t cycles, uint32_t commands) {
  uint64_t ready[kFetchSlots];
  uint8_t op[kFetchSlots];
  for (uint32_t i = 0; i < kFetchSlots; i++) {
    ready[(i + commands) % kFetchSlots] = m->ready[i] + cycles;
    op[(i + commands) % kFetchSlots] = m->op[i];
  }
  memcpy(m->ready, ready, sizeof ready);
  memcpy(m->op, op, sizeof op);
  m->fetch_next += commands;
  m->arrived += commands;
  m->dispatched += commands;
  m->fired += cycles;
}

void snapshot_move(struct machine *m, uint64_t cycles, uint32_t commands, uint64_t counts, uint32_t layers) {
  m->t += cycles;
  m->counted += cycles;
  m->done = add_lanes(m->done, counts);
  for (uint32_t i = m->r_head; i != m->r_tail; i++) {
    struct mem_read *r = &m->reads[i % kReadRing];
    if (r->due != kNever) r->due += cycles;
  }
  move_fetch(m, cycles, commands);
  for (uint32_t i = 0; i < kLoadRing; i++) m->loads[i].waits.count = add_lanes(m->loads[i].waits.count, counts);
  m->pack_start += cycles;
  m->pack_end += cycles;
  for (uint32_t i = 0; i < kComputeRing; i++) {
    m->computes[i].waits.count = add_lanes(m->computes[i].waits.count, counts);
  }
  m->c_free += cycles;
  m->c_loader += cycles;
  if (m->c_end != 0) m->c_end += cycles;
  for (uint32_t i = 0; i < kDoneRing; i++) m->c_done[i] += cycles;
  for (uint32_t i = 0; i < kStoreRing; i++) {
    m->stores[i].waits.count = add_lanes(m->stores[i].waits.count, counts);
    m->stores[i].layer = (uint16_t)(m->stores[i].layer + layers);
  }
  for (uint32_t i = 0; i < kResponses; i++) {
    m->b_due[i] += cycles;
    m->store_due[i] += cycles;
  }
}
