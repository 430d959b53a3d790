/* Falsification: inputs at the ball's corners and inside, then a climb from the best of them in which blocks of
 * elements move to their ends, and all moves that helped are made at once, as a step along the signs of a gradient. */
#include "search.h"

#include <stdlib.h>
#include <string.h>

struct search {
  struct runs *r;
  const struct tetra_equiv_options *o;
  uint64_t random;
  long long left; /* inputs that may still be tried */
  int *slots;     /* [batch][elements]: the inputs of the next run */
  int *best;      /* [elements] */
  struct score score;
  int *free_e, n_free; /* elements with more than one choice */
  int *move;           /* [n_free]: what a climb's helpful moves set an element to, -1: nothing */
};

static uint64_t next_random(struct search *s) {
  s->random ^= s->random << 13;
  s->random ^= s->random >> 7;
  s->random ^= s->random << 17;
  return s->random >> 11;
}
static int below(struct search *s, int n) { return (int)(next_random(s) % (uint64_t)n); }

static int *slot(const struct search *s, int i) { return s->slots + (size_t)i * (size_t)s->r->ball->elements; }

static void copy(const struct search *s, int *to, const int *from) {
  memcpy(to, from, (size_t)s->r->ball->elements * sizeof *to);
}

/* Runs the first `count` slots and keeps the best input; which[i]: is slot i's better than the best was before? */
static int try_slots(struct search *s, int count, int *which, struct tetra_error *err) {
  const struct score before = s->score;
  for (int i = 0; i < count; i++) runs_set(s->r, i, slot(s, i));
  const int rc = runs_go(s->r, count, err);
  s->left -= count;
  for (int i = 0; !rc && i < count; i++) {
    const struct score one = runs_score(s->r, i, s->o);
    if (which) which[i] = score_better(&one, &before);
    if (!score_better(&one, &s->score)) continue;
    s->score = one;
    copy(s, s->best, slot(s, i));
  }
  return rc;
}

/* kind 0: the lowest choices, 1: the highest, 2: a corner, 3: anything. */
static void draw(struct search *s, int *to, int kind) {
  const struct tetra_ball *b = s->r->ball;
  for (int e = 0; e < b->elements; e++) {
    const int lo = b->first[e], n = b->first[e + 1] - lo;
    to[e] = lo + (kind == 0 ? 0 : kind == 1 ? n - 1 : kind == 2 ? (n - 1) * below(s, 2) : below(s, n));
  }
}

static int start(struct search *s, long long tries, struct tetra_error *err) {
  int rc = TETRA_OK;
  for (long long done = 0; done < tries && !rc && !s->score.broken;) {
    const int count = tries - done < s->r->batch ? (int)(tries - done) : s->r->batch;
    for (int i = 0; i < count; i++) {
      const long long kind = done + i;
      if (kind == 0)
        copy(s, slot(s, i), s->r->ball->centre);
      else
        draw(s, slot(s, i), kind < 3 ? (int)kind - 1 : 2 + (int)(kind & 1));
    }
    rc = try_slots(s, count, NULL, err);
    done += count;
  }
  return rc;
}

static void shuffle(struct search *s) {
  for (int i = s->n_free - 1; i > 0; i--) {
    const int j = below(s, i + 1), e = s->free_e[i];
    s->free_e[i] = s->free_e[j];
    s->free_e[j] = e;
  }
}

/* Where a move takes element e: to one of its ends, sometimes elsewhere. */
static int target(struct search *s, int e, int up) {
  const struct tetra_ball *b = s->r->ball;
  if (below(s, 8) == 0) return b->first[e] + below(s, b->first[e + 1] - b->first[e]);
  return up ? b->first[e + 1] - 1 : b->first[e];
}

/* Blocks of `size` elements from place `at` of the shuffled ones on, up and down, as many as run at once. Returns the
 * place behind the last one. */
