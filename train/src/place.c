/* Which quantizers a network has: the quantizer's places (tetra/quantize_plan.h) with AQT's rounding.
 *
 * AQT rounds unsigned values down, the accelerator's network rounds to nearest, as ONNX does. Both give the same codes
 * if half a code is taken off the value first, and that can be done in the bias of the convolution that makes the
 * value: floor(x * s) = round((x - shift) * s), shift = 1/2 / s. All that reads the same value sees the shift. Where
 * it is an addition whose other operand is a convolution's sum, that convolution's bias gives it back. So training
 * quantizes the other points of such a value as they will be: around the shift. */
#include "place.h"

#include <math.h>

static const struct tetra_float_node *producer(const struct tetra_train *t, int v) {
  return t->g.values[v].producer < 0 ? NULL : &t->g.nodes[t->g.values[v].producer];
}

static int index_of(const struct tetra_train *t, const struct tetra_float_node *n) { return (int)(n - t->g.nodes); }

/* Is operand k of node n read as it is, by nothing else? */
static int is_open(const struct tetra_train *t, const struct tetra_float_node *n, int k) {
  return t->plan.use[index_of(t, n)][k] < 0 && t->g.values[n->in[k]].n_uses == 1;
}

/* The convolution whose sums the addition reads as they are, -1: none. */
static int open_convolution(const struct tetra_train *t, const struct tetra_float_node *add) {
  for (int k = 0; k < 2; k++) {
    const struct tetra_float_node *n = producer(t, add->in[k]);
    if (n && n->kind == TETRA_FLOAT_CONV && is_open(t, add, k)) return index_of(t, n);
  }
  return -1;
}

static int is_whole(const struct tetra_float_node *pool) {
  const struct tetra_pads *p = &pool->win.pad;
  return p->top == 0 && p->left == 0 && p->bottom == 0 && p->right == 0;
}

int train_biased_by(const struct tetra_train *t, int v, int *pooled) {
  if (pooled) *pooled = -1;
  for (;;) {
    const struct tetra_float_node *n = producer(t, v);
    if (!n) return -1;
    const int alone = t->g.values[n->in[0]].n_uses == 1;
    switch (n->kind) {
      case TETRA_FLOAT_CONV:
        return index_of(t, n);
      case TETRA_FLOAT_ADD:
        return open_convolution(t, n);
      case TETRA_FLOAT_CLAMP:
        if (n->lo != 0 || !isinf(n->hi) || !is_open(t, n, 0)) return -1;
        break;
      case TETRA_FLOAT_FLATTEN:
      case TETRA_FLOAT_PLANE:
      case TETRA_FLOAT_MAXPOOL:
        if (!is_open(t, n, 0)) return -1;
        break;
      case TETRA_FLOAT_AVGPOOL:
        if (!alone || !is_whole(n) || !pooled || *pooled >= 0) return -1;
        *pooled = n->in[0];
        break;
      default:
        return -1;
    }
    v = n->in[0];
  }
}

/* Does what node i makes of operand k, read around a shift, get that back from a convolution's bias? */
static int gives_back(const struct tetra_train *t, int i) {
  const struct tetra_float_node *n = &t->g.nodes[i];
  if (n->kind == TETRA_FLOAT_ADD) return open_convolution(t, n) >= 0;
  if (n->kind != TETRA_FLOAT_PICK || !is_whole(n) || t->g.values[n->out].n_uses != 1) return 0;
  for (int j = i + 1; j < t->g.n_nodes; j++) {
    const struct tetra_float_node *add = &t->g.nodes[j];
    for (int k = 0; k < 2; k++)
      if (add->in[k] == n->out) return add->kind == TETRA_FLOAT_ADD && is_open(t, add, k) && gives_back(t, j);
  }
  return 0;
}

/* Does a convolution read point k of v; do all readers give a shift back? */
static void look_at_readers(const struct tetra_train *t, int v, int k, int *convolution, int *back) {
  *convolution = 0;
  *back = 1;
  for (int i = 0; i < t->g.n_nodes; i++) {
    for (int operand = 0; operand < 2; operand++) {
      if (t->g.nodes[i].in[operand] != v || t->plan.use[i][operand] != k) continue;
      *convolution |= t->g.nodes[i].kind == TETRA_FLOAT_CONV;
      *back &= gives_back(t, i);
    }
  }
}

