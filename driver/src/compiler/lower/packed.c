/* Convolutions over an image of few channels: rows are packed to dense im2col words on their way in, then a 1x1 conv.
 */
#include <stdlib.h>

#include "compiler/lower/room.h"
#include "compiler/program.h"

struct packed {
  struct program *p;
  const struct tetra_op *op;
  const struct tetra_desc *in;
  int index, kb;
  struct cut cut;
  uint32_t pitch_words;
  int ring_rows;
  struct params params;
  int32_t rows;    /* segment of the image rows */
  int image, next; /* image in the ring and its first row that is not */
};

/* Image rows that a tile reads: first (may be negative) and one past the last, not clipped. */
static void window_rows(const struct tetra_op *op, int y0, int y1, int *first, int *end) {
  *first = y0 * op->win.stride_y - op->win.pad.top;
  *end = (y1 - 1) * op->win.stride_y - op->win.pad.top + op->win.kh;
}

/* Loads the rows below `end` that are not in the ring yet; rows before `first` are not needed any more. */
static void load_rows(struct packed *v, int img, int first, int end) {
  struct program *p = v->p;
  const struct tetra_placement *pl = &p->plan->values[v->op->input];
  if (v->image != img) {
    v->image = img;
    v->next = 0;
  }
  v->next = max_int(v->next, max_int(0, first));
  end = min_int(end, v->in->h);
  while (v->next < end && !p->failed) {
    const int slot = v->next % v->ring_rows, count = min_int(end - v->next, v->ring_rows - slot);
    const uint32_t addr = pl->addr + (uint32_t)(img * v->in->h + v->next) * pl->pitch;
    (void)program_load(p, v->rows, (uint32_t)slot * v->pitch_words, addr, (uint32_t)count * v->pitch_words, 1, 0, 0);
    v->next += count;
  }
}

/* Packs the tile's pixels; returns the activation segment. */
static int32_t pack_tile(struct packed *v, const struct pixels *t) {
  struct program *p = v->p;
  const struct tetra_op *op = v->op;
  const int cin = v->in->c, count = pixels_count(t);
  int first = 0, end = 0;
  window_rows(op, t->y0, t->y1, &first, &end);
  load_rows(v, t->img0, first, end);
  const int32_t act = program_segment(p, TETRA_BUF_ACT, (uint32_t)(v->kb * count));
  struct tetra_cmd c = program_command(p, TETRA_OP_PACK);
  tetra_cmd_set(&c, TETRA_F_PACK_BITS4, tetra_fmt_bits(v->in->fmt) == 4);
  tetra_cmd_set(&c, TETRA_F_PACK_PITCH, v->pitch_words);
  tetra_cmd_set(&c, TETRA_F_PACK_DST_STRIDE, (uint32_t)count);
  tetra_cmd_set(&c, TETRA_F_PACK_RING_ROWS, (uint32_t)v->ring_rows);
  tetra_cmd_set(&c, TETRA_F_PACK_SLOT, (uint32_t)((first % v->ring_rows + v->ring_rows) % v->ring_rows));
  tetra_cmd_set(&c, TETRA_F_PACK_KH, (uint32_t)op->win.kh);
  tetra_cmd_set(&c, TETRA_F_PACK_PAD, (uint32_t)op->pad_code);
  tetra_cmd_set(&c, TETRA_F_PACK_SEG, (uint32_t)(op->win.kw * cin));
  tetra_cmd_set(&c, TETRA_F_PACK_XSTEP, (uint32_t)(op->win.stride_x * cin));
  tetra_cmd_set(&c, TETRA_F_PACK_X0, (uint32_t)((t->x0 * op->win.stride_x - op->win.pad.left) * cin));
  tetra_cmd_set(&c, TETRA_F_PACK_IY0, (uint32_t)first);
  tetra_cmd_set(&c, TETRA_F_PACK_ROW_ELEMS, (uint32_t)(v->in->w * cin));
  tetra_cmd_set(&c, TETRA_F_PACK_H, (uint32_t)v->in->h);
  tetra_cmd_set(&c, TETRA_F_PACK_OY, (uint32_t)(t->y1 - t->y0));
  tetra_cmd_set(&c, TETRA_F_PACK_OX, (uint32_t)(t->x1 - t->x0));
  /* A tile of one row takes no step; its stride may be longer than the ring. */
  tetra_cmd_set(&c, TETRA_F_PACK_SY, t->y1 - t->y0 > 1 ? (uint32_t)op->win.stride_y : 1);
  const int cycles = op->win.kh * tetra_ceil_div(op->win.kw * cin, (int)p->caps.n) + 1;
  (void)program_pack(p, &c, act, v->rows, (uint32_t)(count * cycles));
  return act;
}

