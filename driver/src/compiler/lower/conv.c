/* Convolutions (and dense layers) whose input is in blocked layout.
 *
 * Loops, outermost first: passes over a few channel tiles, bands of pixel tiles, channel tiles, pixel tiles, channel
 * blocks. A band's activations stay in their buffer while its channel tiles run; a pass's weights stay while its bands
 * run (resident), or are streamed once a band. plan_conv chooses by DRAM traffic.
 */
#include "compiler/lower/conv.h"

#include <stdlib.h>

/* Input rows kept for output rows y0..y1-1: first row and number (every row_step-th). */
static void kept_rows(const struct conv *v, int y0, int y1, int *row0, int *rows) {
  int end = 0;
  input_rows(v->op, v->in->h, y0, y1, row0, &end);
  *rows = tetra_ceil_div(end - *row0, v->row_step);
}

/* Activation words of a band of `strips` strips (the largest such band). */
static uint32_t band_words(const struct conv *v, int strips) {
  const int ny = tetra_ceil_div(v->cut.ho, v->cut.rows);
  uint32_t most = 0;
  for (int s = 0; s < ny; s += strips) {
    int row0 = 0, rows = 0;
    kept_rows(v, s * v->cut.rows, min_int(v->cut.ho, (s + strips) * v->cut.rows), &row0, &rows);
    if ((uint32_t)rows > most) most = (uint32_t)rows;
  }
  const int imgs = strips >= ny ? v->cut.imgs * (strips / ny) : v->cut.imgs;
  return most * (uint32_t)(v->in->w * v->kb * min_int(imgs, v->cut.images));
}

/* Strips that may make a band: divides of a plane, or whole planes of several sets of images. */
static int largest_band(const struct conv *v, uint32_t words) {
  const int ny = tetra_ceil_div(v->cut.ho, v->cut.rows);
  int best = 0;
  for (int s = 1; s <= v->strips; s++)
    if ((s <= ny || s % ny == 0) && band_words(v, s) <= words) best = s;
  return best;
}

/* Strips of the band that begins at `strip`: no band ends in the middle of another image. */
static int band_length(const struct conv *v, int band, int strip) {
  const int ny = tetra_ceil_div(v->cut.ho, v->cut.rows);
  return band < ny ? min_int(band, ny - strip % ny) : min_int(band, v->strips - strip);
}

static int count_bands(const struct conv *v, int band) {
  int n = 0;
  for (int s = 0; s < v->strips; s += band_length(v, band, s)) n++;
  return n;
}

/* DRAM words that a plan moves. */
static uint64_t traffic(const struct conv *v, int resident, int band) {
  const int ny = tetra_ceil_div(v->cut.ho, v->cut.rows);
  const uint64_t bands = (uint64_t)count_bands(v, band),
                 w = weights_tile_halfwords(&v->w) * (uint64_t)(v->w.tiles * v->w.loads);
  const uint64_t shared = v->op->win.kh > 1 && resident && band < ny; /* rows mode: no row is loaded twice */
  const uint64_t plane = (uint64_t)v->kb * (uint64_t)(v->in->h / v->row_step) * (uint64_t)v->in->w * (uint64_t)v->in->n;
  const uint64_t a = shared ? plane : bands * band_words(v, band);
  return a * (uint64_t)v->passes + w * (resident ? 1 : bands);
}

/* Passes over equal numbers of channel tiles, and the most channel blocks that one of them reads. */
static void set_passes(struct conv *v, int passes) {
  v->passes = passes;
  v->pass_tiles = tetra_ceil_div(v->w.tiles, passes);
  v->kb = 0;
  for (int ct = 0; ct < v->w.tiles; ct += v->pass_tiles) {
    const struct blocks b = weights_input(&v->w, ct, min_int(v->w.tiles, ct + v->pass_tiles));
    v->kb = max_int(v->kb, b.end - b.first);
  }
}

/* Passes for resident weights: as few as the weights need, and of a conv in groups, whose passes need not all of the
 * input, more until two strips of what they do need fit, or one. */
static void set_resident_passes(struct conv *v) {
  const struct tetra_caps *caps = &v->p->caps;
  const int least = tetra_ceil_div(v->w.tiles, (int)(caps->wgt_words / weights_tile_halfwords(&v->w)));
  set_passes(v, least);
  for (int strips = min_int(2, v->strips); v->op->groups > 1 && strips > 0; strips--)
    for (int passes = least; passes <= v->w.tiles; passes++) {
      set_passes(v, passes);
      if (band_words(v, strips) <= caps->act_words) return;
    }
}