static void place_aqt(struct tetra_train *t, int v) {
  struct train_value *value = &t->value[v];
  int pooled = -1;
  const int bias = train_biased_by(t, v, &pooled);
  for (int k = TETRA_PLAN_POINTS - 1; k >= 0;
       k--) { /* few bits first: they need the rounding that they were made for */
    const struct tetra_plan_point *p = &t->plan.points[v][k];
    int convolution;
    if (!p->used) continue;
    look_at_readers(t, v, k, &convolution, &value->taken_back[k]);
    const int floors = convolution && !tetra_fmt_signed(p->fmt) && bias >= 0 && value->floored < 0;
    const int shifted = value->floored >= 0;
    const int aqt = floors || (tetra_fmt_signed(p->fmt) && !shifted && convolution);
    value->point[k] = train_quantizer_make(aqt ? TRAIN_AQT : TRAIN_NEAREST, p->fmt);
    if (shifted && tetra_fmt_signed(p->fmt)) value->point[k].lo = 0; /* what is floored is not negative */
    if (!floors) continue;
    value->floored = k;
    value->shifted_by = v;
    if (pooled < 0) continue;
    t->value[pooled].shifted_by = v; /* whose own shift would be another: it has no convolution that reads it */
    t->value[pooled].taken_back[TETRA_PLAN_8] = 1;
  }
}

/* The first convolution of each stage's first block: of those behind a change of shape, or behind the stem, that read
 * what a shortcut reads, too. */
static int is_first(const struct tetra_train *t, int i) {
  const struct tetra_float_node *n = &t->g.nodes[i];
  const struct tetra_float_node *from = producer(t, n->in[0]);
  int others = 0;
  if (n->kind != TETRA_FLOAT_CONV || t->g.values[n->in[0]].n_uses < 2 || !from) return 0;
  for (int j = 0; j < t->g.n_nodes; j++) {
    const struct tetra_float_node *m = &t->g.nodes[j];
    if (j == i || m->in[0] != n->in[0]) continue;
    if (m->kind == TETRA_FLOAT_PICK || (m->kind == TETRA_FLOAT_CONV && m->win.kh == 1 && m->win.kw == 1)) others = 1;
  }
  while (from && (from->kind == TETRA_FLOAT_CLAMP || from->kind == TETRA_FLOAT_MAXPOOL))
    from = producer(t, from->in[0]);
  return others || (from && from->kind == TETRA_FLOAT_CONV && producer(t, from->in[0]) == NULL);
}

static void sign_first(struct tetra_train *t) {
  for (int i = 0; i < t->g.n_nodes; i++) {
    if (!is_first(t, i)) continue;
    struct tetra_plan_point *p = &t->plan.points[t->g.nodes[i].in[0]][t->plan.use[i][0]];
    p->fmt = tetra_fmt_of(tetra_fmt_bits(p->fmt), 1);
  }
}

/* A bit fewer is a step twice as large, where one learned step serves several numbers of bits: that of 8. */
static void place_steps(struct tetra_train *t) {
  const int shared = t->o.method == TETRA_TRAIN_ONCE;
  for (int i = 0; i < t->g.n_nodes; i++) {
    struct train_layer *l = &t->layer[i];
    l->coarser = shared && l->bits ? (float)(1 << (TRAIN_MOST_BITS - l->bits)) : 1;
  }
  for (int v = 0; v < t->g.n_values; v++) {
    struct train_value *value = &t->value[v];
    for (int k = 0; k < TETRA_PLAN_POINTS; k++)
      value->coarser[k] = shared ? (float)(1 << (TRAIN_MOST_BITS - tetra_fmt_bits(value->point[k].fmt))) : 1;
  }
}

int train_place(struct tetra_train *t) {
  struct tetra_quantize_options o;
  tetra_quantize_defaults(&o);
  o.precision = t->o.precision;
  o.bits = t->o.bits;
  o.n_bits = t->o.n_bits;
  const int rc = tetra_plan_place(&t->arena, &t->g, &o, &t->plan);
  if (rc) return rc;
  if (t->o.signed_first && t->o.method == TETRA_TRAIN_AQT) sign_first(t);
  for (int v = 0; v < t->g.n_values; v++) t->value[v].floored = t->value[v].shifted_by = -1;
  for (int v = 0; v < t->g.n_values; v++) {
    if (t->o.method == TETRA_TRAIN_AQT) {
      place_aqt(t, v);
      continue;
    }
    for (int k = 0; k < TETRA_PLAN_POINTS; k++)
      t->value[v].point[k] = train_quantizer_make(TRAIN_NEAREST, t->plan.points[v][k].fmt);
  }
  for (int i = 0; i < t->g.n_nodes; i++) t->layer[i].bits = t->plan.layers[i].bits;
  place_steps(t);
  return TETRA_OK;
}
