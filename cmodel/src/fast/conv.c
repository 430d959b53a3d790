/* Exact integer convolution through float matrix products. A float holds every integer up to 2^24, so a product over
 * a stretch of K in which no sum of |a*w| exceeds that is exact whatever the order of its additions. The stretches are
 * chosen from the actual weights and added up in int32, which tetra_graph_check proved sufficient. */
#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "fast/fast.h"

enum {
  kGroup = 64,           /* stretches are made of this many k; 64*255*128 < 2^24 */
  kBandFloats = 1 << 20, /* size of a band of the im2col matrix and of its product, where a pixel fits */
  kExact = 1 << 24
};

struct conv {
  const struct tetra_op_io *io;
  int k, cout, ho, wo; /* ho, wo: the plane, before a fused pool */
  size_t pixels, band; /* pixels of the planes: all, at a time at most */
  size_t whole;        /* those that bands do not cross: all, with a fused pool an image's */
  int *cuts, n_cuts;   /* stretches: cuts[i]..cuts[i+1]-1, n_cuts of them */
  float *weights;      /* [cout][k] */
  float *columns;      /* [band][k] */
  float *product;      /* [band][cout] */
  int32_t *acc;        /* [band][cout] */
  int32_t *plane;      /* fused pool: [ho*wo][cout] of one image, then a pooled pixel */
};

static size_t min_size(size_t a, size_t b) { return a < b ? a : b; }

/* Largest sum of |w| over k0..k1-1 in any output channel. */
static int group_weight(const struct tetra_op *op, int k, int k0, int k1) {
  int most = 0;
  for (int c = 0; c < op->cout; c++) {
    const int8_t *w = op->weights + (size_t)c * (size_t)k;
    int sum = 0;
    for (int j = k0; j < k1; j++) sum += w[j] < 0 ? -w[j] : w[j];
    if (sum > most) most = sum;
  }
  return most;
}

static void cut_stretches(struct conv *v) {
  const enum tetra_fmt fmt = v->io->in->d.fmt;
  const int largest = tetra_fmt_signed(fmt) ? -tetra_fmt_min(fmt) : tetra_fmt_max(fmt);
  int64_t used = 0;
  v->cuts[0] = 0;
  for (int k0 = 0; k0 < v->k; k0 += kGroup) {
    const int k1 = v->k - k0 < kGroup ? v->k : k0 + kGroup;
    const int64_t weight = (int64_t)group_weight(v->io->op, v->k, k0, k1) * largest;
    if (used + weight > kExact) {
      v->cuts[++v->n_cuts] = k0;
      used = 0;
    }
    used += weight;
  }
  v->cuts[++v->n_cuts] = v->k;
}

static void conv_free(struct conv *v) {
  free(v->cuts);
  free(v->weights);
  free(v->columns);
  free(v->product);
  free(v->acc);
  free(v->plane);
}

static int conv_init(struct conv *v, const struct tetra_op_io *io) {
  const struct tetra_desc *out = &io->out[0]->d;
  *v = (struct conv){.io = io, .k = io->op->kh * io->op->kw * io->in->d.c, .cout = out->c};
  const size_t k = (size_t)v->k, cout = (size_t)v->cout;
  v->ho = tetra_op_plane_h(io->op, io->in->d.h);
  v->wo = tetra_op_plane_w(io->op, io->in->d.w);
  v->pixels = (size_t)out->n * (size_t)v->ho * (size_t)v->wo;
  v->whole = io->op->pool ? v->pixels / (size_t)out->n : v->pixels;
  v->band = min_size(v->whole, kBandFloats / (k > cout ? k : cout) + 1);
  v->cuts = malloc((k / kGroup + 2) * sizeof *v->cuts);
  v->weights = malloc(cout * k * sizeof *v->weights);
  v->columns = malloc(v->band * k * sizeof *v->columns);
  v->product = malloc(v->band * cout * sizeof *v->product);
  v->acc = malloc(v->band * cout * sizeof *v->acc);
  if (io->op->pool) v->plane = malloc((v->whole + 1) * cout * sizeof *v->plane);
  if (!v->cuts || !v->weights || !v->columns || !v->product || !v->acc || (io->op->pool && !v->plane))
    return TETRA_ENOMEM;
  for (size_t j = 0; j < cout * k; j++) v->weights[j] = io->op->weights[j];
  cut_stretches(v);
  return TETRA_OK;
}