/* Chooses passes, residency and band; 0 where nothing fits. */
static int plan_conv(struct conv *v, int interleaved_band) {
  const struct tetra_caps *caps = &v->p->caps;
  const uint32_t tile_w = weights_tile_halfwords(&v->w);
  const int ny = tetra_ceil_div(v->cut.ho, v->cut.rows);
  uint64_t best = UINT64_MAX;
  v->band_strips = 0;
  set_passes(v, 1);
  if (interleaved_band > 0) {
    v->resident = 1;
    v->band_strips = interleaved_band;
    return 1;
  }
  if (v->op->groups > 1 && band_words(v, 1) > caps->act_words) set_passes(v, v->w.tiles);
  const int streamed_passes = v->passes;
  /* Streamed weights: the largest band, so that they are streamed least often. Two bands must fit, or all. */
  int band = largest_band(v, caps->act_words);
  if (band < v->strips && band > 0) {
    const int half = largest_band(v, caps->act_words / 2);
    if (half > 0) band = half;
  }
  if (tile_w > caps->wgt_words) band = min_int(band, 1);
  if (band > 0 && (tile_w <= caps->wgt_words || v->strip_tiles == 1)) {
    best = traffic(v, 0, band);
    v->resident = 0;
    v->band_strips = band;
  }
  /* Resident weights: one strip after the other; preferred where it costs no more and there are several strips. */
  if (tile_w <= caps->wgt_words) {
    set_resident_passes(v);
    if (band_words(v, 1) <= caps->act_words && (v->band_strips == 0 || (v->strips > 1 && traffic(v, 1, 1) <= best))) {
      v->resident = 1;
      v->band_strips = 1;
    } else {
      set_passes(v, streamed_passes);
    }
  }
  v->rows_mode =
      interleaved_band == 0 && v->op->win.kh > 1 && v->band_strips < ny && v->strip_tiles == 1 && v->cut.imgs == 1;
  return v->band_strips > 0;
}

/* Why not even a row of output fits. */
static int refuse_row(const struct conv *v, struct tetra_error *err) {
  const struct tetra_caps *caps = &v->p->caps;
  if (band_words(v, 1) > caps->act_words)
    return tetra_fail(err, TETRA_ERANGE, "layer '%s': a row of its output needs %u words of activations, there are %u",
                      v->op->name, band_words(v, 1), caps->act_words);
  return tetra_fail(err, TETRA_ERANGE,
                    "layer '%s': weights of %u half-words a tile exceed the buffer's %u, so that a row of output, %d "
                    "pixels, must have accumulators; %u pixels would fit",
                    v->op->name, weights_tile_halfwords(&v->w), caps->wgt_words, v->cut.wo, caps->acc_pixels);
}

/* Plane mode: activations of kept channel blocks up to kb1 are loaded; the COMPUTE that follows uses blocks kb0..kb1-1.
 */
static void use_plane(struct conv *v, int kb0, int kb1) {
  struct program *p = v->p;
  const uint32_t plane = (uint32_t)(v->rows * v->in->w * (v->band.img1 - v->band.img0));
  for (int i = 0; i <= (kb1 - 1) / v->piece_kb; i++) {
    const int first = i * v->piece_kb, last = min_int(v->kept.end - v->kept.first, first + v->piece_kb);
    if (v->act[i] < 0) {
      v->act[i] = program_segment(p, TETRA_BUF_ACT, plane * (uint32_t)(last - first));
      load_plane(p, v->act[i], 0, v->op->input, &v->band, v->row0, v->rows, v->row_step, v->kept.first + first,
                 v->kept.first + last);
    }
    if (last > kb0 && !p->failed) program_use(p, v->act[i]);
  }
}

/* The piece in which a COMPUTE's blocks begin, as far as that matters: tiles of a dense conv all read all pieces, which
 * lie behind one another. */
static int first_piece(const struct conv *v, int kb0) { return v->op->groups > 1 ? kb0 / v->piece_kb : 0; }

