/* Exact integer convolution through float matrix products. A float holds every integer up to 2^24, so a product over
 * a stretch of K in which no sum of |a*w| exceeds that is exact whatever the order of its additions. The stretches are
 * chosen from the actual weights and added up in int32, which tetra_graph_check proved sufficient. */
#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "fast/fast.h"

enum {
  kPiece = 64,           /* stretches are made of this many k; 64*255*384 < 2^24 */
  kBandFloats = 1 << 18, /* size of a band of the im2col matrix and of its product, where a pixel fits */
  kExact = 1 << 24
};

struct tetra_blas {
  int k, cout;       /* k: weights of an output channel */
  int *cuts, n_cuts; /* stretches: cuts[i]..cuts[i+1]-1, n_cuts of them */
  float *weights;    /* [cout][k]: sums of all arrays */
};

/* Largest sum of |w| over k0..k1-1 in any output channel. */
static int piece_weight(const struct tetra_blas *b, int k0, int k1) {
  int most = 0;
  for (int c = 0; c < b->cout; c++) {
    const float *w = b->weights + (size_t)c * (size_t)b->k;
    int sum = 0;
    for (int j = k0; j < k1; j++) sum += abs((int)w[j]);
    if (sum > most) most = sum;
  }
  return most;
}

static void cut_stretches(struct tetra_blas *b, const struct tetra_op_io *io) {
  const enum tetra_fmt fmt = io->in->d.fmt;
  const int largest = tetra_fmt_signed(fmt) ? -tetra_fmt_min(fmt) : tetra_fmt_max(fmt);
  int64_t used = 0;
  b->cuts[0] = 0;
  for (int k0 = 0; k0 < b->k; k0 += kPiece) {
    const int k1 = b->k - k0 < kPiece ? b->k : k0 + kPiece;
    const int64_t weight = (int64_t)piece_weight(b, k0, k1) * largest;
    if (used + weight > kExact) {
      b->cuts[++b->n_cuts] = k0;
      used = 0;
    }
    used += weight;
  }
  b->cuts[++b->n_cuts] = b->k;
}

int tetra_blas_init(struct tetra_blas **made, const struct tetra_op_io *io) {
  struct tetra_blas *b = calloc(1, sizeof *b);
  *made = b;
  if (!b) return TETRA_ENOMEM;
  b->k = (int)tetra_op_kernel(io->op, io->in->d.c);
  b->cout = io->op->cout;
  const size_t k = (size_t)b->k, n = k * (size_t)b->cout;
  b->cuts = malloc((k / kPiece + 2) * sizeof *b->cuts);
  b->weights = malloc(n * sizeof *b->weights);
  if (!b->cuts || !b->weights) return TETRA_ENOMEM;
  for (size_t j = 0; j < n; j++) b->weights[j] = (float)tetra_op_weight(io->op, n, j);
  cut_stretches(b, io);
  return TETRA_OK;
}

void tetra_blas_free(struct tetra_blas *b) {
  if (!b) return;
  free(b->cuts);
  free(b->weights);
  free(b);
}

struct conv {
  const struct tetra_fast_op *f;
  const struct tetra_blas *b;
  const struct tetra_op_io *io;
  void *const *room;
  size_t width;        /* of the im2col matrix: k of all groups */
  int ho, wo;          /* the plane, before a fused pool */
  size_t pixels, band; /* pixels of the planes: all, at a time at most */
  size_t whole;        /* those of a task, which bands do not cross: a band's, with a fused pool an image's */
};

/* A worker's matrices. */
struct work {
  float *columns; /* [band][width] */
  float *group;   /* [band][k], a group's columns; columns where there is one group */
  float *product; /* [band][cout] */
  int32_t *acc;   /* [band][cout] */
  int32_t *plane; /* fused pool: [ho*wo][cout] of one image, then a pooled pixel */
};

static size_t min_size(size_t a, size_t b) { return a < b ? a : b; }

static struct work work_of(const struct conv *v, int worker) {
  struct work w = {.columns = v->room[worker]};
  w.group = v->io->op->groups == 1 ? w.columns : w.columns + v->band * v->width;
  w.product = w.group + v->band * (size_t)v->b->k;
  w.acc = (int32_t *)(void *)(w.product + v->band * (size_t)v->b->cout);
  w.plane = w.acc + v->band * (size_t)v->b->cout;
  return w;
}

/* Columns of output pixels p0..p0+count-1. A 1x1 window that visits every pixel reads the input as it lies. */
static void fill_columns(const struct conv *v, size_t p0, size_t count, float *columns) {
  const struct tetra_op *op = v->io->op;
  const struct tetra_tensor *in = v->io->in;
  const int dense = tetra_fmt_bits(in->d.fmt) == 8 || in->d.c % 2 == 0;
  if (dense && op->win.kh == 1 && op->win.kw == 1 && v->ho == in->d.h && v->wo == in->d.w && op->win.stride_y == 1 &&
      op->win.stride_x == 1 && op->win.pad.top == 0 && op->win.pad.left == 0) {
    tetra_codes_f32(in->d.fmt, in->data + p0 * in->pixel_bytes, (int)(count * v->width), columns);
    return;
  }
  for (size_t p = 0; p < count; p++) tetra_im2col_pixel(op, in, v->ho, v->wo, p0 + p, columns + p * v->width);
}

