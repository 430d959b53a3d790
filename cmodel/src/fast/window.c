/* Pools, all channels of a pixel at a time, and element-wise additions, several pixels at a time. */
#include <stdlib.h>

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
  for (int ky = 0; ky < op->kh; ky++) {
    const int iy = oy * op->stride_y - op->pad_top + ky * op->dilation_y;
    for (int kx = 0; kx < op->kw; kx++) {
      const int ix = ox * op->stride_x - op->pad_left + kx * op->dilation_x;
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

/* An addition reads its operand as it lies, as many pixels at a time as the sink works on. */
static int run_add(const struct tetra_op_io *io, struct tetra_sink *sink, struct tetra_error *err) {
  const struct tetra_tensor *in = io->in;
  const size_t pixels = (size_t)in->d.n * (size_t)in->d.h * (size_t)in->d.w, c = (size_t)in->d.c;
  const int dense = tetra_fmt_bits(in->d.fmt) == 8 || in->d.c % 2 == 0;
  const size_t band = dense ? (size_t)sink->repeat : 1;
  int32_t *codes = malloc(band * c * sizeof *codes);
  if (!codes) return tetra_fail(err, TETRA_ENOMEM, "op %s: no memory for %zu codes", io->op->name, band * c);
  for (size_t p = 0; p < pixels; p += band) {
    const size_t count = pixels - p < band ? pixels - p : band;
    tetra_codes_i32(in->d.fmt, in->data + p * in->pixel_bytes, (int)(count * c), codes);
    tetra_sink_pixels(sink, p, count, codes);
  }
  free(codes);
  return TETRA_OK;
}

int tetra_fast_window(const struct tetra_op_io *io, struct tetra_sink *sink, struct tetra_error *err) {
  if (io->op->kind == TETRA_ADD) return run_add(io, sink, err);
  const struct tetra_desc *d = &io->out[0]->d;
  int32_t *scratch = malloc(2 * (size_t)d->c * sizeof *scratch);
  if (!scratch) return tetra_fail(err, TETRA_ENOMEM, "op %s: no memory for %d channels", io->op->name, d->c);
  const struct tetra_rect r = tetra_op_rect(io->op, d);
  for (int n = 0; n < d->n; n++)
    for (int y = r.y0; y < r.y1; y++)
      for (int x = r.x0; x < r.x1; x++) {
        window(io->op, io->in, n, y, x, scratch, scratch + d->c);
        tetra_sink_pixels(sink, ((size_t)n * (size_t)d->h + (size_t)y) * (size_t)d->w + (size_t)x, 1, scratch + d->c);
      }
  free(scratch);
  return TETRA_OK;
}