/* Rows mode: the input rows of `t` are loaded, and the COMPUTE that follows uses them. */
static void use_rows(struct conv *v, const struct pixels *t) {
  struct program *p = v->p;
  const struct tetra_placement *pl = &p->plan->values[v->op->input];
  const uint32_t n = p->caps.n, w = (uint32_t)v->in->w, plane = (uint32_t)v->in->h * w;
  const uint32_t kept = (uint32_t)(v->kept.end - v->kept.first);
  const uint32_t block = (uint32_t)(t->img0 * blocks_of(n, v->in) + v->kept.first);
  int row0 = 0, row1 = 0;
  input_rows(v->op, v->in->h, t->y0, t->y1, &row0, &row1);
  for (int r = row0; r < row1; r++) {
    if (v->act[r] < 0) {
      v->act[r] = program_segment(p, TETRA_BUF_ACT, kept * w);
      const uint32_t addr = pl->addr + (block * plane + (uint32_t)r * w) * n;
      const int32_t l = program_load(p, v->act[r], 0, addr, w, kept, w, plane * n);
      program_depend(p, l, v->op->input, t->img0, t->img0 + 1, r, r + 1, v->kept.first, v->kept.end);
    }
    if (!p->failed) program_use(p, v->act[r]);
  }
}

/* A convolution of single pixels without stride or padding over whole planes: all images' pixels are one row. */
static int is_linear(const struct conv *v, const struct pixels *t) {
  const struct tetra_op *op = v->op;
  return op->win.kh == 1 && op->win.kw == 1 && op->win.stride_y == 1 && op->win.stride_x == 1 && op->win.pad.top == 0 &&
         op->win.pad.left == 0 && t->x1 - t->x0 == v->in->w && t->y1 - t->y0 == v->in->h && !v->rows_mode;
}

static void set_linear(struct tetra_cmd *cmd, const struct conv *v, const struct pixels *t) {
  struct tetra_desc line = *v->in;
  line.h = 1;
  line.w = pixels_count(t);
  const struct pixels all = {.img0 = 0, .img1 = 1, .y0 = 0, .y1 = 1, .x0 = 0, .x1 = line.w};
  set_window(cmd, v->op, &line, &all, line.w, 1);
}

/* What one COMPUTE takes of a channel tile: blocks of the input, and of the kernel kh rows of kw positions from
 * (ky, kx) on. */
struct steps {
  struct blocks read;
  int ky, kx, kh, kw;
};

/* One COMPUTE, whose weights are set already, for the pixels of `t` in one image (or all, where linear). */
static void compute_steps(struct conv *v, const struct pixels *t, int img, const struct steps *s,
                          struct compute_op *c) {
  struct program *p = v->p;
  const int linear = is_linear(v, t), kb0 = s->read.first - v->kept.first, kb1 = s->read.end - v->kept.first;
  const struct tetra_op part = op_for_kernel(v->op, s->ky, s->kx, s->kh, s->kw);
  const int w = v->in->w, in_y = t->y0 * part.win.stride_y - part.win.pad.top;
  const int in_x = t->x0 * part.win.stride_x - part.win.pad.left;
  if (v->rows_mode) {
    use_rows(v, t);
    int row0 = 0, row1 = 0;
    input_rows(v->op, v->in->h, t->y0, t->y1, &row0, &row1);
    const int row = (v->kept.end - v->kept.first) * w;
    set_window(&c->cmd, &part, v->in, t, row, 1);
    c->act_segment = v->act[row0];
    c->act_offset = (in_y - row0) * row + kb0 * w + in_x;
    tetra_cmd_set(&c->cmd, TETRA_F_COMP_KB_STRIDE, (uint32_t)w);
  } else {
    use_plane(v, kb0, kb1);
    const int image = v->rows * w, plane = image * (v->band.img1 - v->band.img0);
    if (linear)
      set_linear(&c->cmd, v, t);
    else
      set_window(&c->cmd, &part, v->in, t, w, v->row_step);
    const int piece = first_piece(v, kb0);
    c->act_segment = v->act[piece];
    c->act_offset =
        (kb0 - piece * v->piece_kb) * plane + (img - v->band.img0) * image + (in_y - v->row0) / v->row_step * w + in_x;
    tetra_cmd_set(&c->cmd, TETRA_F_COMP_KB_STRIDE, (uint32_t)plane);
  }
  tetra_cmd_set(&c->cmd, TETRA_F_COMP_ACC_BASE, (uint32_t)((img - t->img0) * (t->y1 - t->y0) * (t->x1 - t->x0)));
  program_compute(p, c);
}

static void compute_piece(struct conv *v, const struct pixels *t, int img, int ct, int part, int chunk) {
  const struct steps s = {weights_chunk(&v->w, ct, part, chunk), 0, 0, v->op->win.kh, v->op->win.kw};
  struct compute_op c = {.cmd = program_command(v->p, TETRA_OP_COMPUTE)};
  weights_set(&v->w, &c, ct, part, chunk, weights_get(&v->w, v->p, ct, part, chunk));
  compute_steps(v, t, img, &s, &c);
}

