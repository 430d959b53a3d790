/* Convolutions of which a channel block's kernel does not fit the weight buffer, or a row of output's input the
 * activation buffer - dense layers over large planes - and strides and kernels beyond a command's fields: split over k.
 *
 * A tile's k-steps are a rectangle: channel blocks times kernel rows times kernel columns. It is halved until weights
 * and input of a part fit a share of their buffers, blocks first, then rows, then columns; in that order the weights of
 * both halves lie behind one another. Each part is one COMPUTE (for each half of the tile and each image) on top of the
 * sums so far, and nothing stays in a buffer after it: such layers are bound by their weights, which they need once.
 */
#include "compiler/lower/room.h"
#include "compiler/program.h"

/* Of a buffer that a part may take, so that the next ones come while it is used; and what it may take at most. */
enum { kShare = 8, kMost = 2 };

struct rectangle {
  struct blocks blocks;
  int ky, kx, kh, kw;
  uint32_t weights; /* half-words of the op's weights before its own */
};

struct split {
  struct program *p;
  const struct tetra_op *op;
  const struct tetra_desc *in;
  struct weights w;
  uint32_t step; /* half-words of a k-step */
  struct pixels t;
  int ct, begun[2]; /* which halves of the tile have sums */
};

static struct tetra_op part_of(const struct split *v, const struct rectangle *r) {
  const struct tetra_op kernel = op_for_kernel(v->op, r->ky, r->kx, r->kh, r->kw);
  struct tetra_op part = op_for_tile(&kernel, &v->t);
  if (r->kh == 1) part.win.dilation_y = 1;
  if (r->kw == 1) part.win.dilation_x = 1;
  return part;
}

static uint32_t act_words(const struct split *v, const struct rectangle *r) {
  const struct tetra_op part = part_of(v, r);
  int row0 = 0, row1 = 0;
  input_rows(&part, v->in->h, v->t.y0, v->t.y1, &row0, &row1);
  return (uint32_t)(row1 - row0) * (uint32_t)v->in->w * (uint32_t)(v->t.img1 - v->t.img0) *
         (uint32_t)(r->blocks.end - r->blocks.first);
}

static uint32_t wgt_words(const struct split *v, const struct rectangle *r) {
  return (uint32_t)(r->blocks.end - r->blocks.first) * (uint32_t)(r->kh * r->kw) * v->step;
}

static int fits(const struct split *v, const struct rectangle *r, uint32_t share) {
  const struct tetra_op part = part_of(v, r);
  return window_has_fields(&part.win) && wgt_words(v, r) <= v->p->caps.wgt_words / share &&
         act_words(v, r) <= v->p->caps.act_words / share;
}

/* A half of r, and what is left of it: the rest. 0 where r is one k-step. */
static int halve(const struct split *v, const struct rectangle *r, struct rectangle *half, struct rectangle *rest) {
  *half = *rest = *r;
  const int blocks = r->blocks.end - r->blocks.first;
  if (blocks > 1)
    half->blocks.end = rest->blocks.first = r->blocks.first + blocks / 2;
  else if (r->kh > 1)
    half->kh = r->kh / 2, rest->ky += half->kh, rest->kh -= half->kh;
  else if (r->kw > 1)
    half->kw = r->kw / 2, rest->kx += half->kw, rest->kw -= half->kw;
  else
    return 0;
  rest->weights += wgt_words(v, half);
  return 1;
}

static void compute(struct split *v, const struct rectangle *r, int slice, int32_t act, int row0, int rows) {
  struct program *p = v->p;
  const struct tetra_op part = part_of(v, r);
  const int half = slice - v->ct * v->w.parts, w = v->in->w, image = rows * w, images = v->t.img1 - v->t.img0;
  const int in_y = v->t.y0 * part.win.stride_y - part.win.pad.top;
  const int in_x = v->t.x0 * part.win.stride_x - part.win.pad.left;
  const int32_t weights = program_segment(p, TETRA_BUF_WGT, wgt_words(v, r));
  (void)program_load(p, weights, 0, v->w.base + r->weights * p->caps.n, wgt_words(v, r), 1, 0, 0);
  for (int m = 0; m < images && !p->failed; m++) {
    struct compute_op c = {.cmd = program_command(p, TETRA_OP_COMPUTE), .act_segment = act, .wgt_segment = weights};
    set_window(&c.cmd, &part, v->in, &v->t, w, 1);
    c.act_offset = m * image + (in_y - row0) * w + in_x;
    tetra_cmd_set(&c.cmd, TETRA_F_COMP_WGT8, v->w.parts == 2);
    tetra_cmd_set(&c.cmd, TETRA_F_COMP_HALF, (uint32_t)half);
    tetra_cmd_set(&c.cmd, TETRA_F_COMP_KB, (uint32_t)(r->blocks.end - r->blocks.first));
    tetra_cmd_set(&c.cmd, TETRA_F_COMP_KB_STRIDE, (uint32_t)(image * images));
    tetra_cmd_set(&c.cmd, TETRA_F_COMP_FIRST, !v->begun[half]);
    tetra_cmd_set(&c.cmd, TETRA_F_COMP_ACC_BASE, (uint32_t)(m * (v->t.y1 - v->t.y0) * (v->t.x1 - v->t.x0)));
    program_compute(p, &c);
  }
  v->begun[half] = 1;
}

