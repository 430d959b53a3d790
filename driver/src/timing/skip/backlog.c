/* What the bus grants from a table, and what room that leaves to the drain. */
#include "timing/skip/backlog.h"

#include "timing/skip/bits.h"

/* What is granted in the next 64 cycles, starting with less than a beat of tokens. */
static struct grants backlog_grants(const struct machine *m, int32_t tokens, int read, int write_turn) {
  struct grants g = {0, 0, 0};
  struct tetra_bucket b = m->bucket;
  b.tokens = tokens;
  b.write_turn = (uint8_t)write_turn;
  for (int i = 0; i < 64; i++) {
    const uint8_t turn = b.write_turn;
    const struct tetra_grant now = tetra_bucket_grant(&b, m->beat, read, 1);
    g.reads |= (uint64_t)now.read << i;
    g.writes |= (uint64_t)now.write << i;
    g.turns |= (uint64_t)(turn != b.write_turn) << i;
  }
  return g;
}

void backlog_tables(struct machine *m) {
  for (int32_t tokens = 0; tokens < m->beat; tokens++) {
    if (m->bucket.rate < m->beat) m->grants[0][tokens] = backlog_grants(m, tokens, 0, 0);
    for (int turn = 0; turn < 2 && m->bucket.rate < 2 * m->beat; turn++) {
      m->grants[1 + turn][tokens] = backlog_grants(m, tokens, 1, turn);
    }
  }
}

/* The bus in the next cycles, as many as `cycles` says. */
struct backlog_bus {
  struct grants g;
  uint32_t cycles;
  int32_t tokens, top, gain; /* afterwards: tokens + cycles * gain, at most top; top 0: what the grants leave */
};

/* The bucket pays for all that moves, in all of these cycles. */
static struct backlog_bus backlog_paid(const struct machine *m, int32_t beats) {
  const int32_t cost = beats * m->beat, net = m->bucket.rate - cost;
  struct backlog_bus b = {.g = {UINT64_MAX, beats == 2 ? UINT64_MAX : 0, 0}, .cycles = 64};
  b.tokens = m->bucket.tokens;
  b.gain = net;
  b.top = m->bucket.size - cost;
  if (net >= 0) return b;
  if (b.tokens > m->bucket.size - m->bucket.rate) b.tokens = m->bucket.size - m->bucket.rate;
  const uint32_t most = (uint32_t)((b.tokens + net) / -net + 1);
  if (most < b.cycles) b.cycles = most;
  return b;
}

static struct backlog_bus backlog_bus(const struct machine *m, int read) {
  const int32_t beats = 1 + read;
  if (m->bucket.tokens + m->bucket.rate >= beats * m->beat &&
      (m->bucket.tokens >= m->beat || m->bucket.rate >= beats * m->beat)) {
    return backlog_paid(m, beats);
  }
  if (m->bucket.tokens >= m->beat) return (struct backlog_bus){.cycles = 0};
  return (struct backlog_bus){.g = m->grants[read ? 1 + m->bucket.write_turn : 0][m->bucket.tokens], .cycles = 64};
}

/* The drain, in cycles in which it does not run or words leave room for all its rows: no more than fit a word of bits
 * beside those on their way. */