static void compute_run(struct conv *v, const struct pixels *t, int img, int part, int run) {
  const struct extra_run *r = &v->w.extra->runs[run];
  const struct steps s = {r->blocks, r->ky, r->kx, r->kh, r->kw};
  struct compute_op c = {.cmd = program_command(v->p, TETRA_OP_COMPUTE)};
  weights_set_run(&v->w, &c, part, run, weights_get_run(&v->w, v->p, run));
  compute_steps(v, t, img, &s, &c);
}

/* All COMPUTEs and the STORE of pixel tile `t`, channel tile ct. */
static void lower_pixels(struct conv *v, const struct pixels *t, int ct) {
  struct program *p = v->p;
  const int images = is_linear(v, t) ? 1 : t->img1 - t->img0;
  program_begin_tile(p);
  for (int part = 0; part < weights_parts(&v->w, ct); part++) {
    for (int chunk = 0; chunk < weights_chunks(&v->w, ct, part); chunk++)
      for (int m = 0; m < images && !p->failed; m++) compute_piece(v, t, t->img0 + m, ct, part, chunk);
    const struct blocks runs = weights_runs(&v->w, ct, part);
    for (int r = runs.first; r < runs.end; r++)
      for (int m = 0; m < images && !p->failed; m++) compute_run(v, t, t->img0 + m, part, r);
  }
  const struct tile_params params = params_get(&v->params, p, ct);
  if (!p->failed) store_tile(p, v->index, t, ct, params);
}

/* Weights of the op's first tile go ahead of the activations, which may have to wait for the layer before. */
static void prefetch_weights(struct conv *v, int ct) {
  uint32_t words = 0;
  for (int part = 0; part < weights_parts(&v->w, ct); part++)
    for (int chunk = 0; chunk < weights_chunks(&v->w, ct, part); chunk++) {
      words += (uint32_t)v->w.chunk_kb * v->w.kb_halfwords;
      if (words > v->p->caps.wgt_words / 2) return;
      (void)weights_get(&v->w, v->p, ct, part, chunk);
    }
}

/* Output pixels of the band that begins at strip0. */
static struct pixels band_pixels(const struct conv *v, int strip0) {
  const int last = strip0 + band_length(v, v->band_strips, strip0) - 1, ny = tetra_ceil_div(v->cut.ho, v->cut.rows);
  const struct pixels a = cut_tile(&v->cut, strip0 * v->strip_tiles), b = cut_tile(&v->cut, last * v->strip_tiles);
  const int whole = v->band_strips >= ny;
  return (struct pixels){
      .img0 = a.img0, .img1 = b.img1, .y0 = whole ? 0 : a.y0, .y1 = whole ? v->cut.ho : b.y1, .x0 = 0, .x1 = v->cut.wo};
}

static void begin_band(struct conv *v, int strip0) {
  v->band = band_pixels(v, strip0);
  if (v->rows_mode) {
    if (v->row_image != v->band.img0)
      for (int r = 0; r < v->in->h; r++) v->act[r] = -1;
    v->row_image = v->band.img0;
    return;
  }
  kept_rows(v, v->band.y0, v->band.y1, &v->row0, &v->rows);
  for (int i = 0; i < v->pieces; i++) v->act[i] = -1;
}

static void lower_pass(struct conv *v, int ct0, int ct1) {
  v->kept = weights_input(&v->w, ct0, ct1);
  v->row_image = -1;
  for (int strip = 0, next = 0; strip < v->strips; strip = next) {
    begin_band(v, strip);
    next = strip + band_length(v, v->band_strips, strip);
    for (int ct = ct0; ct < ct1; ct++)
      for (int i = strip * v->strip_tiles; i < next * v->strip_tiles; i++) {
        const struct pixels t = cut_tile(&v->cut, i);
        if (!v->p->failed) lower_pixels(v, &t, ct);
      }
    if (!v->resident) weights_forget(&v->w);
  }
}