/* Columns of output pixels p0..p0+count-1. A 1x1 window that visits every pixel reads the input as it lies. */
static void fill_columns(const struct conv *v, size_t p0, size_t count) {
  const struct tetra_op *op = v->io->op;
  const struct tetra_tensor *in = v->io->in;
  const int dense = tetra_fmt_bits(in->d.fmt) == 8 || in->d.c % 2 == 0;
  if (dense && op->kh == 1 && op->kw == 1 && v->ho == in->d.h && v->wo == in->d.w && op->stride_y == 1 &&
      op->stride_x == 1 && op->pad_top == 0 && op->pad_left == 0) {
    tetra_codes_f32(in->d.fmt, in->data + p0 * in->pixel_bytes, (int)(count * (size_t)v->k), v->columns);
    return;
  }
  for (size_t p = 0; p < count; p++) tetra_im2col_pixel(op, in, v->ho, v->wo, p0 + p, v->columns + p * (size_t)v->k);
}

static void multiply(const struct conv *v, size_t count) {
  const size_t n = count * (size_t)v->cout;
  for (int i = 0; i < v->n_cuts; i++) {
    const int k0 = v->cuts[i];
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)count, v->cout, v->cuts[i + 1] - k0, 1.0f,
                v->columns + k0, v->k, v->weights + k0, v->k, 0.0f, v->product, v->cout);
    if (i == 0)
      for (size_t j = 0; j < n; j++) v->acc[j] = (int32_t)v->product[j];
    else
      for (size_t j = 0; j < n; j++) v->acc[j] += (int32_t)v->product[j];
  }
}

/* Maximum over the window of pooled pixel (oy, ox), by channel. */
static void pool_pixel(const struct conv *v, int oy, int ox, int32_t *most) {
  const int y0 = 2 * oy - v->io->op->pool_pad_top, x0 = 2 * ox - v->io->op->pool_pad_left;
  for (int c = 0; c < v->cout; c++) most[c] = INT32_MIN;
  for (int y = y0 < 0 ? 0 : y0; y < y0 + 3 && y < v->ho; y++)
    for (int x = x0 < 0 ? 0 : x0; x < x0 + 3 && x < v->wo; x++) {
      const int32_t *restrict acc = v->plane + ((size_t)y * (size_t)v->wo + (size_t)x) * (size_t)v->cout;
      for (int c = 0; c < v->cout; c++) most[c] = acc[c] > most[c] ? acc[c] : most[c];
    }
}

/* Pixels p0.. of the planes are in v->acc: they go to the sink, or with a fused pool once their image is complete. */
static void deliver(const struct conv *v, struct tetra_sink *sink, size_t p0, size_t count) {
  if (!v->io->op->pool) {
    tetra_sink_pixels(sink, p0, count, v->acc);
    return;
  }
  const size_t cout = (size_t)v->cout, at = p0 % v->whole;
  memcpy(v->plane + at * cout, v->acc, count * cout * sizeof *v->acc);
  if (at + count < v->whole) return;
  const struct tetra_desc *d = &v->io->out[0]->d;
  int32_t *most = v->plane + v->whole * cout;
  size_t pixel = p0 / v->whole * (size_t)d->h * (size_t)d->w;
  for (int y = 0; y < d->h; y++)
    for (int x = 0; x < d->w; x++) {
      pool_pixel(v, y, x, most);
      tetra_sink_pixels(sink, pixel++, 1, most);
    }
}

int tetra_fast_conv(const struct tetra_op_io *io, struct tetra_sink *sink, struct tetra_error *err) {
  struct conv v;
  if (conv_init(&v, io)) {
    conv_free(&v);
    return tetra_fail(err, TETRA_ENOMEM, "op %s: no memory for its matrices", io->op->name);
  }
  for (size_t p0 = 0; p0 < v.pixels;) {
    const size_t count = min_size(v.band, v.whole - p0 % v.whole);
    fill_columns(&v, p0, count);
    multiply(&v, count);
    deliver(&v, sink, p0, count);
    p0 += count;
  }
  conv_free(&v);
  return TETRA_OK;
}
