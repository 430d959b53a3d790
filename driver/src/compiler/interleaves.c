/* Interleaves: runs of neighbouring convs whose strips (bands of output rows) take turns.
 *
 * A memory-bound conv leaves the array waiting, a compute-bound one leaves the bus idle; strip by strip beside each
 * other they need the larger of their sums instead of the sum of their larger parts. Their weights stay resident and
 * each strip's activations pass through the buffer once.
 */
#include <stdlib.h>

#include "compiler/lower/conv.h"

enum { kMostOps = 12 };

/* What an op costs, in cycles of the array and beats of the bus, and what it holds while its interleave runs. */
struct cost {
  int eligible, mode, strips;
  int64_t compute, beats;
  int64_t weights, act; /* half-words; words of one strip */
};

static int64_t value_words(const struct tetra_graph *g, uint32_t n, int v) {
  const struct tetra_desc *d = &g->values[v].d;
  return (int64_t)d->n * d->h * d->w * blocks_of(n, d);
}

static struct cost op_cost(const struct program *p, int i) {
  const struct tetra_graph *g = p->g;
  const struct tetra_caps *caps = &p->caps;
  const struct tetra_op *op = &g->ops[i];
  const struct tetra_desc *in = &g->values[op->input].d, *out = &g->values[op->output[0]].d;
  const struct weight_shape s = weight_shape(g, caps->n, i);
  struct cost c = {.compute = p->plan->layers[i].compute_bound};
  if (op->kind != TETRA_CONV || op_is_packed(g, i)) return c;
  const struct cut cut = cut_plane(p, i);
  const int ny = tetra_ceil_div(out->h, cut.rows),
            step = op->win.kh == 1 && op->win.pad.top == 0 ? op->win.stride_y : 1;
  const int rows = min_int(
      in->h, tetra_ceil_div((cut.rows - 1) * op->win.stride_y + (op->win.kh - 1) * op->win.dilation_y + 1, step));
  c.strips = out->n * ny;
  c.act = (int64_t)rows * in->w * s.kb;
  struct weights w;
  weights_measure(&w, p, i);
  c.weights = (int64_t)weights_tile_halfwords(&w) * w.tiles;
  c.beats = c.act * c.strips + c.weights * w.loads + (op->residual >= 0 ? value_words(g, caps->n, op->residual) : 0);
  for (int o = 0; o < op->n_outputs; o++) c.beats += value_words(g, caps->n, op->output[o]);
  /* Parameters: at worst once a tile. */
  c.beats += (int64_t)c.strips * tetra_ceil_div(op->cout, (int)caps->n) * op->n_outputs * kParamBeats;
  c.mode = s.act8 + 2 * s.wgt8 + 4 * tetra_fmt_signed(in->fmt);
  c.eligible = ny > 1 && cut.cols == out->w && s.kh * s.kw * (int)caps->n * 2 <= (int)caps->wgt_words / 2;
  return c;
}

/* Cycles of ops i..j as one interleave; INT64_MAX where they cannot be one. */
static int64_t interleave_cost(const struct cost *c, const struct tetra_caps *caps, int i, int j) {
  int64_t compute = 0, beats = 0, weights = 0, act = 0;
  for (int k = i; k <= j; k++) {
    if (j > i && (!c[k].eligible || c[k].mode != c[i].mode || c[k].strips != c[i].strips)) return INT64_MAX;
    compute += c[k].compute;
    beats += c[k].beats;
    weights += c[k].weights;
    act += 2 * c[k].act;
  }
  if (j > i && (weights > caps->wgt_words / 16 * 15 || act > caps->act_words)) return INT64_MAX;
  /* Neither is ever quite hidden behind the other: the closer they are, the less (fitted to simulations). */
  const int64_t most = compute > beats ? compute : beats, least = compute > beats ? beats : compute;
  return most + (most > 0 ? least * least / most / 4 : 0);
}

int interleaves_choose(struct interleaves *s, const struct program *p, struct tetra_error *err) {
  const int n = p->g->n_ops;
  struct cost *c = malloc((size_t)n * sizeof *c);
  int64_t *best = calloc((size_t)n + 1, sizeof *best); /* of ops i.. to the end */
  s->first = malloc((size_t)n * sizeof *s->first);
  s->last = malloc((size_t)n * sizeof *s->last);
  const int ok = c && best && s->first && s->last;
  for (int i = 0; ok && i < n; i++) c[i] = op_cost(p, i);
  for (int i = n - 1; ok && i >= 0; i--) {
    s->last[i] = i;
    best[i] = interleave_cost(c, &p->caps, i, i) + best[i + 1];
    for (int j = i + 1; j < min_int(n, i + kMostOps); j++) {
      const int64_t together = interleave_cost(c, &p->caps, i, j);
      if (together == INT64_MAX || together + best[j + 1] >= best[i]) continue;
      best[i] = together + best[j + 1];
      s->last[i] = j;
    }
  }
  for (int i = 0, first = 0; ok && i < n; i++) {
    if (i > first) s->last[i] = s->last[first];
    s->first[i] = first;
    if (i == s->last[first]) first = i + 1;
  }
  free(c);
  free(best);
  return ok ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory to compile the network");
}

void interleaves_free(struct interleaves *s) {
  free(s->first);
  free(s->last);
}

/* A conv of the interleave and its share of the array: `time` grows by `share` with each tile. */
struct member {
  struct conv conv;
  int done, tiles;
  int64_t time, share;
  int64_t compute, drain; /* of a tile: cycles of the array; of post-processor or bus, whichever takes longer */
};

