/* Pools, all channels of a pixel at a time, and element-wise additions, several pixels at a time. */
#include "fast/fast.h"

static void fill(int32_t *dst, int count, int32_t value) {
  for (int i = 0; i < count; i++) dst[i] = value;
}

static void merge(enum tetra_op_kind kind, int count, const int32_t *restrict tap, int32_t *restrict acc) {
  if (kind == TETRA_MAXPOOL)
    for (int c = 0; c < count; c++) acc[c] = tap[c] > acc[c] ? tap[c] : acc[c];
  else
    for (int c = 0; c < count; c++) acc[c] += tap[c];
}

/* acc[c] of one output pixel; tap is scratch. */
static void window(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int32_t *tap,
                   int32_t *acc) {
  const int c = in->d.c;
  const int pad = op->kind == TETRA_MAXPOOL ? tetra_fmt_min(in->d.fmt) : op->pad_code;
  fill(acc, c, op->kind == TETRA_MAXPOOL ? pad : 0);
  for (int ky = 0; ky < op->win.kh; ky++) {
    const int iy = oy * op->win.stride_y - op->win.pad.top + ky * op->win.dilation_y;
    for (int kx = 0; kx < op->win.kw; kx++) {
      const int ix = ox * op->win.stride_x - op->win.pad.left + kx * op->win.dilation_x;
      if (iy < 0 || iy >= in->d.h || ix < 0 || ix >= in->d.w) {
        fill(tap, c, pad);
      } else {
        const size_t at = ((size_t)n * (size_t)in->d.h + (size_t)iy) * (size_t)in->d.w + (size_t)ix;
        tetra_codes_i32(in->d.fmt, in->data + at * in->pixel_bytes, c, tap);
      }
      merge(op->kind, c, tap, acc);
    }
  }
}

struct windows {
  const struct tetra_fast_op *f;
  const struct tetra_op_io *io;
  void *const *room;
  struct tetra_rect rect;
  size_t band; /* pixels of a task of an addition */
};

/* Row i of the rectangles of all images. */
static void pool_row(void *arg, int i, int worker) {
  const struct windows *v = arg;
  const struct tetra_desc *d = &v->io->out[0]->d;
  const int rows = v->rect.y1 - v->rect.y0, n = i / rows, y = v->rect.y0 + i % rows;
  int32_t *acc = v->room[worker];
  for (int x = v->rect.x0; x < v->rect.x1; x++) {
    window(v->io->op, v->io->in, n, y, x, acc + d->c, acc);
    tetra_sink_pixels(v->f, v->io, ((size_t)n * (size_t)d->h + (size_t)y) * (size_t)d->w + (size_t)x, 1, acc);
  }
}

/* An addition reads its operand as it lies, a tile at a time. */
static void add_tile(const struct windows *v, size_t pixel, int pixels, int first, int channels) {
  const struct tetra_tensor *in = v->io->in;
  _Alignas(64) int32_t acc[kTilePixels * kTileChannels];
  const uint8_t *src = in->data + pixel * in->pixel_bytes + first * tetra_fmt_bits(in->d.fmt) / 8;
  for (int j = 0; j < pixels; j++)
    tetra_codes_i32(in->d.fmt, src + (size_t)j * in->pixel_bytes, channels, acc + j * kTileChannels);
  tetra_sink_tile(v->f, v->io, pixel, pixels, first, channels, acc);
}

static void add_band(void *arg, int i, int worker) {
  const struct windows *v = arg;
  const struct tetra_desc *d = &v->io->in->d;
  const size_t pixels = (size_t)d->n * (size_t)d->h * (size_t)d->w;
  const size_t first = (size_t)i * v->band, end = pixels - first < v->band ? pixels : first + v->band;
  const int block = tetra_block_channels(v->f->kernel);
  (void)worker;
  for (size_t p = first; p < end; p += kTilePixels)
    for (int c = 0; c < d->c; c += block)
      add_tile(v, p, end - p < kTilePixels ? (int)(end - p) : kTilePixels, c, d->c - c < block ? d->c - c : block);
}

enum { kBandCodes = 1 << 15 };

int tetra_fast_window(const struct tetra_fast_op *f, const struct tetra_op_io *io, struct tetra_crew *crew) {
  const struct tetra_desc *d = &io->out[0]->d;
  struct windows v = {.f = f, .io = io, .room = crew->room, .rect = tetra_op_rect(io->op, d)};
  if (tetra_crew_need(crew, (2 * (size_t)d->c + kTileChannels) * sizeof(int32_t))) return TETRA_ENOMEM;
  if (io->op->kind != TETRA_ADD) {
    tetra_threads_run(crew->threads, d->n * (v.rect.y1 - v.rect.y0), pool_row, &v);
    return TETRA_OK;
  }
  const size_t pixels = (size_t)d->n * (size_t)d->h * (size_t)d->w;
  v.band = kBandCodes / (size_t)d->c + 1;
  tetra_threads_run(crew->threads, (int)tetra_ceil_div_size(pixels, v.band), add_band, &v);
  return TETRA_OK;
}
