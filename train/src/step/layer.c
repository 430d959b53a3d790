/* A convolution and its batch norm over a batch, forward and backward.
 *
 * Images of a piece go through a layer one after another, so that a plane stays in the cache between what is done to
 * it. Where both operands are quantized, whole numbers are multiplied: sums are exact, as the accelerator's are. */
#include "step/layer.h"

#include <math.h>
#include <string.h>

#include "math/clamp.h"
#include "step/pieces.h"
#include "step/points.h"
#include "tetra/quantize.h"

static size_t plane_size(const struct train_geometry *g) { return (size_t)g->oh * (size_t)g->ow * (size_t)g->cout; }
static size_t input_size(const struct train_geometry *g) { return (size_t)g->h * (size_t)g->w * (size_t)g->cin; }

/* AQT's scale of one channel's weights, from this moment's largest; LSQ's, as learned. */
static struct train_quantizer weight_quantizer(const struct tetra_train *t, const struct train_layer *l, size_t co,
                                               const float *w, size_t k) {
  struct train_quantizer q = train_quantizer_make(l->steps.n ? TRAIN_NEAREST : TRAIN_AQT, tetra_fmt_of(l->bits, 1));
  if (l->steps.n) {
    q.lo = -q.hi;
    q.scale = 1 / (fabsf(t->param[l->steps.at + (l->steps.n > 1 ? co : 0)]) * l->coarser);
    return q;
  }
  float bound = 0;
  for (size_t i = 0; i < k; i++) bound = fmaxf(bound, fabsf(w[i]));
  q.scale = tetra_aqt_scale(q.fmt, bound);
  return q;
}

void train_layer_prepare(struct tetra_train *t, int i) {
  struct train_layer *l = &t->layer[i];
  const struct train_geometry *g = &l->geo;
  const size_t k = (size_t)g->taps.n * (size_t)g->cin;
  const float *w = t->param + l->w.at;
  if (!l->bits) {
    train_pack(g, w, l->packed);
    train_pack_back(g, w, NULL, l->packed_back);
    return;
  }
  for (size_t co = 0; co < (size_t)g->cout; co++) {
    const struct train_quantizer q = weight_quantizer(t, l, co, w + co * k, k);
    train_quantize(&q, w + co * k, k, l->codes + co * k);
    l->unit[co] = 1 / q.scale;
  }
  train_pack(g, l->codes, l->packed);
  train_pack_back(g, l->codes, l->unit, l->packed_back);
}

/* The input of one image, as the layer multiplies it, padded. */
static void read_input(const struct tetra_train *t, int i, int image, struct train_scratch *s) {
  const struct train_geometry *g = &t->layer[i].geo;
  const struct train_quantizer *q = train_quantizer_of(t, i, 0);
  const size_t size = input_size(g);
  const float *x = train_x(t, t->g.nodes[i].in[0]) + (size_t)image * size;
  if (q) {
    train_quantize(q, x, size, s->codes);
    x = s->codes;
  }
  train_pad(g, x, s->input);
}

/* What a unit of the input is worth. */
static float input_unit(const struct tetra_train *t, int i) {
  const struct train_quantizer *q = train_quantizer_of(t, i, 0);
  return q ? 1 / q->scale : 1;
}

/* The layer's sums of one image, with its bias. */
static void convolve(const struct tetra_train *t, int i, int image, struct train_scratch *s, float *y) {
  const struct train_layer *l = &t->layer[i];
  const struct train_geometry *g = &l->geo;
  const size_t cout = (size_t)g->cout, pixels = (size_t)g->oh * (size_t)g->ow;
  const float *bias = l->bias.n && !l->gamma.n ? t->param + l->bias.at : l->zeros;
  read_input(t, i, image, s);
  train_sum_taps(&g->taps, &g->forward, g->cin, g->cout, s->input, l->packed, y);
  if (!l->bits && bias == l->zeros && !train_quantizer_of(t, i, 0)) return;
  for (size_t p = 0; p < pixels; p++, y += cout)
    for (size_t c = 0; c < cout; c++) y[c] = y[c] * l->factor[c] + bias[c];
}

