/* Bounds of an accumulator from bounds of the codes under its window. */
#include "sums.h"

#include <stdlib.h>

enum { CHUNK = 2048 }; /* products whose sum fits int32: |weight| <= 1148, |lo + hi| <= 1020 */

/* sum(w * x) for lo <= x <= hi: twice the middle, and twice the distance of its ends from there, are plain sums. */
static struct range dot(const int16_t *w, const int16_t *lo, const int16_t *hi, int n) {
  int64_t middle = 0, reach = 0;
  for (int at = 0; at < n; at += CHUNK) {
    const int end = n - at < CHUNK ? n : at + CHUNK;
    int32_t m = 0, r = 0;
    for (int i = at; i < end; i++) {
      m += w[i] * (lo[i] + hi[i]);
      r += abs(w[i]) * (hi[i] - lo[i]);
    }
    middle += m;
    reach += r;
  }
  return (struct range){(middle - reach) / 2, (middle + reach) / 2}; /* both are even */
}

static int64_t total(const int16_t *w, int n) {
  int64_t sum = 0;
  for (int i = 0; i < n; i++) sum += w[i];
  return sum;
}

static void add(struct range *a, struct range b) {
  a->lo += b.lo;
  a->hi += b.hi;
}
static void add_point(struct range *a, int64_t x) { add(a, (struct range){x, x}); }

/* The first network's sum less the second's is never further apart than the two ranges are. */
static void meet(struct sums *s) {
  const struct range apart = {s->net[0].lo - s->net[1].hi, s->net[0].hi - s->net[1].lo};
  if (apart.lo > s->d.lo) s->d.lo = apart.lo;
  if (apart.hi < s->d.hi) s->d.hi = apart.hi;
}

/* What op i of a network reads. */
struct reading {
  const struct tetra_op *op;
  const struct tetra_desc *in;
};

static struct reading reading(const struct tetra_equiv_bounds *p, int net, int i) {
  const struct tetra_graph *g = p->net->g[net];
  return (struct reading){&g->ops[i], &g->values[g->ops[i].input].d};
}

/* Place of the first channel of the pixel that tap (ky, kx) of window (y, x) reads; -1 in the padding. */
static int64_t tap(const struct reading *r, int y, int x, int ky, int kx) {
  const struct tetra_window *w = &r->op->win;
  const int iy = y * w->stride_y - w->pad.top + ky * w->dilation_y;
  const int ix = x * w->stride_x - w->pad.left + kx * w->dilation_x;
  if (iy < 0 || iy >= r->in->h || ix < 0 || ix >= r->in->w) return -1;
  return ((int64_t)iy * r->in->w + ix) * r->in->c;
}

/* a's weights times a's codes less b's times b's: w_a * (a - b) + (w_a - w_b) * b. */
static void conv_tap(const struct tetra_equiv_bounds *p, int i, int from, int to, size_t weight, int64_t at, int n,
                     struct sums *s) {
  const struct tetra_bounds_net *b = p->net;
  for (int k = from; k <= to; k++) {
    const struct reading r = reading(p, k, i);
    const int16_t *w = b->w[k][i] + weight;
    const int v = r.op->input;
    if (at < 0)
      add_point(&s->net[k], r.op->pad_code * total(w, n));
    else
      add(&s->net[k], dot(w, p->lo[k][v] + at, p->hi[k][v] + at, n));
  }
  if (!b->shared) return;
  const struct tetra_op *second = &b->g[1]->ops[i];
  const int16_t *w = b->w[0][i] + weight, *apart = b->apart[i] ? b->apart[i] + weight : NULL;
  const int v = second->input;
  if (at < 0)
    add_point(&s->d, (b->g[0]->ops[i].pad_code - second->pad_code) * total(w, n));
  else
    add(&s->d, dot(w, p->dlo[v] + at, p->dhi[v] + at, n));
  if (!apart) return;
  if (at < 0)
    add_point(&s->d, second->pad_code * total(apart, n));
  else
    add(&s->d, dot(apart, p->lo[1][v] + at, p->hi[1][v] + at, n));
}

static void conv(const struct tetra_equiv_bounds *p, int i, int from, int to, int y, int x, int c, struct sums *s) {
  const struct reading r = reading(p, from, i);
  const int n = tetra_op_group_cin(r.op, r.in->c), first = tetra_op_first_cin(r.op, r.in->c, c);
  size_t weight = (size_t)c * tetra_op_kernel(r.op, r.in->c);
  *s = (struct sums){{{0, 0}, {0, 0}}, {0, 0}};
  for (int ky = 0; ky < r.op->win.kh; ky++)
    for (int kx = 0; kx < r.op->win.kw; kx++, weight += (size_t)n) {
      const int64_t at = tap(&r, y, x, ky, kx);
      conv_tap(p, i, from, to, weight, at < 0 ? -1 : at + first, n, s);
    }
  if (p->net->shared) meet(s);
}

