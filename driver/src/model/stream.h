/* Calm flow in which the memory takes every word at once: the way from the drain to the bus is then a delay line, and
 * 64 cycles of it are one word of bits. */
#ifndef TETRA_MODEL_STREAM_H
#define TETRA_MODEL_STREAM_H

#include "calm.h"

/* From a row to its word on the bus: requantizer, SRAM, its output register, FIFO, bus register. */
enum { kLine = kRequant + 4, kStreamMost = 64 - kLine };

/* No word waits for another. */
static inline int stream_there(const struct machine *m) { return m->words <= 1 && m->words_out <= 1; }

/* Words on their way, bit k: on the bus k cycles from now. */
static inline uint64_t stream_line(const struct machine *m) {
  return m->w_valid | m->words_out << 1 | m->words_rd << 2 | m->words << 3 | (uint64_t)m->pipe << 4;
}

/* Cycles in which the bucket pays for all that may move, and is filled to its top in the first of them at most, or by
 * every one of them: only then is its level known. */
static inline uint32_t stream_paid(const struct machine *m, const struct calm *c) {
  const int32_t most = (1 + (int32_t)c->read) * m->beat, lack = most - m->rate;
  if (lack <= 0) return kStreamMost;
  if (m->tokens < lack) return 0;
  int32_t cycles = m->tokens < m->bucket - m->rate ? m->tokens / lack : (m->bucket - m->rate) / lack;
  if (!c->read || m->rate > m->beat) {
    const int32_t to_top = (m->bucket - m->tokens) / m->rate;
    if (to_top < cycles) cycles = to_top;
  }
  return cycles < kStreamMost ? (uint32_t)cycles : kStreamMost;
}

/* The bucket after `cycles`, as stream_paid wants it; `last`: beats of the last of them. */
static inline int32_t stream_tokens(const struct machine *m, const struct calm *c, const struct calm *moved, int last) {
  const int32_t top = m->bucket - m->rate;
  int32_t tokens = m->tokens;
  if (c->read && m->rate <= m->beat && tokens > top) tokens = top;
  tokens += (int32_t)moved->cycles * m->rate - (int32_t)(moved->writes + moved->reads) * m->beat;
  const int32_t most = m->bucket - last * m->beat;
  return tokens < most ? tokens : most;
}

/* Returns whether cycles passed. */
static inline int stream_pass(struct machine *m, const struct calm *c) {
  struct calm moved = {0};
  uint32_t n = stream_paid(m, c);
  if (c->cycles < n) n = c->cycles;
  if (c->run && c->rows < n) n = c->rows;
  if (c->read && c->reads < n) n = c->reads;
  const uint64_t writes = stream_line(m) | (calm_row_words(m, c) & bits_first(n)) << kLine;
  n = bits_until(n, writes, c->writes - 1);
  n = bits_until(n, writes >> 1, c->data - 1);
  if (n == 0) return 0;
  moved.cycles = n;
  moved.rows = c->run ? n : 0;
  moved.reads = c->read ? n : 0;
  moved.writes = bits_count(writes & bits_first(n));
  moved.data = bits_count(writes >> 1 & bits_first(n));
  m->tokens = stream_tokens(m, c, &moved, (int)((writes >> (n - 1) & 1) + c->read));
  const uint64_t line = writes >> n & bits_first(kLine);
  m->w_valid = line & 1;
  m->words_out = line >> 1 & 1;
  m->words_rd = line >> 2 & 1;
  m->words = line >> 3 & 1;
  m->pipe = (uint32_t)(line >> 4);
  calm_moved(m, &moved, (int)c->paired);
  return 1;
}

#endif
