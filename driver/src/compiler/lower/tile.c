/* What all ops share: cutting output planes into accumulator tiles, window geometry, loads of planes and stores. */
#include "compiler/program.h"

/* A graph's rounding modes and residual forms are written into commands as they are. */
_Static_assert((int)TETRA_FLOOR == (int)TETRA_ROUND_FLOOR && (int)TETRA_HALF_UP == (int)TETRA_ROUND_HALF_UP &&
                   (int)TETRA_HALF_EVEN == (int)TETRA_ROUND_HALF_EVEN &&
                   (int)TETRA_HALF_AWAY == (int)TETRA_ROUND_HALF_AWAY && (int)TETRA_TFLITE == (int)TETRA_ROUND_TFLITE,
               "rounding modes");
_Static_assert((int)TETRA_RES_NONE == (int)TETRA_RES_FORM_NONE && (int)TETRA_RES_JOINT == (int)TETRA_RES_FORM_JOINT &&
                   (int)TETRA_RES_SEPARATE == (int)TETRA_RES_FORM_SEPARATE &&
                   (int)TETRA_RES_PRE == (int)TETRA_RES_FORM_PRE,
               "residual forms");

struct cut cut_plane(const struct program *p, int op) {
  const struct tetra_op *q = &p->g->ops[op];
  const struct tetra_desc *d = &p->g->values[q->output[0]].d;
  const int part = tetra_op_is_part(q), max = (int)p->caps.acc_pixels, images = d->n;
  const struct tetra_desc *in = &p->g->values[q->input].d;
  const int ho = part ? q->part_y1 - q->part_y0 : tetra_op_plane_h(q, in->h);
  const int wo = part ? q->part_x1 - q->part_x0 : tetra_op_plane_w(q, in->w);
  struct cut c = {.y0 = part ? q->part_y0 : 0,
                  .x0 = part ? q->part_x0 : 0,
                  .images = images,
                  .ho = ho,
                  .wo = wo,
                  .imgs = 1,
                  .rows = 1,
                  .cols = wo};
  /* A stride that a command cannot say is none of a tile of one row or column. */
  if (q->win.stride_x > WINDOW_FIELD_MOST) {
    c.cols = 1;
    return c;
  }
  if (q->win.stride_y > WINDOW_FIELD_MOST) {
    c.cols = min_int(wo, max);
    return c;
  }
  if (wo > max) {
    const int parts = tetra_ceil_div(wo, max);
    c.cols = tetra_ceil_div(wo, parts);
    return c;
  }
  if (ho * wo <= max) {
    c.rows = ho;
    /* One STORE has one stride: within a plane, or between images; and outputs of 4 and 8 bits have different ones. */
    if (part) return c;
    if (q->n_outputs == 2 && tetra_fmt_bits(d->fmt) != tetra_fmt_bits(p->g->values[q->output[1]].d.fmt)) return c;
    c.imgs = tetra_ceil_div(images, tetra_ceil_div(images, max / (ho * wo)));
    return c;
  }
  /* Equal tiles rather than one short one at the end. */
  const int rows = max / wo;
  c.rows = tetra_ceil_div(ho, tetra_ceil_div(ho, rows));
  return c;
}

int cut_count(const struct cut *c) {
  return tetra_ceil_div(c->images, c->imgs) * tetra_ceil_div(c->ho, c->rows) * tetra_ceil_div(c->wo, c->cols);
}

struct pixels cut_tile(const struct cut *c, int i) {
  const int nx = tetra_ceil_div(c->wo, c->cols), ny = tetra_ceil_div(c->ho, c->rows);
  const int x = i % nx, y = i / nx % ny, m = i / nx / ny;
  return (struct pixels){.img0 = m * c->imgs,
                         .img1 = min_int(c->images, (m + 1) * c->imgs),
                         .y0 = c->y0 + y * c->rows,
                         .y1 = c->y0 + min_int(c->ho, (y + 1) * c->rows),
                         .x0 = c->x0 + x * c->cols,
                         .x1 = c->x0 + min_int(c->wo, (x + 1) * c->cols)};
}

int window_has_fields(const struct tetra_window *w) {
  return w->kh <= WINDOW_FIELD_MOST && w->kw <= WINDOW_FIELD_MOST && w->stride_y <= WINDOW_FIELD_MOST &&
         w->stride_x <= WINDOW_FIELD_MOST && w->dilation_y <= WINDOW_FIELD_MOST && w->dilation_x <= WINDOW_FIELD_MOST;
}

