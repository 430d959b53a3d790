/* Exact integer convolution through float matrix products. A float holds every integer up to 2^24, so a product over
 * a stretch of K in which no sum of |a*w| exceeds that is exact whatever the order of its additions. The stretches are
 * chosen from the actual weights and added up in int32, which tetra_graph_check proved sufficient. */
#include <cblas.h>
#include <stdlib.h>

#include "fast_internal.h"

enum {
  kGroup = 64,           /* stretches are made of this many k; 64*255*128 < 2^24 */
  kBandFloats = 1 << 20, /* size of a band of the im2col matrix and of its product, where a pixel fits */
  kExact = 1 << 24
};

struct conv {
  const struct tetra_op_io *io;
  int k, cout, ho, wo;
  size_t pixels, band; /* output pixels: all, at a time */
  int *cuts, n_cuts;   /* stretches: cuts[i]..cuts[i+1]-1, n_cuts of them */
  float *weights;      /* [cout][k] */
  float *columns;      /* [band][k] */
  float *product;      /* [band][cout] */
  int32_t *acc;        /* [band][cout] */
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
}

static int conv_init(struct conv *v, const struct tetra_op_io *io) {
  const struct tetra_desc *out = &io->out[0]->d;
  *v = (struct conv){.io = io, .k = io->op->kh * io->op->kw * io->in->d.c, .cout = out->c, .ho = out->h, .wo = out->w};
  const size_t k = (size_t)v->k, cout = (size_t)v->cout;
  v->pixels = (size_t)out->n * (size_t)out->h * (size_t)out->w;
  v->band = min_size(v->pixels, kBandFloats / (k > cout ? k : cout) + 1);
  v->cuts = malloc((k / kGroup + 2) * sizeof *v->cuts);
  v->weights = malloc(cout * k * sizeof *v->weights);
  v->columns = malloc(v->band * k * sizeof *v->columns);
  v->product = malloc(v->band * cout * sizeof *v->product);
  v->acc = malloc(v->band * cout * sizeof *v->acc);
  if (!v->cuts || !v->weights || !v->columns || !v->product || !v->acc) return TETRA_ENOMEM;
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

int tetra_fast_conv(const struct tetra_op_io *io, struct tetra_sink *sink, struct tetra_error *err) {
  struct conv v;
  if (conv_init(&v, io)) {
    conv_free(&v);
    return tetra_fail(err, TETRA_ENOMEM, "op %s: no memory for its matrices", io->op->name);
  }
  for (size_t p0 = 0; p0 < v.pixels; p0 += v.band) {
    const size_t count = min_size(v.band, v.pixels - p0);
    fill_columns(&v, p0, count);
    multiply(&v, count);
    tetra_sink_pixels(sink, p0, count, v.acc);
  }
  conv_free(&v);
  return TETRA_OK;
}
