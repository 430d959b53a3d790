/* Cutting convolutions into tasks, and implicit im2col: input rows are laid out once as the kernel reads them, with
 * padding, and a pixel's window is a pointer into them. */
#include "fast/bands.h"

#include <string.h>

enum {
  kPixels = 192,     /* of a band: enough to use weights more than once while they are near, few enough to stay near */
  kPoolRows = 8,     /* output rows of a band with a fused pool, which computes one row of the plane twice */
  kTasks = 4,        /* a thread, at least, so that one that is held up does not hold up all */
  kTaskMacs = 200000 /* and not smaller than this */
};

static int at_least_one(int64_t n) { return n < 1 ? 1 : (int)n; }

static void share_blocks(struct tetra_bands *b, const struct tetra_fast_op *f, const struct tetra_op_io *io,
                         int workers) {
  const int64_t k = (int64_t)tetra_op_kernel(io->op, io->in->d.c);
  const int64_t macs = (int64_t)io->out[0]->d.n * b->ho * b->wo * k * io->op->cout;
  int64_t tasks = (int64_t)workers * kTasks;
  if (tasks > macs / kTaskMacs) tasks = macs / kTaskMacs;
  b->shares = 1;
  if (workers == 1 || b->n >= tasks || io->op->pool) return;
  b->shares = at_least_one(tetra_ceil_div(tasks, b->n));
  if (b->shares > f->blocks) b->shares = f->blocks;
}

void tetra_bands_init(struct tetra_bands *b, const struct tetra_fast_op *f, const struct tetra_op_io *io, int workers) {
  const struct tetra_op *op = io->op;
  const struct tetra_desc *in = &io->in->d, *out = &io->out[0]->d;
  b->ho = tetra_op_plane_h(op, in->h);
  b->wo = tetra_op_plane_w(op, in->w);
  b->units = op->pool ? out->h : b->ho;
  b->images = 1;
  b->rows = op->pool ? kPoolRows : at_least_one(kPixels / b->wo);
  if (f->winograd) b->rows = (b->rows + 1) / 2 * 2;
  if (b->rows >= b->units) {
    b->rows = b->units;
    if (!op->pool) b->images = at_least_one(kPixels / ((int64_t)b->ho * b->wo));
    if (b->images > tetra_ceil_div(out->n, workers)) b->images = tetra_ceil_div(out->n, workers);
  }
  b->per_image = tetra_ceil_div(b->units, b->rows);
  b->n = b->per_image * tetra_ceil_div(out->n, b->images);
  const int plane_rows = op->pool ? 2 * b->rows + 1 : f->winograd ? (b->rows + 1) / 2 * 2 : b->rows;
  const size_t in_rows =
      (size_t)(plane_rows - 1) * (size_t)op->win.stride_y + (size_t)(op->win.kh - 1) * (size_t)op->win.dilation_y + 1;
  b->row_bytes = (size_t)f->cols * (size_t)in->c;
  b->image_bytes = f->direct ? 0 : in_rows * b->row_bytes;
  b->pixels = (size_t)b->images * (size_t)plane_rows * (size_t)b->wo;
  share_blocks(b, f, io, workers);
}

struct tetra_band tetra_band_at(const struct tetra_bands *b, const struct tetra_op_io *io, int i) {
  const int n = io->out[0]->d.n;
  struct tetra_band band = {.n0 = i / b->per_image * b->images, .u0 = i % b->per_image * b->rows};
  band.n1 = band.n0 + b->images < n ? band.n0 + b->images : n;
  band.u1 = band.u0 + b->rows < b->units ? band.u0 + b->rows : b->units;
  band.y0 = band.u0;
  band.y1 = band.u1;
  if (io->op->pool) {
    band.y0 = 2 * band.u0 - io->op->pool_pad_top;
    band.y1 = 2 * (band.u1 - 1) - io->op->pool_pad_top + 3;
    if (band.y0 < 0) band.y0 = 0;
    if (band.y1 > b->ho) band.y1 = b->ho;
  }
  return band;
}

/* One row of stored codes from input row iy of image n, which may lie in the padding. */
static void fill_row(const struct tetra_fast_op *f, const struct tetra_op *op, const struct tetra_tensor *in, int n,
                     int64_t iy, uint8_t *to) {
  const int c = in->d.c, flip = f->kernel->flip;
  const int pad = (uint8_t)(op->pad_code - tetra_stored_zero(in->d.fmt, flip));
  const size_t bytes = (size_t)f->cols * (size_t)c;
  if (iy < 0 || iy >= in->d.h) {
    memset(to, pad, bytes);
    return;
  }
  int before = op->win.pad.left < f->cols ? op->win.pad.left : f->cols;
  int inside = f->cols - before < in->d.w ? f->cols - before : in->d.w;
  const uint8_t *src = in->data + ((size_t)n * (size_t)in->d.h + (size_t)iy) * (size_t)in->d.w * in->pixel_bytes;
  memset(to, pad, (size_t)before * (size_t)c);
  to += (size_t)before * (size_t)c;
  if (tetra_fmt_bits(in->d.fmt) == 8 || c % 2 == 0)
    tetra_codes_stored(in->d.fmt, flip, src, (size_t)inside * (size_t)c, to);
  else
    for (int x = 0; x < inside; x++)
      tetra_codes_stored(in->d.fmt, flip, src + (size_t)x * in->pixel_bytes, (size_t)c, to + (size_t)x * (size_t)c);
  memset(to + (size_t)inside * (size_t)c, pad, (size_t)(f->cols - before - inside) * (size_t)c);
}

void tetra_band_fill(const struct tetra_bands *b, const struct tetra_fast_op *f, const struct tetra_op_io *io,
                     const struct tetra_band *band, uint8_t *to) {
  const struct tetra_op *op = io->op;
  const int64_t first = (int64_t)band->y0 * op->win.stride_y - op->win.pad.top;
  /* Tiles of two rows may begin one row below the last. */
  const int more = f->winograd ? (band->y1 - band->y0) % 2 : 0;
  const int rows = (band->y1 - band->y0 + more - 1) * op->win.stride_y + (op->win.kh - 1) * op->win.dilation_y + 1;
  for (int n = band->n0; n < band->n1; n++, to += b->image_bytes)
    for (int y = 0; y < rows; y++) fill_row(f, op, io->in, n, first + y, to + (size_t)y * b->row_bytes);
}

size_t tetra_band_pixels(const struct tetra_bands *b, const struct tetra_fast_op *f, const struct tetra_op_io *io,
                         const struct tetra_band *band, const uint8_t *codes, const uint8_t **pixel) {
  const struct tetra_op *op = io->op;
  const size_t step_y = (size_t)op->win.stride_y * b->row_bytes,
               step_x = (size_t)op->win.stride_x * (size_t)io->in->d.c;
  size_t count = 0;
  for (int n = band->n0; n < band->n1; n++) {
    const uint8_t *row = codes + (size_t)(n - band->n0) * b->image_bytes;
    if (f->direct) row = io->in->data + (size_t)n * (size_t)io->in->d.h * b->row_bytes + (size_t)band->y0 * step_y;
    for (int y = band->y0; y < band->y1; y++, row += step_y)
      for (int x = 0; x < b->wo; x++) pixel[count++] = row + (size_t)x * step_x;
  }
  return count;
}