struct tetra_op op_for_tile(const struct tetra_op *op, const struct pixels *t) {
  struct tetra_op one = *op;
  if (t->y1 - t->y0 == 1) {
    one.win.pad.top -= t->y0 * (op->win.stride_y - 1);
    one.win.stride_y = 1;
  }
  if (t->x1 - t->x0 == 1) {
    one.win.pad.left -= t->x0 * (op->win.stride_x - 1);
    one.win.stride_x = 1;
  }
  return one;
}

struct tetra_op op_for_kernel(const struct tetra_op *op, int ky, int kx, int kh, int kw) {
  struct tetra_op part = *op;
  part.win.kh = kh;
  part.win.kw = kw;
  part.win.pad.top -= ky * op->win.dilation_y;
  part.win.pad.left -= kx * op->win.dilation_x;
  return part;
}

void input_rows(const struct tetra_op *op, int in_h, int y0, int y1, int *row0, int *row1) {
  *row0 = max_int(0, min_int(in_h - 1, y0 * op->win.stride_y - op->win.pad.top));
  *row1 = max_int(*row0 + 1, min_int(in_h, (y1 - 1) * op->win.stride_y - op->win.pad.top +
                                               (op->win.kh - 1) * op->win.dilation_y + 1));
}

void set_window(struct tetra_cmd *cmd, const struct tetra_op *op, const struct tetra_desc *in, const struct pixels *t,
                int row_stride, int row_step) {
  const int bits4 = tetra_fmt_bits(in->fmt) == 4;
  const int pad = op->kind == TETRA_MAXPOOL ? tetra_fmt_min(in->fmt) : op->pad_code;
  const uint32_t pad_byte = bits4 ? ((uint32_t)pad & 15u) * 17u : (uint32_t)pad & 255u;
  tetra_cmd_set(cmd, TETRA_F_COMP_ACT8, !bits4);
  tetra_cmd_set(cmd, TETRA_F_COMP_ACT_SIGNED, (uint32_t)tetra_fmt_signed(in->fmt));
  tetra_cmd_set(cmd, TETRA_F_COMP_KH, (uint32_t)op->win.kh);
  tetra_cmd_set(cmd, TETRA_F_COMP_KW, (uint32_t)op->win.kw);
  tetra_cmd_set(cmd, TETRA_F_COMP_OY, (uint32_t)(t->y1 - t->y0));
  tetra_cmd_set(cmd, TETRA_F_COMP_OX, (uint32_t)(t->x1 - t->x0));
  tetra_cmd_set(cmd, TETRA_F_COMP_KY_STRIDE, (uint32_t)(op->win.dilation_y * row_stride));
  tetra_cmd_set(cmd, TETRA_F_COMP_KX_STRIDE, (uint32_t)op->win.dilation_x);
  tetra_cmd_set(cmd, TETRA_F_COMP_OY_STRIDE, (uint32_t)(op->win.stride_y / row_step * row_stride));
  tetra_cmd_set(cmd, TETRA_F_COMP_OX_STRIDE, (uint32_t)op->win.stride_x);
  tetra_cmd_set(cmd, TETRA_F_COMP_IY0, (uint32_t)(t->y0 * op->win.stride_y - op->win.pad.top));
  tetra_cmd_set(cmd, TETRA_F_COMP_IX0, (uint32_t)(t->x0 * op->win.stride_x - op->win.pad.left));
  tetra_cmd_set(cmd, TETRA_F_COMP_DKY, (uint32_t)op->win.dilation_y);
  tetra_cmd_set(cmd, TETRA_F_COMP_DKX, (uint32_t)op->win.dilation_x);
  tetra_cmd_set(cmd, TETRA_F_COMP_SY, (uint32_t)op->win.stride_y);
  tetra_cmd_set(cmd, TETRA_F_COMP_SX, (uint32_t)op->win.stride_x);
  tetra_cmd_set(cmd, TETRA_F_COMP_H, (uint32_t)in->h);
  tetra_cmd_set(cmd, TETRA_F_COMP_W, (uint32_t)in->w);
  tetra_cmd_set(cmd, TETRA_F_COMP_PAD, pad_byte);
}