static int try_blocks(struct search *s, const int *from, int at, int size, int *gain, struct tetra_error *err,
                      int *rc) {
  int count = 0;
  for (; count < s->r->batch && count < s->left && at + count / 2 * size < s->n_free; count++) {
    const int first = at + count / 2 * size;
    copy(s, slot(s, count), from);
    for (int i = first; i < first + size && i < s->n_free; i++)
      slot(s, count)[s->free_e[i]] = target(s, s->free_e[i], count & 1);
  }
  *rc = try_slots(s, count, gain, err);
  for (int k = 0; !*rc && k < count; k++) {
    const int first = at + k / 2 * size;
    for (int i = first; gain[k] && i < first + size && i < s->n_free; i++) s->move[i] = slot(s, k)[s->free_e[i]];
  }
  return at + (count + 1) / 2 * size;
}

/* One pass over a few batches of blocks. Returns whether the best input got better. */
static int pass(struct search *s, int size, int *from, int *gain, struct tetra_error *err, int *rc) {
  enum { batches = 8 };
  const struct score before = s->score;
  copy(s, from, s->best);
  shuffle(s);
  for (int i = 0; i < s->n_free; i++) s->move[i] = -1;
  for (int at = 0, n = 0; at < s->n_free && n < batches && s->left > 0 && !*rc && !s->score.broken; n++)
    at = try_blocks(s, from, at, size, gain, err, rc);
  if (*rc || s->score.broken || s->left <= 0) return 0;
  for (int i = 0; i < s->n_free; i++)
    if (s->move[i] >= 0) from[s->free_e[i]] = s->move[i];
  copy(s, slot(s, 0), from);
  *rc = try_slots(s, 1, NULL, err);
  return score_better(&s->score, &before);
}

static int climb(struct search *s, int *from, int *gain, struct tetra_error *err) {
  int rc = TETRA_OK, size = s->n_free / 4 > 1 ? s->n_free / 4 : 1, idle = 0;
  while (s->left > 0 && !s->score.broken && !rc && idle < 3) {
    const int better = pass(s, size, from, gain, err, &rc);
    idle = better || size > 1 ? 0 : idle + 1;
    if (!better) size = size > 1 ? size / 2 : 1;
  }
  return rc;
}

/* A climb that has ended begins again elsewhere; the best of all climbs is kept. */
static int climbs(struct search *s, struct tetra_error *err) {
  const size_t n = (size_t)s->r->ball->elements;
  int *from = malloc(n * sizeof *from), *kept = malloc(n * sizeof *kept);
  int *gain = calloc((size_t)s->r->batch, sizeof *gain);
  int rc = from && kept && gain ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory for inputs of %zu elements", n);
  while (!rc && s->n_free > 0 && s->left > 0 && !s->score.broken) {
    const struct score best = s->score;
    copy(s, kept, s->best);
    rc = climb(s, from, gain, err);
    if (rc || s->score.broken || s->left <= 0) break;
    const struct score climbed = s->score;
    if (score_better(&climbed, &best)) continue;
    copy(s, s->best, kept); /* a plateau: as good a place to begin as any other one */
    draw(s, slot(s, 0), 2 + below(s, 2));
    rc = try_slots(s, 1, NULL, err);
  }
  free(from);
  free(kept);
  free(gain);
  return rc;
}

static int run(struct search *s, long long tries, struct tetra_error *err) {
  const int rc = start(s, tries / 4 + 4, err);
  return rc || s->score.broken ? rc : climbs(s, err);
}

int equiv_search(struct runs *r, const struct tetra_equiv_options *o, long long tries, int *best, struct score *score,
                 struct tetra_error *err) {
  const struct tetra_ball *b = r->ball;
  const size_t n = (size_t)b->elements;
  struct search s = {.r = r, .o = o, .left = tries, .best = best, .score = {0, -1e300, 0}};
  s.random = o->seed * 0x9e3779b97f4a7c15u + 0x1234567;
  s.slots = malloc((size_t)r->batch * n * sizeof *s.slots);
  s.free_e = malloc(n * sizeof *s.free_e);
  s.move = malloc(n * sizeof *s.move);
  copy(&s, best, b->centre);
  for (int e = 0; s.free_e && e < b->elements; e++)
    if (b->first[e + 1] - b->first[e] > 1) s.free_e[s.n_free++] = e;
  const int rc = s.slots && s.free_e && s.move ? run(&s, tries, err)
                                               : tetra_fail(err, TETRA_ENOMEM, "no memory for %zu elements", n);
  *score = s.score;
  free(s.slots);
  free(s.free_e);
  free(s.move);
  return rc;
}