/* Columns k0..k1-1 of group g, out of those of all channels at every tap. */
static void gather(const struct conv *v, const struct work *w, size_t count, int g, int k0, int k1) {
  const int cin = v->io->in->d.c, inputs = tetra_op_group_cin(v->io->op, cin);
  for (size_t p = 0; p < count; p++) {
    const float *from = w->columns + p * v->width + (size_t)g * (size_t)inputs;
    float *to = w->group + p * (size_t)v->b->k;
    for (int k = k0; k < k1; k++) to[k] = from[(size_t)(k / inputs) * (size_t)cin + (size_t)(k % inputs)];
  }
}

static void multiply(const struct conv *v, const struct work *w, size_t count) {
  const struct tetra_blas *b = v->b;
  const size_t n = count * (size_t)b->cout;
  const int groups = v->io->op->groups, outputs = b->cout / groups;
  for (int i = 0; i < b->n_cuts; i++) {
    const int k0 = b->cuts[i], k1 = b->cuts[i + 1];
    for (int g = 0; g < groups; g++) {
      if (groups > 1) gather(v, w, count, g, k0, k1);
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)count, outputs, k1 - k0, 1.0f, w->group + k0, b->k,
                  b->weights + (size_t)(g * outputs) * (size_t)b->k + k0, b->k, 0.0f, w->product + g * outputs,
                  b->cout);
    }
    if (i == 0)
      for (size_t j = 0; j < n; j++) w->acc[j] = (int32_t)w->product[j];
    else
      for (size_t j = 0; j < n; j++) w->acc[j] += (int32_t)w->product[j];
  }
}

/* Maximum over the window of pooled pixel (oy, ox), by channel. */
static void pool_pixel(const struct conv *v, const int32_t *plane, int oy, int ox, int32_t *most) {
  const int y0 = 2 * oy - v->io->op->pool_pad_top, x0 = 2 * ox - v->io->op->pool_pad_left, cout = v->b->cout;
  for (int c = 0; c < cout; c++) most[c] = INT32_MIN;
  for (int y = y0 < 0 ? 0 : y0; y < y0 + 3 && y < v->ho; y++)
    for (int x = x0 < 0 ? 0 : x0; x < x0 + 3 && x < v->wo; x++) {
      const int32_t *restrict acc = plane + ((size_t)y * (size_t)v->wo + (size_t)x) * (size_t)cout;
      for (int c = 0; c < cout; c++) most[c] = acc[c] > most[c] ? acc[c] : most[c];
    }
}

/* Pixels p0.. of the planes are in w->acc: they go to the sink, or with a fused pool once their image is complete. */
static void deliver(const struct conv *v, const struct work *w, size_t p0, size_t count) {
  if (!v->io->op->pool) {
    tetra_sink_pixels(v->f, v->io, p0, count, w->acc);
    return;
  }
  const size_t cout = (size_t)v->b->cout, at = p0 % v->whole;
  memcpy(w->plane + at * cout, w->acc, count * cout * sizeof *w->acc);
  if (at + count < v->whole) return;
  const struct tetra_desc *d = &v->io->out[0]->d;
  int32_t *most = w->plane + v->whole * cout;
  size_t pixel = p0 / v->whole * (size_t)d->h * (size_t)d->w;
  for (int y = 0; y < d->h; y++)
    for (int x = 0; x < d->w; x++) {
      pool_pixel(v, w->plane, y, x, most);
      tetra_sink_pixels(v->f, v->io, pixel++, 1, most);
    }
}

static void task(void *arg, int i, int worker) {
  const struct conv *v = arg;
  const struct work w = work_of(v, worker);
  const size_t end = min_size(((size_t)i + 1) * v->whole, v->pixels);
  for (size_t p0 = (size_t)i * v->whole; p0 < end;) {
    const size_t count = min_size(v->band, end - p0);
    fill_columns(v, p0, count, w.columns);
    multiply(v, &w, count);
    deliver(v, &w, p0, count);
    p0 += count;
  }
}

int tetra_blas_conv(const struct tetra_fast_op *f, const struct tetra_op_io *io, struct tetra_crew *crew) {
  struct conv v = {.f = f, .b = f->blas, .io = io, .room = crew->room};
  const struct tetra_desc *out = &io->out[0]->d;
  const size_t cout = (size_t)v.b->cout, group = io->op->groups == 1 ? 0 : (size_t)v.b->k;
  v.width = tetra_window_elements(&io->op->win, io->in->d.c);
  v.ho = tetra_op_plane_h(io->op, io->in->d.h);
  v.wo = tetra_op_plane_w(io->op, io->in->d.w);
  v.pixels = (size_t)out->n * (size_t)v.ho * (size_t)v.wo;
  v.band = min_size(v.pixels, kBandFloats / (v.width > cout ? v.width : cout) + 1);
  v.whole = io->op->pool ? v.pixels / (size_t)out->n : v.band;
  const size_t plane = io->op->pool ? (v.whole + 1) * cout : 0;
  if (tetra_crew_need(crew, (v.band * (v.width + group + 2 * cout) + plane + kTileChannels) * sizeof(float)))
    return TETRA_ENOMEM;
  tetra_threads_run(crew->threads, (int)tetra_ceil_div_size(v.pixels, v.whole), task, &v);
  return TETRA_OK;
}

static int usable(void) { return 1; }

static void requant(const struct tetra_table *t, int first, int channels, int pixels, const int32_t *acc,
                    const uint8_t *res, size_t res_stride, uint8_t *dst, size_t dst_stride) {
  tetra_kernel_portable.requant(t, first, channels, pixels, acc, res, res_stride, dst, dst_stride);
}

const struct tetra_kernel tetra_kernel_blas = {"openblas", 1, 16, 0, 0, usable, NULL, NULL, requant};