/* The COMPUTE over the packed words, as a 1x1 convolution of a line of pixels; its weights are still to be set. */
static struct compute_op compute_line(const struct packed *v, const struct pixels *t, int32_t act) {
  const int count = pixels_count(t);
  struct compute_op c = {.cmd = program_command(v->p, TETRA_OP_COMPUTE), .act_segment = act};
  struct tetra_desc line = *v->in;
  struct tetra_op point = *v->op;
  point.win.kh = point.win.kw = point.win.stride_y = point.win.stride_x = 1;
  point.win.pad.top = point.win.pad.left = 0;
  line.h = 1;
  line.w = count;
  set_window(&c.cmd, &point, &line, &(struct pixels){0, 1, 0, 1, 0, count}, count, 1);
  tetra_cmd_set(&c.cmd, TETRA_F_COMP_KB_STRIDE, (uint32_t)count);
  return c;
}

/* Adds it, over the words from block kb0 on. What was packed before it could run has been read by then. */
static void add_compute(struct packed *v, struct compute_op *c, const struct pixels *t, int kb0) {
  c->act_offset = kb0 * pixels_count(t);
  program_compute(v->p, c);
  v->p->segments[v->rows].last_compute = v->p->n_computes;
}

static void lower_channels(struct packed *v, struct weights *w, const struct pixels *t, int32_t act, int ct) {
  struct program *p = v->p;
  program_begin_tile(p);
  for (int part = 0; part < weights_parts(w, ct); part++) {
    for (int chunk = 0; chunk < weights_chunks(w, ct, part) && !p->failed; chunk++) {
      struct compute_op c = compute_line(v, t, act);
      weights_set(w, &c, ct, part, chunk, weights_get(w, p, ct, part, chunk));
      add_compute(v, &c, t, weights_chunk(w, ct, part, chunk).first);
    }
    const struct blocks runs = weights_runs(w, ct, part);
    for (int r = runs.first; r < runs.end && !p->failed; r++) {
      struct compute_op c = compute_line(v, t, act);
      weights_set_run(w, &c, part, r, weights_get_run(w, p, r));
      add_compute(v, &c, t, w->extra->runs[r].blocks.first);
    }
  }
  const struct tile_params params = params_get(&v->params, p, ct);
  if (!p->failed) store_tile(p, v->index, t, ct, params);
}

/* Tiles are whole rows, and two of them so that a window of the pool ends in each. */
static int check_pool(const struct packed *v, struct tetra_error *err) {
  const struct program *p = v->p;
  const uint32_t line = pool_line_words(p, v->index);
  if (v->cut.cols != v->cut.wo || v->cut.rows < 2)
    return tetra_fail(err, TETRA_ERANGE, "op '%s': two rows of %d pixels exceed the %u of an accumulator tile",
                      v->op->name, v->cut.wo, p->caps.acc_pixels);
  if (line <= p->caps.pool_words) return TETRA_OK;
  return tetra_fail(err, TETRA_ERANGE, "op '%s': a line of the pool needs %u words, there are %u", v->op->name, line,
                    p->caps.pool_words);
}

/* The image rows under a row of output exceed theirs. */
static int refuse_image_rows(const struct packed *v, int rows, struct tetra_error *err) {
  const struct tetra_caps *caps = &v->p->caps;
  char buffer[kRoomText];
  room_text(caps, "a buffer for them", (uint64_t)v->pitch_words * (uint64_t)rows, buffer);
  return tetra_fail(err, TETRA_ERANGE,
                    "layer '%s': a row of its output reads %d image rows of %d pixels at once, of which their buffer "
                    "holds %d: a lower kernel or narrower images would fit%s",
                    v->op->name, rows, v->in->w, v->ring_rows, buffer);
}

