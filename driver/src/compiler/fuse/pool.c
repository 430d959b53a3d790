/* The max pool behind the convolution over the image: part of that convolution's STOREs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/fuse/clamp.h"
#include "compiler/fuse/edit.h"
#include "compiler/fuse/pool.h"
#include "compiler/program.h"

static int is_pool(const struct tetra_op *op, const struct tetra_desc *in) {
  const struct tetra_window *w = &op->win;
  return op->kind == TETRA_MAXPOOL && w->kh == 3 && w->kw == 3 && w->stride_y == 2 && w->stride_x == 2 &&
         w->dilation_y == 1 && w->dilation_x == 1 && w->pad.top <= 1 && w->pad.left <= 1 && op->residual < 0 &&
         tetra_op_out_h(op, in->h) == (in->h + w->pad.top) / 2 &&
         tetra_op_out_w(op, in->w) == (in->w + w->pad.left) / 2;
}

/* The outputs of a convolution that is to have a pool: each is output `from` of the convolution, pooled by op `pool`,
 * whose output `k` it becomes. */
struct pooling {
  int conv, n;
  struct {
    int from, pool, k;
    struct tetra_requant rq;
  } out[TETRA_MAX_OUTPUTS];
};

static int reader_of(const struct tetra_graph *g, int value) {
  for (int i = 0; i < g->n_ops; i++)
    if (g->ops[i].input == value) return i;
  return -1;
}

/* Does lowering find room for it (lower/packed.c)? Two of the plane's rows in a tile and, packed, in the activation
 * buffer, the image rows under them in theirs, a line of the pool in its own. */
static int has_room(const struct tetra_graph *g, const struct tetra_caps *caps, const struct pooling *p) {
  const struct tetra_op *op = &g->ops[p->conv];
  const struct tetra_desc *in = &g->values[op->input].d, *plane = &g->values[op->output[0]].d;
  const uint32_t n = caps->n, row_bytes = (uint32_t)(in->w * in->c * tetra_fmt_bits(in->fmt) + 7) / 8;
  const uint32_t ring = min_int(255, (int)(caps->res_words / (uint32_t)tetra_ceil_div((int)row_bytes, (int)n)));
  const uint32_t packed = (uint32_t)weight_shape(g, n, p->conv).kb * 2 * (uint32_t)plane->w;
  uint32_t line = 0;
  for (int o = 0; o < p->n; o++) {
    const struct tetra_desc *out = &g->values[g->ops[p->out[o].pool].output[p->out[o].k]].d;
    line += (uint32_t)out->w * (tetra_fmt_bits(out->fmt) == 8 && op->cout > (int)n ? 2 : 1);
  }
  return 2 * (uint32_t)plane->w <= caps->acc_pixels && (uint32_t)(op->win.kh + op->win.stride_y) <= ring &&
         packed <= caps->act_words && line <= caps->pool_words;
}

static void add(struct pooling *p, int from, int pool, int k) {
  p->out[p->n].from = from;
  p->out[p->n].pool = pool;
  p->out[p->n++].k = k;
}

/* Every output of the convolution is read by a pool and by nothing else: one that may have two outputs, or each by one
 * of its own, with the same padding. */
static int find_outputs(const struct tetra_graph *g, struct pooling *p) {
  const struct tetra_op *c = &g->ops[p->conv];
  for (int o = 0; o < c->n_outputs; o++) {
    const int pool = reader_of(g, c->output[o]);
    if (pool < 0 || fuse_readers(g, c->output[o]) != 1) return 0;
    const struct tetra_op *q = &g->ops[pool], *first = &g->ops[p->n > 0 ? p->out[0].pool : pool];
    if (!is_pool(q, &g->values[q->input].d) || p->n + q->n_outputs > TETRA_MAX_OUTPUTS) return 0;
    if (q->win.pad.top != first->win.pad.top || q->win.pad.left != first->win.pad.left) return 0;
    for (int k = 0; k < q->n_outputs; k++) add(p, o, pool, k);
  }
  for (int o = 0; o < p->n; o++)
    if (!fuse_compose(g, p->conv, p->out[o].from, p->out[o].pool, p->out[o].k, &p->out[o].rq)) return 0;
  return 1;
}

static int can_fuse(const struct tetra_graph *g, const struct tetra_caps *caps, struct pooling *p) {
  const struct tetra_op *c = &g->ops[p->conv];
  return c->kind == TETRA_CONV && c->residual < 0 && !c->pool && op_is_packed(g, p->conv) && find_outputs(g, p) &&
         has_room(g, caps, p);
}

/* The convolution's outputs, which have parameters for as many already, become the pools'. */
static void take_outputs(struct tetra_graph *g, const struct pooling *p) {
  struct tetra_op *c = &g->ops[p->conv];
  const struct tetra_op *pool = &g->ops[p->out[0].pool];
  char name[TETRA_NAME_MAX];
  c->pool = 1;
  c->pool_pad_top = pool->win.pad.top;
  c->pool_pad_left = pool->win.pad.left;
  c->n_outputs = p->n;
  for (int o = 0; o < p->n; o++) {
    struct tetra_requant_channel *const ch = c->rq[o].ch;
    c->rq[o] = p->out[o].rq;
    c->rq[o].ch = ch;
    c->output[o] = g->ops[p->out[o].pool].output[p->out[o].k];
    g->values[c->output[o]].producer = p->conv;
  }
  snprintf(name, sizeof name, "%.30s+%.30s", c->name, pool->name);
  memcpy(c->name, name, sizeof name);
}

/* Takes out the pools and what they read, from the last one on, so that the others keep their places. */
static void remove_pools(struct tetra_graph *g, const struct pooling *p, struct tetra_fused *gone) {
  const int a = p->out[0].pool, b = p->out[p->n - 1].pool;
  const int later = a > b ? a : b, earlier = a > b ? b : a;
  const int values[2] = {g->ops[later].input, g->ops[earlier].input};
  fuse_remove_op(g, later);
  if (earlier != later) fuse_remove_op(g, earlier);
  fuse_remove_value(g, values[0] > values[1] ? values[0] : values[1], gone);
  if (earlier != later) fuse_remove_value(g, values[0] > values[1] ? values[1] : values[0], gone);
}

int fuse_pool(struct tetra_graph *g, int op, const struct tetra_caps *caps, struct tetra_fused *gone, int *done,
              struct tetra_error *err) {
  int o = 0;
  *done = 0;
  struct pooling p = {.conv = fuse_writer(g, g->ops[op].input, &o)};
  if (p.conv < 0 || !can_fuse(g, caps, &p)) return TETRA_OK;
  struct tetra_op *c = &g->ops[p.conv];
  if (p.n > c->n_outputs) { /* the same for both */
    const size_t bytes = (size_t)c->cout * sizeof *c->rq[1].ch;
    c->rq[1].ch = malloc(bytes);
    if (!c->rq[1].ch) return tetra_fail(err, TETRA_ENOMEM, "no memory for the parameters of '%s'", c->name);
    memcpy(c->rq[1].ch, c->rq[0].ch, bytes);
  }
  take_outputs(g, &p);
  remove_pools(g, &p, gone);
  *done = 1;
  return TETRA_OK;
}
