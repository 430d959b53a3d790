/* Calm flow with words waiting in the FIFO's SRAM. The FIFO's end is then always full, so there is a write beat
 * whenever the memory takes one, and what moves on the bus depends on the token bucket alone: 64 cycles of it at once,
 * from a table. The drain in turn needs to know only when words leave. */
#ifndef TETRA_MODEL_BACKLOG_H
#define TETRA_MODEL_BACKLOG_H

#include "calm.h"

/* Beats granted in the next 64 cycles, starting with less than a beat of tokens. */
static inline struct grants backlog_grants(const struct machine *m, int32_t tokens, int beats) {
  struct grants g = {0, 0};
  for (int i = 0; i < 64; i++) {
    tokens += m->rate;
    const int granted = tokens < m->beat ? 0 : beats == 2 && tokens >= 2 * m->beat ? 2 : 1;
    g.one |= (uint64_t)(granted == 1) << i;
    g.two |= (uint64_t)(granted == 2) << i;
    tokens -= granted * m->beat;
  }
  return g;
}

/* For a rate that does not pay for all. */
static inline void backlog_tables(struct machine *m) {
  for (int32_t tokens = 0; tokens < m->beat; tokens++) {
    if (m->rate < m->beat) m->write_grants[tokens] = backlog_grants(m, tokens, 1);
    if (m->rate < 2 * m->beat) m->both_grants[tokens] = backlog_grants(m, tokens, 2);
  }
}

/* The bus in the next cycles, as many as `cycles` says. */
struct backlog_bus {
  uint32_t cycles;
  uint64_t reads, writes;
  int32_t tokens, top, gain; /* afterwards: tokens + cycles * gain, at most top; gain 0: what the grants leave */
  uint64_t turns;            /* cycles in which read and write wanted the one beat that there was */
};

/* The bucket pays for all that moves, in all of these cycles. */
static inline struct backlog_bus backlog_paid(const struct machine *m, int32_t beats) {
  const int32_t cost = beats * m->beat, net = m->rate - cost;
  struct backlog_bus b = {.cycles = 64, .writes = UINT64_MAX, .reads = beats == 2 ? UINT64_MAX : 0};
  b.tokens = m->tokens;
  b.gain = net;
  b.top = m->bucket - cost;
  if (net >= 0) return b;
  if (b.tokens > m->bucket - m->rate) b.tokens = m->bucket - m->rate;
  const uint32_t most = (uint32_t)((b.tokens + net) / -net + 1);
  if (most < b.cycles) b.cycles = most;
  return b;
}

static inline struct backlog_bus backlog_bus(const struct machine *m, int read) {
  const int32_t beats = 1 + read;
  if (m->tokens + m->rate >= beats * m->beat && (m->tokens >= m->beat || m->rate >= beats * m->beat)) {
    return backlog_paid(m, beats);
  }
  if (m->tokens >= m->beat) return (struct backlog_bus){.cycles = 0};
  const struct grants g = read ? m->both_grants[m->tokens] : m->write_grants[m->tokens];
  struct backlog_bus b = {.cycles = 64, .writes = g.one};
  if (!read) return b;
  const uint64_t odd = bits_every_other(g.one), even = g.one ^ odd;
  b.writes = g.two | (m->write_turn ? odd : even);
  b.reads = g.two | (m->write_turn ? even : odd);
  b.turns = g.one;
  return b;
}

/* The drain, in cycles in which it does not run or words leave room for all its rows: no more than fit a word of bits
 * beside those on their way. */
static inline uint32_t backlog_free_drain(struct machine *m, const struct calm *c, uint32_t cycles, uint64_t leave,
                                          uint32_t *issued) {
  uint32_t n = cycles < 64 - kRequant ? cycles : 64 - kRequant;
  if (c->run && c->rows < n) n = c->rows;
  const uint64_t first = bits_first(n), words = c->words & first;
  const uint64_t pushed = m->pipe | words << kRequant;
  m->words += bits_count(pushed & first) - bits_count(leave & first);
  m->pipe = (uint32_t)(pushed >> n);
  *issued = c->run ? n : 0;
  return n;
}

/* The drain in eight cycles or less, with its FIFO near the limit. What comes out of the requantizer in them was issued
 * before, so whether there is room for a row does not depend on the other rows. */