int conv_init(struct conv *v, struct program *p, int op, const struct constants *c, int rows_per_tile,
              int shared_entries, struct tetra_error *err) {
  *v = (struct conv){.p = p, .op = &p->g->ops[op], .index = op};
  v->in = &p->g->values[v->op->input].d;
  v->cut = cut_plane(p, op);
  const int interleaved_band = rows_per_tile > 0 ? tetra_ceil_div(v->cut.rows, rows_per_tile) : 0;
  if (interleaved_band > 0) v->cut.rows = rows_per_tile;
  v->strip_tiles = tetra_ceil_div(v->cut.wo, v->cut.cols);
  v->strips = tetra_ceil_div(v->cut.images, v->cut.imgs) * tetra_ceil_div(v->cut.ho, v->cut.rows);
  v->row_step = v->op->win.kh == 1 && v->op->win.pad.top == 0 && v->op->win.pad.bottom == 0 ? v->op->win.stride_y : 1;
  if (weights_init(&v->w, p, op, c) != TETRA_OK)
    return tetra_fail(err, TETRA_ENOMEM, "no memory to compile '%s'", v->op->name);
  if (v->w.kb_halfwords > p->caps.wgt_words / 2 || !window_has_fields(&v->op->win))
    return tetra_fail(err, TETRA_ERANGE, "conv '%s': a %dx%d kernel does not fit half the weight buffer", v->op->name,
                      v->op->win.kh, v->op->win.kw);
  while (!plan_conv(v, interleaved_band)) {
    /* Smaller tiles need fewer rows at once. */
    if (v->cut.imgs > 1)
      v->cut.imgs = 1;
    else if (v->cut.rows > 1)
      v->cut.rows = (v->cut.rows + 1) / 2;
    else
      return refuse_row(v, err);
    v->strips = tetra_ceil_div(v->cut.images, v->cut.imgs) * tetra_ceil_div(v->cut.ho, v->cut.rows);
  }
  v->kept = weights_input(&v->w, 0, v->w.tiles);
  /* Pieces of about 1/16 of the buffer, so that space is freed and filled piece by piece. */
  const uint32_t per_kb = band_words(v, v->band_strips) / (uint32_t)v->kb;
  v->piece_kb = max_int(tetra_ceil_div(v->kb, 16), (int)(p->caps.act_words / 16 / (per_kb ? per_kb : 1)));
  v->piece_kb = max_int(1, min_int(v->kb, v->piece_kb));
  /* With groups, no more than a tile waits for; but in one piece where other convs' segments come between the tiles',
   * because what a COMPUTE reads lies together. */
  if (v->op->groups > 1) v->piece_kb = interleaved_band > 0 ? v->kb : min_int(v->piece_kb, v->w.kb * v->w.parts);
  v->pieces = tetra_ceil_div(v->kb, v->piece_kb);
  v->act = malloc((size_t)max_int(v->pieces, v->in->h) * sizeof *v->act);
  const int rc = params_init(&v->params, p, op, c, shared_entries);
  if (!v->act || rc != TETRA_OK) return tetra_fail(err, TETRA_ENOMEM, "no memory to compile '%s'", v->op->name);
  for (int i = 0; i < max_int(v->pieces, v->in->h); i++) v->act[i] = -1;
  return TETRA_OK;
}

int conv_tiles(const struct conv *v) { return v->strips * v->w.tiles; }

int conv_at_band(const struct conv *v, struct pixels *band) {
  if (v->next_ct > 0 || v->next_tile > 0) return 0;
  *band = band_pixels(v, v->next_strip);
  return 1;
}

int conv_strips_done(const struct conv *v) { return v->next_strip; }

void conv_step(struct conv *v) {
  const int length = band_length(v, v->band_strips, v->next_strip);
  if (v->next_ct == 0 && v->next_tile == 0) begin_band(v, v->next_strip);
  const struct pixels t = cut_tile(&v->cut, v->next_strip + v->next_tile);
  lower_pixels(v, &t, v->next_ct);
  if (++v->next_tile < length) return;
  v->next_tile = 0;
  if (++v->next_ct < v->w.tiles) return;
  v->next_ct = 0;
  v->next_strip += length;
}

void conv_free(struct conv *v) {
  weights_free(&v->w);
  free(v->act);
  params_free(&v->params);
}

int lower_conv(struct program *p, int op, const struct constants *c, struct tetra_error *err) {
  struct conv v;
  struct tetra_error why = {0};
  const int rc = conv_init(&v, p, op, c, 0, 0, &why);
  if (rc == TETRA_OK) {
    prefetch_weights(&v, 0);
    for (int ct = 0; ct < v.w.tiles; ct += v.pass_tiles) {
      lower_pass(&v, ct, min_int(v.w.tiles, ct + v.pass_tiles));
      weights_forget(&v.w);
    }
  }
  conv_free(&v);
  if (rc == TETRA_ERANGE) return lower_split(p, op, c, err);
  return rc == TETRA_OK ? rc : tetra_fail(err, rc, "%s", why.msg);
}