static uint32_t backlog_free_drain(struct machine *m, const struct steady *c, uint32_t cycles, uint64_t leave,
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

_Static_assert(kRequant >= 8, "backlog_tight_drain: a row's word comes out after its eight cycles");

/* The drain in eight cycles or less, with its FIFO near the limit. What comes out of the requantizer in them was issued
 * before, so whether there is room for a row does not depend on the other rows. */
static uint32_t backlog_tight_drain(struct machine *m, const struct steady *c, uint32_t n, uint64_t leave,
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
  m->words += bits_count8(m->pipe & ((1u << n) - 1)) - bits_count8((uint32_t)leave & ((1u << n) - 1));
  m->pipe = (m->pipe | bits << kRequant) >> n;
  return n;
}

/* The FIFO is above the drain's limit: cycles, at most `cycles`, until so many words have left that it would not be if
 * none came. */
static uint32_t backlog_full_drain(struct machine *m, uint32_t cycles, uint64_t leave) {
  const uint32_t excess = m->words - (kWords - kDrainMargin), n = bits_until(cycles, leave, excess - 1);
  const uint64_t first = bits_first(n);
  m->words += bits_count(m->pipe & first) - bits_count(leave & first);
  m->pipe = n < 32 ? m->pipe >> n : 0;
  return n;
}

/* The drain while words leave as `leave` says. Returns the cycles until a row that is not steady flow, at most
 * `cycles`. */
static uint32_t backlog_drain(struct machine *m, const struct steady *c, uint32_t cycles, uint64_t leave,
                              uint32_t *issued) {
  if (!c->run || m->words + cycles <= kWords - kDrainMargin) return backlog_free_drain(m, c, cycles, leave, issued);
  uint32_t i = 0;
  while (i < cycles) {
    if (m->words > kWords - kDrainMargin) {
      i += backlog_full_drain(m, cycles - i, leave >> i);
      continue;
    }
    const uint32_t want = cycles - i < 8 ? cycles - i : 8;
    const uint32_t n = backlog_tight_drain(m, c, want, leave >> i, issued);
    i += n;
    if (n < want) break;
  }
  return i;
}

/* With the drain at rest and nothing on its way, what moves in 64 cycles moves in the next 64 again: so many times,
 * with something left of all. */
static uint32_t backlog_whole(const struct machine *m, const struct steady *c, const struct backlog_bus *b) {
  if (c->run || m->pipe != 0 || c->cycles <= 64 || b->cycles < 64 || b->top != 0 || m->words <= 64) return 0;
  const uint32_t writes = bits_count(b->g.writes), reads = bits_count(b->g.reads);
  if (writes == 0 || bits_count(b->g.turns) % 2 != 0) return 0;
  uint32_t times = (c->cycles - 1) / 64;
  const uint32_t beats = c->writes < c->data ? c->writes : c->data;
  if (times > (beats - 1) / writes) times = (beats - 1) / writes;
  if (times > (m->words - 2) / writes) times = (m->words - 2) / writes;
  if (reads != 0 && times > (c->reads - 1) / reads) times = (c->reads - 1) / reads;
  return times;
}

/* The registers at the FIFO's end and the bus, n > 0 cycles on; `before`: a word left in the cycle before. */
static void backlog_end(struct machine *m, const struct backlog_bus *b, uint32_t n, uint32_t before) {
  const uint32_t last = b->g.writes >> (n - 1) & 1;
  m->words_rd = n > 1 ? b->g.writes >> (n - 2) & 1 : before;
  m->words_out = kWordsOut - last - m->words_rd;
  m->bucket.write_turn ^= bits_count(b->g.turns & bits_first(n)) & 1;
  if (b->top != 0) {
    const int32_t tokens = b->tokens + (int32_t)n * b->gain;
    m->bucket.tokens = tokens < b->top ? tokens : b->top;
  } else {
    m->bucket.tokens = (m->bucket.tokens + (int32_t)n * m->bucket.rate) & (m->beat - 1);
  }
}

int backlog_pass(struct machine *m, const struct steady *c) {
  const struct backlog_bus b = backlog_bus(m, (int)c->read);
  struct steady left = *c, moved = {0};
  uint32_t before = kWordsOut - (m->words_out + m->words_rd);
  const uint32_t whole = backlog_whole(m, c, &b);
  if (whole != 0) {
    moved = (struct steady){.cycles = 64 * whole, .reads = whole * bits_count(b.g.reads)};
    moved.writes = moved.data = whole * bits_count(b.g.writes);
    left.cycles -= moved.cycles;
    left.reads -= moved.reads;
    left.writes -= moved.writes;
    left.data -= moved.data;
    const uint32_t last = (uint32_t)(b.g.writes >> 63);
    m->words -= moved.writes + before - last;
    before = last;
  }
  /* A word leaves the SRAM in the cycle after one left the FIFO's end. */
  const uint64_t leave = b.g.writes << 1 | before;
  uint32_t n = left.cycles < b.cycles ? left.cycles : b.cycles;
  n = bits_until(n, leave, m->words - 1);
  const uint32_t writes = left.writes + steady_more_writes(m);
  n = bits_until(n, b.g.writes, (writes < left.data ? writes : left.data) - 1);
  if (c->read) n = bits_until(n, b.g.reads, left.reads - 1);
  n = backlog_drain(m, c, n, leave, &moved.rows);
  if (n == 0) return 0;
  const uint64_t first = bits_first(n);
  backlog_end(m, &b, n, before);
  moved.cycles += n;
  moved.ended = moved.cycles - n + bits_until(n, b.g.writes, left.writes - 1) - 1;
  moved.writes += bits_count(b.g.writes & first);
  moved.data = moved.writes;
  moved.reads += bits_count(b.g.reads & first);
  steady_moved(m, &moved, (int)c->paired);
  return 1;
}
