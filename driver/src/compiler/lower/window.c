/* Pools and element-wise additions: COMPUTEs with the identity matrix over one or two channel blocks. */
#include "compiler/lower/room.h"
#include "compiler/program.h"

struct window {
  struct program *p;
  const struct tetra_op *op;
  const struct tetra_desc *in;
  int index, bits4;
  struct cut cut;
  int32_t identity;
};

/* The COMPUTEs of channel tile ct over the rows at `act`. */
static void compute_blocks(struct window *v, const struct pixels *t, int32_t act, int row0, int rows, int blocks) {
  struct program *p = v->p;
  const struct tetra_op op = op_for_tile(v->op, t);
  const int image = rows * v->in->w, images = t->img1 - t->img0;
  for (int b = 0; b < blocks; b++)
    for (int m = 0; m < images && !p->failed; m++) {
      struct compute_op c = {
          .cmd = program_command(p, TETRA_OP_COMPUTE), .act_segment = act, .wgt_segment = v->identity};
      set_window(&c.cmd, &op, v->in, t, v->in->w, 1);
      c.act_offset = (b * images + m) * image + (t->y0 * op.win.stride_y - op.win.pad.top - row0) * v->in->w +
                     t->x0 * op.win.stride_x - op.win.pad.left;
      tetra_cmd_set(&c.cmd, TETRA_F_COMP_KB, 1);
      tetra_cmd_set(&c.cmd, TETRA_F_COMP_FIRST, 1);
      tetra_cmd_set(&c.cmd, TETRA_F_COMP_WGT8, !v->bits4);
      tetra_cmd_set(&c.cmd, TETRA_F_COMP_HALF, (uint32_t)b);
      tetra_cmd_set(&c.cmd, TETRA_F_COMP_HOLD, 1);
      tetra_cmd_set(&c.cmd, TETRA_F_COMP_MAX, v->op->kind == TETRA_MAXPOOL);
      tetra_cmd_set(&c.cmd, TETRA_F_COMP_ACC_BASE, (uint32_t)(m * (t->y1 - t->y0) * (t->x1 - t->x0)));
      program_compute(p, &c);
    }
}

/* Input words of one tile and one block. */
static uint32_t tile_words(const struct window *v) {
  const struct pixels t = cut_tile(&v->cut, 0);
  const int span = (t.y1 - t.y0 - 1) * v->op->win.stride_y + (v->op->win.kh - 1) * v->op->win.dilation_y + 1;
  return (uint32_t)(min_int(v->in->h, span) * v->in->w * (t.img1 - t.img0));
}

/* Not even one row of output fits. */
static int refuse_row(const struct window *v, uint32_t blocks, struct tetra_error *err) {
  const struct tetra_caps *caps = &v->p->caps;
  const uint32_t words = tile_words(v) * blocks, rows = words / blocks / (uint32_t)v->in->w;
  char buffer[kRoomText];
  room_text(caps, "an activation buffer", words, buffer);
  return tetra_fail(
      err, TETRA_ERANGE,
      "layer '%s': a row of its output reads %u rows of %d pixels at once, more than the activation buffer "
      "holds: %u rows of %u pixels would fit%s",
      v->op->name, rows, v->in->w, rows, caps->act_words / blocks / rows, buffer);
}

static int window_init(struct window *v, struct program *p, int op, const struct constants *c,
                       struct tetra_error *err) {
  *v = (struct window){.p = p, .op = &p->g->ops[op], .index = op};
  v->in = &p->g->values[v->op->input].d;
  v->bits4 = tetra_fmt_bits(v->in->fmt) == 4;
  v->cut = cut_plane(p, op);
  const uint32_t blocks = v->bits4 ? 1 : 2, n = p->caps.n;
  /* Half the buffer at most, so that the next tile's words can come while this one's are used. */
  while (tile_words(v) * blocks > p->caps.act_words / 2) {
    if (v->cut.imgs > 1)
      v->cut.imgs = (v->cut.imgs + 1) / 2;
    else if (v->cut.rows > 1)
      v->cut.rows = (v->cut.rows + 1) / 2;
    else if (tile_words(v) * blocks <= p->caps.act_words)
      break;
    else
      return refuse_row(v, blocks, err);
  }
  v->identity = program_segment(p, TETRA_BUF_WGT, v->bits4 ? 2 * n : n);
  (void)program_load(p, v->identity, 0, c->weights, v->bits4 ? 2 * n : n, 1, 0, 0);
  return TETRA_OK;
}

int lower_window(struct program *p, int op, const struct constants *c, struct tetra_error *err) {
  struct window v;
  const int rc = window_init(&v, p, op, c, err);
  if (rc != TETRA_OK) return rc;
  struct params all_params;
  if (params_init(&all_params, p, op, c, 0) != TETRA_OK)
    return tetra_fail(err, TETRA_ENOMEM, "no memory to compile a layer");
  const int tiles = tetra_ceil_div(v.op->cout, 2 * (int)p->caps.n), all = blocks_of(p->caps.n, v.in);
  for (int i = 0; i < cut_count(&v.cut); i++)
    for (int ct = 0; ct < tiles && !p->failed; ct++) {
      const struct pixels t = cut_tile(&v.cut, i);
      const int blk0 = v.bits4 ? ct : 2 * ct, blocks = v.bits4 ? 1 : min_int(2, all - blk0);
      int row0 = 0, row1 = 0;
      input_rows(v.op, v.in->h, t.y0, t.y1, &row0, &row1);
      const uint32_t words = (uint32_t)((row1 - row0) * v.in->w * (t.img1 - t.img0) * blocks);
      const int32_t act = program_segment(p, TETRA_BUF_ACT, words);
      load_plane(p, act, 0, v.op->input, &t, row0, row1 - row0, 1, blk0, blk0 + blocks);
      program_begin_tile(p);
      if (!p->failed) compute_blocks(&v, &t, act, row0, row1 - row0, blocks);
      const struct tile_params params = params_get(&all_params, p, ct);
      if (!p->failed) store_tile(p, op, &t, ct, params);
    }
  params_free(&all_params);
  return TETRA_OK;
}
