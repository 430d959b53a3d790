/* Registers of steady flow as local variables, and periods in which they come back. */
#include "timing/skip/walk.h"

/* A multiple of the periods that steady flow has: a word a cycle or every other, read and write beats in turn. */
enum { kPeriod = 4 };

/* The registers in which steady flow moves, and what moved so far. */
struct walk {
  int32_t tokens;
  uint32_t turn, valid, out, rd, words, pipe;
  uint32_t pattern; /* the next four rows that let a word out */
  uint32_t reads, writes, data, rows;
};

static struct walk walk_begin(const struct machine *m, const struct steady *c) {
  return (struct walk){.tokens = m->bucket.tokens,
                       .turn = m->bucket.write_turn,
                       .valid = m->w_valid,
                       .out = m->words_out,
                       .rd = m->words_rd,
                       .words = m->words,
                       .pipe = m->pipe,
                       .pattern = c->words & 15};
}

static void walk_end(struct machine *m, const struct walk *w) {
  m->bucket.tokens = w->tokens;
  m->bucket.write_turn = (uint8_t)w->turn;
  m->w_valid = (uint8_t)w->valid;
  m->words_out = w->out;
  m->words_rd = w->rd;
  m->words = w->words;
  m->pipe = w->pipe;
}

/* One cycle; returns 0, and nothing has moved, where a row would not belong to it. */
static int walk_cycle(const struct machine *m, const struct steady *c, struct walk *w) {
  int32_t tokens = w->tokens + m->bucket.rate;
  if (tokens > m->bucket.size) tokens = m->bucket.size;
  const uint32_t some = tokens >= m->beat, scarce = c->read & w->valid & some & (tokens < 2 * m->beat);
  const uint32_t read = c->read & some & ~(scarce & w->turn), write = w->valid & some & ~(scarce & ~w->turn);
  const uint32_t data = (w->out != 0) & (~w->valid | write), row = c->run & (w->words <= kWords - kDrainMargin);
  if (w->rows + row > c->rows) return 0;
  const uint32_t move = (w->words != 0) & (w->out + w->rd < kWordsOut), word = row & w->pattern;
  w->tokens = tokens - (int32_t)(read + write) * m->beat;
  w->turn ^= scarce;
  w->valid = (w->valid & ~write) | data;
  w->out += w->rd - data;
  w->rd = move;
  w->words += (w->pipe & 1) - move;
  w->pipe = (w->pipe | word << kRequant) >> 1;
  w->pattern = (w->pattern | w->pattern << 4) >> row & 15;
  w->reads += read;
  w->writes += write;
  w->data += data;
  w->rows += row;
  return 1;
}

static int walk_same(const struct walk *a, const struct walk *b) {
  return a->pipe == b->pipe && a->words == b->words && a->valid == b->valid && a->out == b->out && a->rd == b->rd &&
         a->pattern == b->pattern && a->turn == b->turn;
}

static uint32_t walk_limit(uint32_t periods, uint32_t room, uint32_t each) {
  if (each == 0) return periods;
  const uint32_t most = room / each;
  return most < periods ? most : periods;
}

/* Periods for which every comparison of the bucket with a beat or two comes out as in the last one. Where the bucket's
 * level changes, that is known only while it neither overflows nor falls below two beats, then or later. */
static uint32_t walk_token_limit(const struct machine *m, int32_t now, int32_t before) {
  const int32_t change = now - before, gain = m->bucket.rate * kPeriod, enough = 2 * m->beat * (kPeriod + 1);
  const int32_t each = change < 0 ? -change : change;
  if (each == 0) return UINT32_MAX;
  if (before < enough || before + gain > m->bucket.size) return 0;
  const int32_t room = change < 0 ? now - enough : m->bucket.size - now - gain;
  return room <= 0 ? 0 : (uint32_t)(room / each);
}

/* Whole periods like the one since `before`, at most `periods`; returns how many passed. */
static uint32_t walk_jump(const struct machine *m, const struct steady *c, struct walk *w, const struct walk *before,
                          uint32_t periods) {
  const uint32_t reads = w->reads - before->reads, writes = w->writes - before->writes;
  const uint32_t data = w->data - before->data, rows = w->rows - before->rows;
  periods = walk_limit(periods, c->reads - w->reads - 1, reads);
  periods = walk_limit(periods, c->writes - w->writes - 1, writes);
  periods = walk_limit(periods, c->data - w->data - 1, data);
  periods = walk_limit(periods, c->rows - w->rows, rows);
  const uint32_t tokens = walk_token_limit(m, w->tokens, before->tokens);
  if (tokens < periods) periods = tokens;
  w->tokens += (w->tokens - before->tokens) * (int32_t)periods;
  w->reads += reads * periods;
  w->writes += writes * periods;
  w->data += data * periods;
  w->rows += rows * periods;
  return periods;
}

int walk_pass(struct machine *m, const struct steady *c) {
  struct walk w = walk_begin(m, c), before = w;
  uint32_t i = 0, steps = 0;
  while (i < c->cycles && walk_cycle(m, c, &w)) {
    i++;
    if ((w.reads == c->reads) | (w.writes == c->writes) | (w.data == c->data)) break;
    if (++steps % kPeriod != 0) continue;
    if (walk_same(&w, &before)) i += kPeriod * walk_jump(m, c, &w, &before, (c->cycles - i) / kPeriod);
    before = w;
    if (w.valid && w.words > kPeriod && w.out + w.rd >= kWordsOut - 1) break;
  }
  walk_end(m, &w);
  const struct steady moved = {
      .cycles = i, .ended = i - 1, .reads = w.reads, .writes = w.writes, .data = w.data, .rows = w.rows};
  if (i != 0) steady_moved(m, &moved, (int)c->paired);
  return i != 0;
}