/* Rows below row1 of image img of value v are there, and one more band, so that the last of them are on their way
 * through memory while something else runs. */
static int rows_done(const struct member *m, int count, int v, int img, int row1) {
  for (int k = 0; k < count; k++)
    for (int o = 0; o < m[k].conv.op->n_outputs; o++) {
      const struct conv *c = &m[k].conv;
      if (c->op->output[o] != v) continue;
      const int ny = tetra_ceil_div(c->cut.ho, c->cut.rows);
      const int need = img * ny + tetra_ceil_div(row1, c->cut.rows) + c->band_strips;
      return conv_strips_done(c) >= min_int(need, c->strips);
    }
  return 1;
}

static int member_ready(const struct member *m, int count, int k) {
  const struct conv *c = &m[k].conv;
  struct pixels band;
  if (m[k].done == m[k].tiles) return 0;
  if (!conv_at_band(c, &band)) return 1;
  int row0 = 0, row1 = 0;
  input_rows(c->op, c->in->h, band.y0, band.y1, &row0, &row1);
  return rows_done(m, count, c->op->input, band.img0, row1) &&
         (c->op->residual < 0 || rows_done(m, count, c->op->residual, band.img0, band.y1));
}

/* The two accumulator buffers and the array in time, roughly. */
struct clock {
  int64_t array, drain, buffer[2];
  int next; /* buffer of the next tile */
};

static void clock_tile(struct clock *t, const struct member *m) {
  const int64_t end = (t->array > t->buffer[t->next] ? t->array : t->buffer[t->next]) + m->compute;
  t->array = end;
  t->drain = (t->drain > end ? t->drain : end) + m->drain;
  t->buffer[t->next] = t->drain;
  t->next ^= 1;
}

/* Stride scheduling: each conv gets tiles in proportion to its number of tiles, so that those of the memory-bound ones
 * are spread evenly among the others'; who had to wait for data does not catch up in a burst. Among those whose turn it
 * nearly is, the tile that takes just longer than the other buffer's drain: the array need not wait for it then. */
static int choose(const struct member *m, int count, const struct clock *t, int64_t now) {
  const int64_t start = t->array > t->buffer[t->next] ? t->array : t->buffer[t->next];
  const int64_t cover = t->buffer[t->next ^ 1] - start;
  int best = -1;
  for (int k = 0; k < count; k++) {
    if (!member_ready(m, count, k) || m[k].time > now + m[k].share) continue;
    if (best < 0) {
      best = k;
      continue;
    }
    const int covers = m[k].compute >= cover, best_covers = m[best].compute >= cover;
    const int shorter = m[k].compute < m[best].compute;
    if (covers != best_covers ? covers : covers == shorter) best = k;
  }
  return best;
}

static void interleave(struct program *p, struct member *m, int count) {
  struct clock t = {0};
  int64_t now = 0;
  while (!p->failed) {
    int64_t least = INT64_MAX;
    for (int k = 0; k < count; k++) {
      if (!member_ready(m, count, k)) continue;
      if (m[k].time < now) m[k].time = now;
      if (m[k].time < least) least = m[k].time;
    }
    if (least == INT64_MAX) return;
    now = least;
    const int next = choose(m, count, &t, now);
    clock_tile(&t, &m[next]);
    m[next].time += m[next].share;
    m[next].done++;
    p->layer = m[next].conv.index;
    conv_step(&m[next].conv);
  }
}

/* Tiles of fewer rows for convs of fewer channel tiles than `most`, down to n pixels. */
static int rows_per_tile(const struct program *p, int op, int most) {
  const struct cut cut = cut_plane(p, op);
  const int tiles = tetra_ceil_div(p->g->ops[op].cout, 2 * (int)p->caps.n);
  int rows = cut.rows;
  for (int r = cut.rows; r >= 1; r--) {
    if (r * cut.wo < (int)p->caps.n) break;
    rows = r;
    if (tiles * tetra_ceil_div(cut.rows, r) >= most) break;
  }
  return rows;
}

int lower_interleaved(struct program *p, int first, int last, const struct constants *consts, struct tetra_error *err) {
  struct member *m = calloc((size_t)(last - first) + 1, sizeof *m);
  if (!m) return tetra_fail(err, TETRA_ENOMEM, "no memory to compile the network");
  int rc = TETRA_OK, count = 0, entries = 0, most = 0;
  for (int i = first; i <= last; i++) {
    most = max_int(most, tetra_ceil_div(p->g->ops[i].cout, 2 * (int)p->caps.n));
    entries += params_entries(&p->g->ops[i], p->caps.n);
  }
  for (int i = first; i <= last && rc == TETRA_OK; i++, count++) {
    struct conv *c = &m[count].conv;
    rc = conv_init(c, p, i, &consts[i], rows_per_tile(p, i, most), entries, err);
    m[count].tiles = conv_tiles(c);
    m[count].share = m[count].tiles > 0 ? ((int64_t)1 << 40) / m[count].tiles : 0;
    if (rc == TETRA_OK) {
      const struct cost all = op_cost(p, i);
      m[count].compute = all.compute / m[count].tiles;
      m[count].drain = all.beats / m[count].tiles;
    }
  }
  if (rc == TETRA_OK) interleave(p, m, count);
  for (int k = 0; k < count; k++) conv_free(&m[k].conv);
  free(m);
  return rc;
}