static inline uint32_t backlog_tight_drain(struct machine *m, const struct calm *c, uint32_t n, uint64_t leave,
                                           uint32_t *issued) {
  const uint64_t ones = 0x0101010101010101u;
  const uint64_t pushed = bits_to_bytes(m->pipe) * ones, left = bits_to_bytes(leave) * ones;
  const int32_t room = kWords - kDrainMargin - (int32_t)m->words;
  uint64_t rows = ones;
  if (room < 8) rows = ((uint64_t)(0x80 + room) * ones + (left << 8) - (pushed << 8)) >> 7 & ones;
  if (n < 8) rows &= ((uint64_t)1 << 8 * n) - 1;
  const uint32_t count = (uint32_t)(rows * ones >> 56);
  uint32_t bits = bits_from_bytes(rows);
  if (*issued + count > c->rows) {
    n = bits_until(n, bits, c->rows - *issued) - 1;
    bits &= (1u << n) - 1;
  }
  const uint32_t rows_before = *issued;
  *issued += bits_count8(bits);
  if (c->words != UINT64_MAX) bits = bits_pick(bits, c->words >> rows_before % 4);
  m->words += (n < 8 ? bits_count8(m->pipe & ((1u << n) - 1)) : (uint32_t)(pushed >> 56) + (bits & 1)) -
              bits_count8((uint32_t)leave & ((1u << n) - 1));
  m->pipe = (m->pipe | bits << kRequant) >> n;
  return n;
}

/* The drain while words leave as `leave` says. Returns the cycles until a row that is not calm, at most `cycles`. */
static inline uint32_t backlog_drain(struct machine *m, const struct calm *c, uint32_t cycles, uint64_t leave,
                                     uint32_t *issued) {
  if (!c->run || m->words + cycles <= kWords - kDrainMargin) return backlog_free_drain(m, c, cycles, leave, issued);
  uint32_t i = 0;
  while (i < cycles) {
    const uint32_t want = cycles - i < 8 ? cycles - i : 8;
    const uint32_t n = backlog_tight_drain(m, c, want, leave, issued);
    i += n;
    leave >>= 8;
    if (n < 8) break;
  }
  return i;
}

/* Words wait, and the FIFO's end is full or was until the cycle before. */
static inline int backlog_there(const struct machine *m) {
  return m->w_valid && m->words != 0 && m->words_out + m->words_rd >= kWordsOut - 1;
}

/* At most 64 cycles, up to the one in which the last word may leave the SRAM. Returns whether any passed. */
static inline int backlog_pass(struct machine *m, const struct calm *c) {
  struct backlog_bus b = backlog_bus(m, (int)c->read);
  const uint32_t before = kWordsOut - (m->words_out + m->words_rd);
  const uint64_t leave = b.writes << 1 | before; /* a word leaves the SRAM in the cycle after one left the FIFO's end */
  uint32_t n = c->cycles < b.cycles ? c->cycles : b.cycles;
  n = bits_until(n, leave, m->words - 1);
  n = bits_until(n, b.writes, (c->writes < c->data ? c->writes : c->data) - 1);
  if (c->read) n = bits_until(n, b.reads, c->reads - 1);
  struct calm moved = {0};
  moved.cycles = backlog_drain(m, c, n, leave, &moved.rows);
  if (moved.cycles == 0) return 0;
  const uint64_t first = bits_first(moved.cycles);
  moved.writes = moved.data = bits_count(b.writes & first);
  if (c->read) moved.reads = bits_count(b.reads & first);
  const uint32_t last = b.writes >> (moved.cycles - 1) & 1;
  m->words_rd = moved.cycles > 1 ? b.writes >> (moved.cycles - 2) & 1 : before;
  m->words_out = kWordsOut - last - m->words_rd;
  if (c->read) m->write_turn ^= bits_count(b.turns & first) & 1;
  if (b.top != 0) {
    const int32_t tokens = b.tokens + (int32_t)moved.cycles * b.gain;
    m->tokens = tokens < b.top ? tokens : b.top;
  } else {
    m->tokens = (m->tokens + (int32_t)moved.cycles * m->rate) & (m->beat - 1);
  }
  calm_moved(m, &moved, (int)c->paired);
  return 1;
}

#endif
