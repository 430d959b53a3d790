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

/* Does lowering find room for it (lower/packed.c)? Two of the plane's rows in a tile and, packed, in the activation
 * buffer, the image rows under them in theirs, a line of the pool in its own. */
static int has_room(const struct tetra_graph *g, const struct tetra_caps *caps, int conv, const struct tetra_op *pool) {
  const struct tetra_op *op = &g->ops[conv];
  const struct tetra_desc *in = &g->values[op->input].d, *plane = &g->values[pool->input].d;
  const uint32_t n = caps->n, row_bytes = (uint32_t)(in->w * in->c * tetra_fmt_bits(in->fmt) + 7) / 8;
  const uint32_t ring = min_int(255, (int)(caps->res_words / (uint32_t)tetra_ceil_div((int)row_bytes, (int)n)));
  const uint32_t packed = (uint32_t)weight_shape(g, n, conv).kb * 2 * (uint32_t)plane->w;
  uint32_t line = 0;
  for (int o = 0; o < pool->n_outputs; o++) {
    const struct tetra_desc *out = &g->values[pool->output[o]].d;
    line += (uint32_t)out->w * (tetra_fmt_bits(out->fmt) == 8 && op->cout > (int)n ? 2 : 1);
  }
  return 2 * (uint32_t)plane->w <= caps->acc_pixels && (uint32_t)(op->win.kh + op->win.stride_y) <= ring &&
         packed <= caps->act_words && line <= caps->pool_words;
}

static int can_fuse(const struct tetra_graph *g, const struct tetra_caps *caps, int conv, int pool) {
  const struct tetra_op *c = &g->ops[conv], *p = &g->ops[pool];
  return c->kind == TETRA_CONV && c->residual < 0 && !c->pool && c->n_outputs == 1 && op_is_packed(g, conv) &&
         fuse_readers(g, p->input) == 1 && is_pool(p, &g->values[p->input].d) && has_room(g, caps, conv, p);
}

/* The convolution's outputs become the pool's; its own parameters serve all of them. */
static void take_outputs(struct tetra_graph *g, int conv, int pool, const struct tetra_requant *rq,
                         struct tetra_requant_channel *second) {
  struct tetra_op *c = &g->ops[conv];
  const struct tetra_op *p = &g->ops[pool];
  char name[TETRA_NAME_MAX];
  struct tetra_requant_channel *const ch[TETRA_MAX_OUTPUTS] = {c->rq[0].ch, second};
  c->pool = 1;
  c->pool_pad_top = p->win.pad.top;
  c->pool_pad_left = p->win.pad.left;
  c->n_outputs = p->n_outputs;
  for (int o = 0; o < p->n_outputs; o++) {
    c->rq[o] = rq[o];
    c->rq[o].ch = ch[o];
    c->output[o] = p->output[o];
    g->values[p->output[o]].producer = conv;
  }
  snprintf(name, sizeof name, "%.30s+%.30s", c->name, p->name);
  memcpy(c->name, name, sizeof name);
}

int fuse_pool(struct tetra_graph *g, int op, const struct tetra_caps *caps, struct tetra_fused *gone, int *done,
              struct tetra_error *err) {
  struct tetra_requant rq[TETRA_MAX_OUTPUTS];
  struct tetra_requant_channel *second = NULL;
  const struct tetra_op *p = &g->ops[op];
  const int value = p->input;
  int o = 0;
  *done = 0;
  const int conv = fuse_writer(g, value, &o);
  if (conv < 0 || !can_fuse(g, caps, conv, op)) return TETRA_OK;
  for (int k = 0; k < p->n_outputs; k++)
    if (!fuse_compose(g, conv, 0, op, k, &rq[k])) return TETRA_OK;
  if (p->n_outputs == 2) {
    const size_t bytes = (size_t)p->cout * sizeof *second;
    second = malloc(bytes);
    if (!second) return tetra_fail(err, TETRA_ENOMEM, "no memory for the parameters of '%s'", p->name);
    memcpy(second, g->ops[conv].rq[0].ch, bytes);
  }
  take_outputs(g, conv, op, rq, second);
  fuse_remove_op(g, op);
  fuse_remove_value(g, value, gone);
  *done = 1;
  return TETRA_OK;
}