void load_plane(struct program *p, int32_t segment, uint32_t offset, int value, const struct pixels *px, int row0,
                int rows, int step, int blk0, int blk1) {
  const struct tetra_desc *d = &p->g->values[value].d;
  const struct tetra_placement *pl = &p->plan->values[value];
  const uint32_t n = p->caps.n, w = (uint32_t)d->w, plane = (uint32_t)d->h * w, kept = (uint32_t)rows * w;
  const uint32_t images = (uint32_t)(px->img1 - px->img0), all = (uint32_t)blocks_of(n, d);
  for (int m = px->img0; m < px->img1; m++)
    for (int b = blk0; b < (step == 1 ? blk0 + 1 : blk1); b++) {
      const uint32_t addr = pl->addr + (((uint32_t)m * all + (uint32_t)b) * plane + (uint32_t)row0 * w) * n;
      const uint32_t to = offset + ((uint32_t)(b - blk0) * images + (uint32_t)(m - px->img0)) * kept;
      /* Without a step a block's rows are one run, and the blocks are the command's rows. */
      const int32_t l =
          step == 1 ? program_load(p, segment, to, addr, kept, (uint32_t)(blk1 - blk0), images * kept, plane * n)
                    : program_load(p, segment, to, addr, w, (uint32_t)rows, w, (uint32_t)step * w * n);
      program_depend(p, l, value, m, m + 1, row0, row0 + (rows - 1) * step + 1, step == 1 ? blk0 : b,
                     step == 1 ? blk1 : b + 1);
    }
}

/* Halves of channel tile t that hold channels. */
static int halves_of(const struct program *p, int op, int t) {
  const int n = (int)p->caps.n;
  return p->g->ops[op].cout - t * 2 * n > n ? 2 : 1;
}

/* Loads the residual words of a tile: for each image the tile's pixels of one or two blocks. */
static int32_t load_residual(struct program *p, int op, const struct pixels *px, int t, uint32_t *half_stride) {
  const struct tetra_op *o = &p->g->ops[op];
  const struct tetra_desc *d = &p->g->values[o->residual].d;
  const struct tetra_placement *pl = &p->plan->values[o->residual];
  const int bits4 = tetra_fmt_bits(d->fmt) == 4, blk0 = bits4 ? t : 2 * t;
  const int blocks = bits4 ? 1 : halves_of(p, op, t), all_blocks = blocks_of(p->caps.n, d);
  const uint32_t n = p->caps.n, count = (uint32_t)pixels_count(px);
  const int32_t s = program_segment(p, TETRA_BUF_RES, count * (uint32_t)blocks);
  const uint32_t rows = (uint32_t)(px->y1 - px->y0), cols = (uint32_t)(px->x1 - px->x0);
  const uint32_t plane = (uint32_t)d->h * (uint32_t)d->w;
  for (int m = px->img0; m < px->img1; m++) {
    for (int b = 0; b < (cols == (uint32_t)d->w ? 1 : blocks); b++) {
      const uint32_t block = (uint32_t)m * (uint32_t)all_blocks + (uint32_t)(blk0 + b);
      const uint32_t addr = pl->addr + (block * plane + (uint32_t)px->y0 * (uint32_t)d->w + (uint32_t)px->x0) * n;
      const uint32_t offset = (uint32_t)(m - px->img0) * rows * cols + (uint32_t)b * count;
      const int32_t l = cols == (uint32_t)d->w
                            ? program_load(p, s, offset, addr, rows * cols, (uint32_t)blocks, count, plane * n)
                            : program_load(p, s, offset, addr, cols, rows, cols, (uint32_t)d->w * n);
      program_depend(p, l, o->residual, m, m + 1, px->y0, px->y1, blk0, blk0 + blocks);
    }
  }
  *half_stride = count;
  return s;
}

/* The STORE fields of output o; returns the words it writes. Those that a later tile completes are not yet there for
 * the ops that read them. */
static uint32_t set_output(struct program *p, struct tetra_cmd *cmd, int op, int o, const struct pooled *tile, int t) {
  const struct tetra_op *q = &p->g->ops[op];
  const struct pixels *px = &tile->out;
  const struct tetra_desc *d = &p->g->values[q->output[o]].d;
  const struct tetra_placement *pl = &p->plan->values[q->output[o]];
  const struct tetra_requant *rq = &q->rq[o];
  const int bits4 = tetra_fmt_bits(d->fmt) == 4, blk0 = bits4 ? t : 2 * t, blocks = bits4 ? 1 : halves_of(p, op, t);
  const uint32_t n = p->caps.n, plane = (uint32_t)d->h * (uint32_t)d->w;
  const uint32_t block = (uint32_t)px->img0 * (uint32_t)blocks_of(n, d) + (uint32_t)blk0;
  const uint32_t addr = pl->addr + (block * plane + (uint32_t)px->y0 * (uint32_t)d->w + (uint32_t)px->x0) * n;
  tetra_cmd_set(cmd, o ? TETRA_F_STORE_OUT1_ADDR : TETRA_F_STORE_OUT0_ADDR, addr);
  tetra_cmd_set(cmd, o ? TETRA_F_STORE_OUT1_HALF_STRIDE : TETRA_F_STORE_OUT0_HALF_STRIDE, plane * n);
  tetra_cmd_set(cmd, o ? TETRA_F_STORE_OUT1_ZP : TETRA_F_STORE_OUT0_ZP, (uint32_t)rq->zp);
  tetra_cmd_set(cmd, o ? TETRA_F_STORE_OUT1_LO : TETRA_F_STORE_OUT0_LO, (uint32_t)rq->lo);
  tetra_cmd_set(cmd, o ? TETRA_F_STORE_OUT1_HI : TETRA_F_STORE_OUT0_HI, (uint32_t)rq->hi);
  tetra_cmd_set(cmd, o ? TETRA_F_STORE_OUT1_RND : TETRA_F_STORE_OUT0_RND, (uint32_t)rq->round);
  tetra_cmd_set(cmd, o ? TETRA_F_STORE_OUT1_BITS4 : TETRA_F_STORE_OUT0_BITS4, (uint32_t)bits4);
  tetra_cmd_set(cmd, o ? TETRA_F_STORE_OUT1_SIGNED : TETRA_F_STORE_OUT0_SIGNED, (uint32_t)tetra_fmt_signed(d->fmt));
  p->plan->layers[op].dram_bytes += (int64_t)pixels_count(px) * blocks * n;
  if (!tile->early) program_record(p, q->output[o], px, blk0, blk0 + blocks);
  return (uint32_t)(pixels_count(px) * blocks);
}