/* Sums of a channel's values and squares, image by image in float, over images in double. */
static void add_sums(const float *y, size_t pixels, size_t cout, float *of_image, double *sums) {
  memset(of_image, 0, 2 * cout * sizeof *of_image);
  for (size_t p = 0; p < pixels; p++, y += cout) {
    for (size_t c = 0; c < cout; c++) {
      of_image[c] += y[c];
      of_image[cout + c] += y[c] * y[c];
    }
  }
  for (size_t c = 0; c < 2 * cout; c++) sums[c] += (double)of_image[c];
}

/* The batch norm, or nothing, and the clamp behind it. */
static void finish(const struct tetra_train *t, int i, const float *sums, float *y) {
  const struct train_layer *l = &t->layer[i];
  const size_t cout = (size_t)l->geo.cout, count = plane_size(&l->geo);
  if (l->gamma.n)
    for (size_t p = 0; p < count; p += cout)
      for (size_t c = 0; c < cout; c++) y[p + c] = sums[p + c] * l->mult[c] + l->shift[c];
  if (t->fused[i] >= 0) train_clamp(&t->g.nodes[t->fused[i]], y, count, y);
}

static void forward_piece(const struct train_job *job, int piece, struct train_scratch *s) {
  struct tetra_train *t = job->t;
  const struct train_layer *l = &t->layer[job->i];
  const size_t size = plane_size(&l->geo), cout = (size_t)l->geo.cout;
  double *sums = t->channel_sums + (size_t)piece * 2 * (size_t)t->most_channels;
  memset(sums, 0, 2 * cout * sizeof *sums);
  for (int n = train_first(job->n, piece); n < train_first(job->n, piece + 1); n++) {
    float *out = train_x(t, t->g.nodes[job->i].out) + (size_t)n * size;
    float *y = l->gamma.n ? l->sums + (size_t)n * size : out;
    convolve(t, job->i, n, s, y);
    if (l->gamma.n && job->training)
      add_sums(y, size / cout, cout, s->of_image, sums);
    else
      finish(t, job->i, y, out);
  }
}

static void finish_piece(const struct train_job *job, int piece, struct train_scratch *s) {
  struct tetra_train *t = job->t;
  const size_t size = plane_size(&t->layer[job->i].geo);
  (void)s;
  for (int n = train_first(job->n, piece); n < train_first(job->n, piece + 1); n++)
    finish(t, job->i, t->layer[job->i].sums + (size_t)n * size, train_x(t, t->g.nodes[job->i].out) + (size_t)n * size);
}

/* mult and shift from mean and variance. */
static void set_norm(struct tetra_train *t, struct train_layer *l, size_t c, double mean, double var) {
  l->mean[c] = mean;
  l->scale[c] = 1 / sqrt(var + TETRA_BN_EPS);
  const double mult = (double)t->param[l->gamma.at + c] * l->scale[c];
  l->mult[c] = (float)mult;
  l->shift[c] = (float)((double)t->param[l->bias.at + c] - mean * mult);
}

/* Elements of a channel in the whole batch. */
static double elements(const struct tetra_train *t, const struct train_layer *l) {
  return (double)l->geo.oh * l->geo.ow * t->n_global;
}

static void batch_norm(struct tetra_train *t, struct train_layer *l) {
  const size_t cout = (size_t)l->geo.cout;
  float *running = t->stats + l->running.at;
  double *sums = t->sums;
  train_sum(t, t->channel_sums, 2 * l->geo.cout, sums);
  for (size_t c = 0; c < cout; c++) {
    const double mean = sums[c] / elements(t, l), var = fmax(0, sums[cout + c] / elements(t, l) - mean * mean);
    set_norm(t, l, c, mean, var);
    running[c] = (float)((1 - t->fresh) * (double)running[c] + t->fresh * mean);
    running[cout + c] = (float)((1 - t->fresh) * (double)running[cout + c] + t->fresh * var);
  }
}

void train_layer_forward(struct tetra_train *t, int i, int n, int training) {
  struct train_layer *l = &t->layer[i];
  const size_t cout = (size_t)l->geo.cout;
  struct train_job job = {t, i, n, training, forward_piece};
  for (size_t c = 0; c < cout; c++) l->factor[c] = input_unit(t, i) * (l->bits ? l->unit[c] : 1);
  const float *running = t->stats + l->running.at;
  for (size_t c = 0; l->gamma.n && !training && c < cout; c++)
    set_norm(t, l, c, (double)running[c], (double)running[cout + c]);
  train_pieces(&job);
  if (!l->gamma.n || !training) return;
  batch_norm(t, l);
  job.work = finish_piece;
  train_pieces(&job);
}

