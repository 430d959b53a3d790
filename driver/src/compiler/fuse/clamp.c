/* Ops over single pixels that move and clamp codes: part of what makes these codes. Requantization never decreases, and
 * its last step is a clamp, so that clamping its codes once more is another clamp; a difference of zero points is added
 * behind the rounding. */
#include <stdlib.h>
#include <string.h>

#include "compiler/fuse/clamp.h"
#include "compiler/fuse/edit.h"

static int same_channel(const struct tetra_requant_channel *a, const struct tetra_requant_channel *b) {
  return a->bias == b->bias && a->m == b->m && a->s == b->s && a->frac == b->frac; /* of what has no residual */
}

/* Do all of the mover's channels give, for every code that the maker can, that code plus `by`, clamped to lo..hi? */
static int moves(const struct tetra_requant *mover, int channels, const struct tetra_requant *maker, int by, int lo,
                 int hi) {
  for (int c = 0; c < channels; c++) {
    if (c > 0 && same_channel(&mover->ch[c], &mover->ch[0])) continue;
    for (int code = maker->lo; code <= maker->hi; code++) {
      const int moved = code + by, want = moved < lo ? lo : moved > hi ? hi : moved;
      if (tetra_requantize(mover, c, TETRA_RES_NONE, code, 0) != want) return 0;
    }
  }
  return 1;
}

int fuse_compose(const struct tetra_graph *g, int maker, int o, int mover, int k, struct tetra_requant *rq) {
  const struct tetra_requant *made = &g->ops[maker].rq[o], *moved = &g->ops[mover].rq[k];
  *rq = *made;
  rq->ch = NULL;
  rq->zp = moved->zp;
  rq->lo = tetra_requantize(moved, 0, TETRA_RES_NONE, made->lo, 0);
  rq->hi = tetra_requantize(moved, 0, TETRA_RES_NONE, made->hi, 0);
  return moves(moved, g->ops[mover].cout, made, moved->zp - made->zp, rq->lo, rq->hi);
}

/* A pool over one pixel at a time, whose sum or maximum is the code itself. */
static int reads_pixels(const struct tetra_op *op) {
  const struct tetra_window *w = &op->win;
  return (op->kind == TETRA_MAXPOOL || op->kind == TETRA_AVGPOOL) && w->kh == 1 && w->kw == 1 && w->stride_y == 1 &&
         w->stride_x == 1 && !(w->pad.top | w->pad.left | w->pad.bottom | w->pad.right) && op->residual < 0 &&
         !tetra_op_is_part(op) && op->n_outputs == 1;
}

/* The maker's output `o` becomes the value that the mover made. */
static void replace(struct tetra_graph *g, int maker, int o, int mover, const struct tetra_requant *rq) {
  struct tetra_op *m = &g->ops[maker];
  struct tetra_requant_channel *ch = m->rq[o].ch;
  const int value = g->ops[mover].output[0];
  m->rq[o] = *rq;
  m->rq[o].ch = ch;
  m->output[o] = value;
  g->values[value].producer = maker;
}

/* Others read the maker's output as well: the mover's becomes its second one. */
static int add_second(struct tetra_graph *g, int maker, int mover, const struct tetra_requant *rq,
                      struct tetra_error *err) {
  struct tetra_op *m = &g->ops[maker];
  const size_t bytes = (size_t)m->cout * sizeof *rq->ch;
  struct tetra_requant_channel *ch = malloc(bytes);
  if (!ch) return tetra_fail(err, TETRA_ENOMEM, "no memory for the parameters of '%s'", m->name);
  memcpy(ch, m->rq[0].ch, bytes);
  m->n_outputs = 2;
  m->rq[1].ch = ch;
  replace(g, maker, 1, mover, rq);
  return TETRA_OK;
}

int fuse_clamp(struct tetra_graph *g, int op, struct tetra_fused *gone, int *done, struct tetra_error *err) {
  struct tetra_requant rq;
  const int value = g->ops[op].input;
  int o = 0;
  *done = 0;
  const int maker = fuse_writer(g, value, &o);
  if (maker < 0 || !reads_pixels(&g->ops[op]) || !fuse_compose(g, maker, o, op, 0, &rq)) return TETRA_OK;
  const int only_reader = fuse_readers(g, value) == 1;
  if (!only_reader && (g->ops[maker].n_outputs == TETRA_MAX_OUTPUTS || tetra_op_is_part(&g->ops[maker])))
    return TETRA_OK;
  if (only_reader) {
    replace(g, maker, o, op, &rq);
  } else {
    const int rc = add_second(g, maker, op, &rq, err);
    if (rc != TETRA_OK) return rc;
  }
  fuse_remove_op(g, op);
  if (only_reader) fuse_remove_value(g, value, gone);
  *done = 1;
  return TETRA_OK;
}