/* Loads that read memory which the op's outputs overwrite must be through before its STOREs write. (The order of the
 * engines implies it: those loads fed COMPUTEs or STOREs of earlier ops, and a STORE begins after all COMPUTEs and the
 * drains of all STOREs before it. The wait costs nothing and says it.) */
static void reuse_loads(const struct program *p, int op, int32_t need[kQueues]) {
  for (int o = 0; o < p->g->ops[op].n_outputs; o++) {
    const int32_t after = p->reuse_after_op[p->g->ops[op].output[o]];
    for (int q = 0; q < kQueues && after >= 0; q++) need[q] = max_int(need[q], p->loads_after_op[after][q]);
  }
}

void store_tile(struct program *p, int op, const struct pixels *px, int t, struct tile_params params) {
  const struct tetra_op *q = &p->g->ops[op];
  const struct tetra_desc *d = &p->g->values[q->output[0]].d;
  struct store_op s = {.cmd = program_command(p, TETRA_OP_STORE), .res_segment = -1, .par = params};
  uint32_t half_stride = 0;
  if (q->residual >= 0) {
    const struct tetra_desc *r = &p->g->values[q->residual].d;
    s.res_segment = load_residual(p, op, px, t, &half_stride);
    tetra_cmd_set(&s.cmd, TETRA_F_STORE_RES_FORM, (uint32_t)q->res_form);
    tetra_cmd_set(&s.cmd, TETRA_F_STORE_RES4, tetra_fmt_bits(r->fmt) == 4);
    tetra_cmd_set(&s.cmd, TETRA_F_STORE_RES_SIGNED, (uint32_t)tetra_fmt_signed(r->fmt));
    tetra_cmd_set(&s.cmd, TETRA_F_STORE_RES_ZP, (uint32_t)r->zero_point);
    tetra_cmd_set(&s.cmd, TETRA_F_STORE_RES_HALF_STRIDE, half_stride);
  }
  tetra_cmd_set(&s.cmd, TETRA_F_STORE_TWO_OUT, q->n_outputs == 2);
  tetra_cmd_set(&s.cmd, TETRA_F_STORE_HALVES2, halves_of(p, op, t) == 2);
  tetra_cmd_set(&s.cmd, TETRA_F_STORE_PIXELS, (uint32_t)pixels_count(px));
  /* Contiguous in memory: the tile's rows of an image, or a piece of a row. */
  const int full = px->x1 - px->x0 == d->w;
  const int seg = full && !q->pool ? (px->y1 - px->y0) * d->w : px->x1 - px->x0;
  const uint32_t image = (uint32_t)blocks_of(p->caps.n, d) * (uint32_t)d->h * (uint32_t)d->w;
  tetra_cmd_set(&s.cmd, TETRA_F_STORE_SEG_BEATS, (uint32_t)seg);
  tetra_cmd_set(&s.cmd, TETRA_F_STORE_SEG_STRIDE, (full ? image : (uint32_t)d->w) * p->caps.n);
  const struct pooled pool = pool_tile(p->g, op, px);
  if (q->pool) pool_fields(p, &s.cmd, op, px, &pool);
  for (int o = 0; o < q->n_outputs; o++) s.beats += set_output(p, &s.cmd, op, o, &pool, t);
  reuse_loads(p, op, s.need_load);
  program_end_tile(p, &s);
}