/* The gradient passes the clamp; its channels' sums, and those of it times the normalized values. */
static void unclamp_piece(const struct train_job *job, int piece, struct train_scratch *s) {
  struct tetra_train *t = job->t;
  const struct train_layer *l = &t->layer[job->i];
  const size_t size = plane_size(&l->geo), cout = (size_t)l->geo.cout;
  double *sums = t->channel_sums + (size_t)piece * 2 * (size_t)t->most_channels;
  float *of_image = s->of_image;
  memset(sums, 0, 2 * cout * sizeof *sums);
  for (int n = train_first(job->n, piece); n < train_first(job->n, piece + 1); n++) {
    const size_t at = (size_t)n * size;
    float *g = train_grad(t, t->g.nodes[job->i].out) + at;
    if (t->fused[job->i] >= 0)
      train_unclamp(&t->g.nodes[t->fused[job->i]], train_x(t, t->g.nodes[job->i].out) + at, size, g);
    if (!l->bias.n) continue;
    memset(of_image, 0, 2 * cout * sizeof *of_image);
    if (l->gamma.n) {
      const float *x = l->sums + at;
      for (size_t p = 0; p < size; p += cout) {
        for (size_t c = 0; c < cout; c++) {
          of_image[c] += g[p + c];
          of_image[cout + c] += g[p + c] * (x[p + c] - l->centre[c]);
        }
      }
    } else {
      for (size_t p = 0; p < size; p += cout)
        for (size_t c = 0; c < cout; c++) of_image[c] += g[p + c];
    }
    for (size_t c = 0; c < 2 * cout; c++) sums[c] += (double)of_image[c];
  }
}

/* Gradients of bias, or beta and gamma; the gradient of the sums as slope * g + level + tilt * x. */
static void norm_gradients(struct tetra_train *t, struct train_layer *l, int training) {
  const size_t cout = (size_t)l->geo.cout;
  double *sums = t->sums;
  if (!l->bias.n) return;
  train_sum(t, t->channel_sums, 2 * l->geo.cout, sums);
  for (size_t c = 0; c < cout; c++) {
    t->grad[l->bias.at + c] += (float)(sums[c] * t->share);
    if (!l->gamma.n) continue;
    const double dgamma = sums[cout + c] * l->scale[c], mult = (double)l->mult[c], n = elements(t, l);
    t->grad[l->gamma.at + c] += (float)(dgamma * t->share);
    const double tilt = training ? -mult * l->scale[c] * dgamma / n : 0;
    l->tilt[c] = (float)tilt;
    l->level[c] = (float)(training ? -mult * sums[c] / n - tilt * l->mean[c] : 0);
  }
}

/* The gradient of one image's sums, padded. */
static void read_gradient(const struct tetra_train *t, int i, int image, struct train_scratch *s) {
  const struct train_layer *l = &t->layer[i];
  const struct train_geometry *g = &l->geo;
  const size_t size = plane_size(g), cout = (size_t)g->cout, wide = (size_t)g->wide_out;
  const float *from = train_grad(t, t->g.nodes[i].out) + (size_t)image * size;
  const float *x = l->gamma.n ? l->sums + (size_t)image * size : NULL;
  memset(s->gradient, 0, train_gradient_size(g) * sizeof *s->gradient);
  for (int y = 0; y < g->oh; y++) {
    float *to = s->gradient + ((size_t)(g->grad_top + y) * (size_t)g->grad_cols + (size_t)g->grad_left) * wide;
    for (int k = 0; k < g->ow; k++, to += wide, from += cout) {
      if (!x) {
        memcpy(to, from, cout * sizeof *to);
        continue;
      }
      for (size_t c = 0; c < cout; c++) to[c] = l->mult[c] * from[c] + (l->level[c] + l->tilt[c] * x[c]);
      x += cout;
    }
  }
}