static void widen(struct range *a, struct range b) {
  if (b.lo > a->lo) a->lo = b.lo;
  if (b.hi > a->hi) a->hi = b.hi;
}

/* The largest of some sums, in both networks, differ by no more than one of the sums does. */
static void largest(struct sums *most, const struct sums *one, int first, int from, int to) {
  if (first) {
    *most = *one;
    return;
  }
  for (int k = from; k <= to; k++) widen(&most->net[k], one->net[k]);
  if (one->d.lo < most->d.lo) most->d.lo = one->d.lo;
  if (one->d.hi > most->d.hi) most->d.hi = one->d.hi;
}

/* A convolution that a max pool of 3x3 and stride 2 follows. */
static void pooled(const struct tetra_equiv_bounds *p, int i, int from, int to, int oy, int ox, int c, struct sums *s) {
  const struct reading r = reading(p, from, i);
  const int h = tetra_op_plane_h(r.op, r.in->h), w = tetra_op_plane_w(r.op, r.in->w);
  const int y0 = 2 * oy - r.op->pool_pad_top, x0 = 2 * ox - r.op->pool_pad_left;
  int first = 1;
  for (int y = y0; y < y0 + 3; y++)
    for (int x = x0; x < x0 + 3; x++) {
      struct sums one;
      if (y < 0 || y >= h || x < 0 || x >= w) continue;
      conv(p, i, from, to, y, x, c, &one);
      largest(s, &one, first, from, to);
      first = 0;
    }
  if (p->net->shared) meet(s);
}

/* Element e of value v, or, in the padding, the code that is there. */
static struct sums element(const struct tetra_equiv_bounds *p, int i, int from, int to, int64_t e, const int pad[2]) {
  struct sums s = {{{0, 0}, {0, 0}}, {0, 0}};
  for (int k = from; k <= to; k++) {
    const int v = p->net->g[k]->ops[i].input;
    s.net[k] = e < 0 ? (struct range){pad[k], pad[k]} : (struct range){p->lo[k][v][e], p->hi[k][v][e]};
    if (p->net->shared && e >= 0) s.d = (struct range){p->dlo[v][e], p->dhi[v][e]};
  }
  if (p->net->shared && e < 0) s.d = (struct range){pad[0] - pad[1], pad[0] - pad[1]};
  return s;
}

/* Padding of a max pool counts as the smallest code, which no code is below, so windows that have another code need
 * not look at it. */
static void pool(const struct tetra_equiv_bounds *p, int i, int from, int to, int y, int x, int c, struct sums *s) {
  const struct reading r = reading(p, from, i);
  const int is_max = r.op->kind == TETRA_MAXPOOL;
  int pad[2] = {0, 0}, first = 1;
  for (int k = from; k <= to; k++) {
    const struct reading own = reading(p, k, i);
    pad[k] = is_max ? tetra_fmt_min(own.in->fmt) : own.op->pad_code;
  }
  *s = is_max ? element(p, i, from, to, -1, pad) : (struct sums){{{0, 0}, {0, 0}}, {0, 0}};
  for (int ky = 0; ky < r.op->win.kh; ky++)
    for (int kx = 0; kx < r.op->win.kw; kx++) {
      const int64_t at = tap(&r, y, x, ky, kx);
      if (is_max && at < 0) continue;
      const struct sums one = element(p, i, from, to, at < 0 ? -1 : at + c, pad);
      if (is_max) {
        largest(s, &one, first, from, to);
      } else {
        for (int k = from; k <= to; k++) add(&s->net[k], one.net[k]);
        add(&s->d, one.d);
      }
      first = 0;
    }
  if (p->net->shared) meet(s);
}

void bounds_sums(const struct tetra_equiv_bounds *p, int i, int from, int to, int y, int x, int c, struct sums *s) {
  const struct reading r = reading(p, from, i);
  static const int none[2] = {0, 0};
  if (r.op->kind == TETRA_CONV && r.op->pool)
    pooled(p, i, from, to, y, x, c, s);
  else if (r.op->kind == TETRA_CONV)
    conv(p, i, from, to, y, x, c, s);
  else if (r.op->kind == TETRA_ADD)
    *s = element(p, i, from, to, ((int64_t)y * r.in->w + x) * r.in->c + c, none);
  else
    pool(p, i, from, to, y, x, c, s);
}