/* The parts of r, which is `slice`'s, and where both halves of the tile read the same blocks the other one's too, whose
 * weights lie `other` half-words farther; 0: there is none. */
static void lower_rectangle(struct split *v, const struct rectangle *r, int slice, uint32_t other) {
  struct rectangle half, rest;
  if (v->p->failed) return;
  /* Parts of a kernel's row read the same rows of the input: only where there must be such. */
  const int is_row = r->blocks.end - r->blocks.first == 1 && r->kh == 1;
  if (!fits(v, r, is_row ? kMost : kShare) && halve(v, r, &half, &rest)) {
    lower_rectangle(v, &half, slice, other);
    lower_rectangle(v, &rest, slice, other);
    return;
  }
  const struct tetra_op part = part_of(v, r);
  int row0 = 0, row1 = 0;
  input_rows(&part, v->in->h, v->t.y0, v->t.y1, &row0, &row1);
  const int32_t act = program_segment(v->p, TETRA_BUF_ACT, act_words(v, r));
  load_plane(v->p, act, 0, (int)v->op->input, &v->t, row0, row1 - row0, 1, r->blocks.first, r->blocks.end);
  compute(v, r, slice, act, row0, row1 - row0);
  if (!other) return;
  struct rectangle second = *r;
  second.weights += other;
  compute(v, &second, slice + 1, act, row0, row1 - row0);
}

static void lower_tile(struct split *v, int index, struct params *params) {
  struct program *p = v->p;
  const int parts = weights_parts(&v->w, v->ct), first = v->ct * v->w.parts, shared = v->op->groups == 1 && parts == 2;
  v->begun[0] = v->begun[1] = 0;
  program_begin_tile(p);
  for (int slice = first; slice < first + (shared ? 1 : parts); slice++) {
    const uint32_t before = (uint32_t)weight_blocks_before(&v->w.shape, slice) * v->w.kb_halfwords;
    const uint32_t next = (uint32_t)weight_blocks_before(&v->w.shape, slice + 1) * v->w.kb_halfwords;
    const struct rectangle all = {weight_blocks(&v->w.shape, slice), 0, 0, v->w.shape.kh, v->w.shape.kw, before};
    lower_rectangle(v, &all, slice, shared ? next - before : 0);
  }
  const struct extra *x = v->w.extra;
  const uint32_t arrays = (uint32_t)weight_blocks_before(&v->w.shape, weight_slices(&v->w.shape)) * v->w.kb_halfwords;
  for (int part = 0; part < parts; part++) {
    const struct blocks runs = weights_runs(&v->w, v->ct, part);
    for (int i = runs.first; i < runs.end; i++) {
      const struct extra_run *r = &x->runs[i];
      const uint32_t steps = (uint32_t)(x->pieces[r->piece].before + r->before);
      const struct rectangle run = {r->blocks, r->ky, r->kx, r->kh, r->kw, arrays + steps * v->step};
      lower_rectangle(v, &run, first + part, 0);
    }
  }
  const struct tile_params at = params_get(params, p, v->ct);
  if (!p->failed) store_tile(p, index, &v->t, v->ct, at);
}

/* Not even a row of the input fits beside another one. */
static int refuse_row(const struct split *v, uint32_t words, struct tetra_error *err) {
  const struct tetra_caps *caps = &v->p->caps;
  const uint32_t rows = words / (uint32_t)v->in->w;
  char buffer[kRoomText];
  room_text(caps, "an activation buffer", (uint64_t)words * kMost, buffer);
  return tetra_fail(
      err, TETRA_ERANGE,
      "layer '%s': its input has rows of %d pixels; half the activation buffer holds rows of %u, which would "
      "fit%s",
      v->op->name, v->in->w, caps->act_words / kMost / rows, buffer);
}

/* Smaller tiles until a k-step of one fits. */
static int cut_tiles(struct split *v, struct cut *cut, struct tetra_error *err) {
  for (;;) {
    const struct rectangle step = {{0, 1}, 0, 0, 1, 1, 0};
    v->t = cut_tile(cut, 0);
    if (fits(v, &step, kMost)) return TETRA_OK;
    if (cut->imgs > 1)
      cut->imgs = (cut->imgs + 1) / 2;
    else if (cut->rows > 1)
      cut->rows = (cut->rows + 1) / 2;
    else
      return refuse_row(v, act_words(v, &step), err);
  }
}

int lower_split(struct program *p, int op, const struct constants *c, struct tetra_error *err) {
  struct split v = {.p = p, .op = &p->g->ops[op], .in = &p->g->values[p->g->ops[op].input].d};
  struct cut cut = cut_plane(p, op);
  struct params params = {0};
  int rc = weights_init(&v.w, p, op, c) == TETRA_OK && params_init(&params, p, op, c, 0) == TETRA_OK
               ? TETRA_OK
               : tetra_fail(err, TETRA_ENOMEM, "no memory to compile '%s'", v.op->name);
  v.step = v.w.kb_halfwords / (uint32_t)(v.w.shape.kh * v.w.shape.kw);
  if (rc == TETRA_OK) rc = cut_tiles(&v, &cut, err);
  for (int i = 0; rc == TETRA_OK && i < cut_count(&cut); i++)
    for (v.ct = 0; v.ct < v.w.tiles && !p->failed; v.ct++) {
      v.t = cut_tile(&cut, i);
      lower_tile(&v, op, &params);
    }
  weights_free(&v.w);
  params_free(&params);
  return rc;
}