static void backward_piece(const struct train_job *job, int piece, struct train_scratch *s) {
  struct tetra_train *t = job->t;
  const struct train_layer *l = &t->layer[job->i];
  const struct train_geometry *g = &l->geo;
  const int in = t->g.nodes[job->i].in[0];
  float *dw = t->partial + (size_t)piece * t->partial_size;
  memset(dw, 0, train_packed_size(g) * sizeof *dw);
  for (int n = train_first(job->n, piece); n < train_first(job->n, piece + 1); n++) {
    read_gradient(t, job->i, n, s);
    if (!t->o.images_learn) {
      read_input(t, job->i, n, s);
      train_sum_pixels(&g->taps, &g->weights, g->cin, g->cout, s->input,
                       s->gradient + ((ptrdiff_t)g->grad_top * g->grad_cols + g->grad_left) * g->wide_out, dw);
    }
    if (!t->value[in].needs_grad) continue;
    const float *packed = l->packed_back;
    for (int k = 0; k < g->n_classes; k++) {
      const struct train_class *c = &g->classes[k];
      train_sum_taps(&c->taps, &c->raster, g->cout, g->cin, s->gradient, packed, s->pixels + c->first);
      packed += (size_t)c->taps.n * (size_t)g->cout * (size_t)g->wide_in;
    }
    train_add_gradient(t, job->i, 0, piece, (size_t)n * input_size(g), input_size(g), s->pixels);
  }
}

/* Through the weights' quantizer, to the weights; LSQ's steps. A step of all channels is the pieces' to sum. */
static void pass_weights(struct tetra_train *t, struct train_layer *l, int piece, size_t co, float *dw, size_t k) {
  const float *w = t->param + l->w.at + co * k;
  const struct train_quantizer q = weight_quantizer(t, l, co, w, k);
  const double most = (double)tetra_fmt_max(q.fmt);
  if (t->o.method == TETRA_TRAIN_ONCE)
    t->step_sums[piece] += train_step_gradient(&q, w, k, dw);
  else if (l->steps.n)
    t->grad[l->steps.at + co] += (float)(train_step_gradient(&q, w, k, dw) / sqrt((double)k * most));
  train_pass(&q, w, k, dw);
}

/* The gradient of the one step that all channels share. */
static void add_step(struct tetra_train *t, struct train_layer *l) {
  const double n = (double)l->w.n, most = (double)tetra_fmt_max(tetra_fmt_of(l->bits, 1));
  double sum = 0;
  for (int p = 0; p < TRAIN_PIECES; p++) {
    sum += t->step_sums[p];
    t->step_sums[p] = 0;
  }
  t->grad[l->steps.at] += (float)(sum / sqrt(n * most)) * l->coarser;
}

/* The pieces' sums in their order. */
static void add_weights(const struct train_job *job, int piece, struct train_scratch *s) {
  struct tetra_train *t = job->t;
  struct train_layer *l = &t->layer[job->i];
  const struct train_geometry *g = &l->geo;
  const size_t k = (size_t)g->taps.n * (size_t)g->cin, wide = (size_t)g->wide_out;
  const float unit = input_unit(t, job->i);
  for (int co = train_first(g->cout, piece); co < train_first(g->cout, piece + 1); co++) {
    float *dw = s->weights;
    for (size_t j = 0; j < k; j++) {
      float sum = 0;
      for (size_t p = 0; p < TRAIN_PIECES; p++) sum += t->partial[p * t->partial_size + j * wide + (size_t)co];
      dw[j] = sum * unit;
    }
    if (l->bits) pass_weights(t, l, piece, (size_t)co, dw, k);
    float *to = t->grad + l->w.at + (size_t)co * k;
    for (size_t j = 0; j < k; j++) to[j] += dw[j];
  }
}

void train_layer_backward(struct tetra_train *t, int i, int n, int training) {
  struct train_layer *l = &t->layer[i];
  struct train_job job = {t, i, n, training, unclamp_piece};
  for (int c = 0; l->gamma.n && c < l->geo.cout; c++) l->centre[c] = (float)l->mean[c];
  train_pieces(&job);
  norm_gradients(t, l, training);
  job.work = backward_piece;
  train_pieces(&job);
  train_gradient_added(t, i, 0);
  if (t->o.images_learn) return;
  job.work = add_weights;
  train_pieces(&job);
  if (l->bits && t->o.method == TETRA_TRAIN_ONCE) add_step(t, l);
}
