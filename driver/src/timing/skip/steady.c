/* Finds stretches of steady flow. */
#include "timing/skip/steady.h"

#include "timing/engines/drain.h"
#include "timing/engines/dram.h"
#include "timing/engines/write.h"

/* Rows until the next that is the first or the last of its segment. */
static uint32_t rows_to_boundary(const struct machine *m, const struct store_cmd *s) {
  if (drain_starts_segment(m, s) || (s->pool_beats != 0 && m->p_first_col)) return 0;
  const uint32_t pixels = (m->d_pix < m->d_seg ? m->d_pix : m->d_seg) - 1;
  return s->bits4[m->d_out] && s->halves2 ? 2 * pixels - (pixels != 0 && m->d_half) : pixels;
}

/* Which of them let a word out: all, or every second half; with a pool those that close a window, in every second row
 * of pixels (drain_pool, within a row of pixels). */
static uint64_t rows_with_words(const struct machine *m, const struct store_cmd *s, int paired) {
  const uint64_t all = UINT64_MAX, second = all / 3, fourth = all / 15; /* the first of two, of four */
  if (s->pool_beats == 0) return !paired ? all : m->d_half ? second : second << 1;
  if (!drain_pool_row_emits(m, s)) return 0;
  return paired ? fourth << (2 * m->p_odd_x + !m->d_half) : second << m->p_odd_x;
}

/* Burst addresses that are about to go out one a cycle, with no response to wait for, go out at once: their words come
 * later than that in any case, and a descriptor less is no news while there is room for one a cycle. */
static void issue_addresses(struct machine *m) {
  if (m->b_issued == m->b_data && m->words_out != 0) return;
  for (uint32_t k = m->ds_n; k < kDescs && write_asks(m); k++) write_address(m);
}

/* Words until there is no burst for one. (A burst's last word is of no interest in itself.) */
static uint32_t words_to_send(const struct machine *m) {
  const uint32_t next = m->b_data + 1;
  return m->data_beats + (next == m->b_issued ? 0 : m->b_beats[next % kResponses]);
}

/* The read side. Returns 0 where this cycle may not be steady. */
static int find_reads(struct machine *m, struct steady *c) {
  c->reads = 1;
  if (m->r_head == m->r_tail) return 1;
  const struct mem_read *r = dram_head(m);
  const int takes = r->fetch || load_takes(m);
  if (m->r_valid || !takes) return m->r_valid && !takes;
  c->read = r->due <= m->t;
  c->reads = dram_steady_beats(m);
  if (!c->read && r->due - m->t < c->cycles) c->cycles = (uint32_t)(r->due - m->t);
  return 1;
}

/* The drain, likewise. */
static int find_drain(struct machine *m, struct steady *c) {
  c->run = m->d_run;
  if (!m->d_run) return !m->d_active && !m->store_ready && m->d_rest == 0;
  c->apart = tetra_row_cycles(m->n) != 1;
  const struct store_cmd *s = drain_cmd(m);
  c->rows = rows_to_boundary(m, s);
  c->paired = s->bits4[m->d_out] && s->halves2;
  c->words = rows_with_words(m, s, (int)c->paired);
  return (c->rows != 0 || m->words > kWords - kDrainMargin) && !(s->residual && m->pack_busy);
}

/* Nothing is on its way from the requantizer to the bus. */
static int steady_write_side_empty(const struct machine *m) {
  return m->pipe == 0 && m->words == 0 && m->words_rd == 0 && m->words_out == 0 && !m->w_valid;
}

int steady_find(struct machine *m, struct steady *c, int one_cycle) {
  if (write_asks(m)) issue_addresses(m);
  const int ended = m->b_issued == m->b_data;
  if (write_asks(m) || (ended && !steady_write_side_empty(m))) return 0;
  const uint64_t cycles = one_cycle ? 1 : m->stop - m->t;
  *c = (struct steady){.cycles = cycles < kMostCycles ? (uint32_t)cycles : kMostCycles};
  c->writes = ended ? 1 : m->mem_beats;
  c->data = ended ? 1 : words_to_send(m);
  if (!find_drain(m, c) || !find_reads(m, c)) return 0;
  /* Without a burst for words there may be rows of which the pool lets out none. */
  return !ended || (c->run && c->words == 0);
}