/* A row of output, as many packed words a pixel as the kernel takes, exceeds the buffer. */
static int refuse_packed(const struct packed *v, uint32_t words, struct tetra_error *err) {
  const struct tetra_caps *caps = &v->p->caps;
  char buffer[kRoomText];
  room_text(caps, "an activation buffer", words, buffer);
  return tetra_fail(
      err, TETRA_ERANGE,
      "layer '%s': its %dx%d kernel over the image takes %d words a pixel, for a row of %d pixels more than the "
      "activation buffer holds: %u pixels would fit%s",
      v->op->name, v->op->win.kh, v->op->win.kw, v->kb, v->cut.rows * v->cut.cols, caps->act_words / (uint32_t)v->kb,
      buffer);
}

/* Fewer rows a tile until the image rows under them and two tiles' words fit, so that packing goes on while the array
 * works; of the least rows one tile's words will do. */
static int choose_rows(struct packed *v, struct tetra_error *err) {
  const struct tetra_caps *caps = &v->p->caps;
  const int least = v->op->pool ? 2 : 1;
  for (;;) {
    int first = 0, end = 0;
    window_rows(v->op, 0, v->cut.rows, &first, &end);
    const uint32_t words = (uint32_t)(v->kb * v->cut.rows * v->cut.cols);
    const int rows_fit = end - first <= v->ring_rows, smallest = v->cut.rows <= least;
    if (rows_fit && (smallest ? 1 : 2) * words <= caps->act_words) return TETRA_OK;
    if (smallest && rows_fit) return refuse_packed(v, words, err);
    if (smallest) return refuse_image_rows(v, end - first, err);
    v->cut.rows = max_int((v->cut.rows + 1) / 2, least);
  }
}

static int packed_init(struct packed *v, struct program *p, int op, struct tetra_error *err) {
  *v = (struct packed){.p = p, .op = &p->g->ops[op], .index = op, .image = -1};
  v->in = &p->g->values[v->op->input].d;
  v->kb = weight_shape(p->g, p->caps.n, op).kb;
  v->cut = cut_plane(p, op);
  v->cut.imgs = 1;
  v->pitch_words = p->plan->values[v->op->input].pitch / p->caps.n;
  v->ring_rows = min_int(255, (int)(p->caps.res_words / v->pitch_words));
  int rc = v->op->pool ? check_pool(v, err) : TETRA_OK;
  if (rc == TETRA_OK) rc = choose_rows(v, err);
  if (rc != TETRA_OK) return rc;
  v->rows = program_segment(p, TETRA_BUF_RES, (uint32_t)v->ring_rows * v->pitch_words);
  if (!p->failed) p->segments[v->rows].queue = TETRA_BUF_ACT;
  return TETRA_OK;
}

int lower_packed(struct program *p, int op, const struct constants *c, struct tetra_error *err) {
  struct packed v;
  struct weights w;
  if (weights_init(&w, p, op, c) != TETRA_OK) return tetra_fail(err, TETRA_ENOMEM, "no memory to compile a layer");
  int rc = packed_init(&v, p, op, err);
  if (rc == TETRA_OK && params_init(&v.params, p, op, c, 0) != TETRA_OK)
    rc = tetra_fail(err, TETRA_ENOMEM, "no memory to compile a layer");
  if (rc == TETRA_OK) {
    const int resident = weights_tile_halfwords(&w) * (uint32_t)w.tiles <= p->caps.wgt_words;
    const uint32_t line = v.op->pool ? pool_line_words(p, op) : 0;
    const int pass_tiles = line ? (int)(p->caps.pool_words / line) : w.tiles;
    for (int ct0 = 0; ct0 < w.tiles; ct0 += pass_tiles) {
      v.image = -1;
      for (int i = 0; i < cut_count(&v.cut) && !p->failed; i++) {
        const struct pixels t = cut_tile(&v.cut, i);
        const int32_t act = pack_tile(&v, &t);
        if (!resident) weights_forget(&w);
        for (int ct = ct0; ct < min_int(w.tiles, ct0 + pass_tiles); ct++) {
          p->pool_line = (uint32_t)(ct - ct0) * line;
          lower_channels(&v, &w, &t, act, ct);
        }
      }
    }
  }
  weights_free(&w);
  params_free(&v.params);
  return rc;
}
