/* Words on their way to the bus as the bits of a delay line. */
#include "timing/skip/stream.h"

#include "timing/skip/bits.h"

/* From a row to its word on the bus: requantizer, SRAM, its output register, FIFO, bus register. */
enum { kLine = kRequant + 4, kStreamMost = 64 - kLine };

/* Words on their way, bit k: on the bus k cycles from now. */
static uint64_t stream_line(const struct machine *m) {
  return m->w_valid | m->words_out << 1 | m->words_rd << 2 | m->words << 3 | (uint64_t)m->pipe << 4;
}

/* Cycles, at most `cycles`, in which the bucket pays for all that moves, one by one; *tokens: what is in it afterwards.
 */
static uint32_t stream_pay(const struct machine *m, uint32_t cycles, uint64_t writes, uint32_t read, int32_t *tokens) {
  const int32_t beat = m->beat, reads = (int32_t)read * beat;
  uint32_t i;
  *tokens = m->bucket.tokens;
  for (i = 0; i < cycles; i++, writes >>= 1) {
    const int32_t more = *tokens + m->bucket.rate,
                  left = (more < m->bucket.size ? more : m->bucket.size) - reads - (writes & 1 ? beat : 0);
    if (left < 0) break;
    *tokens = left;
  }
  return i;
}

/* The same of a cycle or more, where there are words only, never two in a row, and the rate pays for one in two cycles:
 * the bucket then lacks no more after a word than after the word before, so that it holds what came in, or what the
 * last word has left of a full one since. Returns 0 where that is not so. */
static int stream_paid_apart(const struct machine *m, uint32_t cycles, uint64_t writes, int32_t *tokens) {
  const int32_t beat = m->beat;
  const uint64_t words = writes & bits_first(cycles), last = words << 1 >> (cycles - 1);
  if ((words & words >> 1) != 0 || 2 * m->bucket.rate < beat || (words & 1 && m->bucket.tokens + m->bucket.rate < beat))
    return 0;
  const int32_t top = m->bucket.size - (last & 2 ? beat : last & 1 ? beat - m->bucket.rate : 0);
  *tokens = m->bucket.tokens + (int32_t)cycles * m->bucket.rate - (int32_t)bits_count(words) * beat;
  if (*tokens > top) *tokens = top;
  return 1;
}

/* The same, in closed form where it pays for all cycles, and either fills more than it gives in each of them (then what
 * it holds is the least of what came in and what the last cycle left of a full one) or in none after the first. */
static uint32_t stream_paid(const struct machine *m, uint32_t cycles, uint64_t writes, uint32_t read, int32_t *tokens) {
  const int32_t beat = m->beat, n = (int32_t)cycles, lack = (1 + (int32_t)read) * beat - m->bucket.rate;
  const int32_t first =
      m->bucket.tokens < m->bucket.size - m->bucket.rate ? m->bucket.tokens : m->bucket.size - m->bucket.rate;
  if (n == 0) return 0;
  if (lack > 0 && !read && stream_paid_apart(m, cycles, writes, tokens)) return cycles;
  if (lack > 0 && (!read || m->bucket.rate > beat || first < n * lack))
    return stream_pay(m, cycles, writes, read, tokens);
  const int32_t beats = n * (int32_t)read + (int32_t)bits_count(writes & bits_first(cycles));
  const int32_t last = (int32_t)(writes >> (cycles - 1) & 1) + (int32_t)read, top = m->bucket.size - last * beat;
  *tokens = (lack > 0 ? first : m->bucket.tokens) + n * m->bucket.rate - beats * beat;
  if (*tokens > top) *tokens = top;
  return cycles;
}

/* Rows in as many cycles. */
static uint32_t stream_rows(const struct machine *m, const struct steady *c, uint32_t cycles) {
  if (!c->run) return 0;
  return !c->apart ? cycles : cycles > m->d_rest ? (cycles - m->d_rest + 1) / 2 : 0;
}

/* Those of them that let a word out, by cycle. */
static uint64_t stream_words(const struct machine *m, const struct steady *c, uint32_t cycles) {
  const uint64_t rows = c->words & bits_first(stream_rows(m, c, cycles));
  return c->apart ? bits_apart(rows) << m->d_rest : rows;
}

int stream_pass(struct machine *m, const struct steady *c) {
  struct steady moved = {0};
  uint32_t n = c->cycles < kStreamMost ? c->cycles : kStreamMost;
  const uint32_t rows_end = c->apart ? m->d_rest + 2 * c->rows : c->rows;
  if (c->run && rows_end < n) n = rows_end;
  if (c->read && c->reads < n) n = c->reads;
  const uint64_t writes = stream_line(m) | stream_words(m, c, n) << kLine;
  n = bits_until(n, writes, c->writes - 1);
  n = bits_until(n, writes >> 1, c->data - 1);
  int32_t tokens;
  n = stream_paid(m, n, writes, c->read, &tokens);
  if (n == 0) return 0;
  m->bucket.tokens = tokens;
  moved.cycles = n;
  moved.ended = n - 1;
  moved.rows = stream_rows(m, c, n);
  if (c->apart) m->d_rest = (uint8_t)(n > m->d_rest && (n - m->d_rest) % 2 != 0);
  moved.reads = c->read ? n : 0;
  moved.writes = bits_count(writes & bits_first(n));
  moved.data = bits_count(writes >> 1 & bits_first(n));
  const uint64_t line = writes >> n & bits_first(kLine);
  m->w_valid = line & 1;
  m->words_out = line >> 1 & 1;
  m->words_rd = line >> 2 & 1;
  m->words = line >> 3 & 1;
  m->pipe = (uint32_t)(line >> 4);
  steady_moved(m, &moved, (int)c->paired);
  return 1;
}
