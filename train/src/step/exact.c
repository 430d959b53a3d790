/* Evaluation of a quantized network as it is exported: codes, scales and biases of the file, in double.
 *
 * Sums of products are whole numbers and exact; scales, additions and averages are rounded to 53 bits, biases to the
 * fractions of a unit that the accelerator has (docs/numerics.md). What is left between this and the accelerator's
 * integers is that those hold a factor in 31 bits. Training's own forward pass, in float, has other codes where a value
 * lies at the border between two. */
#include "step/exact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exported.h"
#include "place.h"
#include "step/layer.h"
#include "step/pieces.h"
#include "step/window.h"
#include "tetra/quantize.h"

static double *plane_of(const struct tetra_train *t, int v, int image) {
  return t->value[t->value[v].root].exact + (size_t)image * train_image_size(t, v);
}

static const struct tetra_plan_point *point_of(const struct tetra_train *t, int i, int k) {
  const int use = t->exported.use[i][k];
  return use < 0 ? NULL : &t->exported.points[t->g.nodes[i].in[k]][use];
}

static inline double clip(double v, double lo, double hi) { return v < lo ? lo : v > hi ? hi : v; }

/* An image is quantized in float32, as QuantizeLinear does it, and import. */
void train_exact_codes(const struct tetra_train *t, int v, int k, int image, double *codes) {
  const struct tetra_plan_point *p = &t->exported.points[v][k];
  const double lo = tetra_fmt_min(p->fmt), hi = tetra_fmt_max(p->fmt), scale = (double)p->scale;
  const double *x = plane_of(t, v, image), *fraction = t->value[v].fraction[k];
  const size_t size = train_image_size(t, v), channels = (size_t)t->g.values[v].c;
  for (size_t j = 0; v == t->g.input && j < size; j++) codes[j] = clip(rint((double)((float)x[j] / p->scale)), lo, hi);
  for (size_t j = 0; v != t->g.input && j < size; j += channels)
    for (size_t c = 0; c < channels; c++) codes[j + c] = clip(rint((x[j + c] + fraction[c]) / scale), lo, hi);
}

/* The largest sum of one channel's products. */
static double most_of(const struct tetra_train *t, int i, size_t c) {
  const struct tetra_plan_layer *e = &t->exported.layers[i];
  const struct tetra_plan_point *in = point_of(t, i, 0);
  const size_t k = t->layer[i].w.n / (size_t)t->layer[i].geo.cout;
  double sum = 0;
  for (size_t j = c * k; j < (c + 1) * k; j++) sum += abs(e->codes[j]);
  return sum * fmax(tetra_fmt_max(in->fmt), -tetra_fmt_min(in->fmt));
}

/* What the accelerator's bias, a whole number of units and a fraction (tetra_fit_channel), has more than the real one,
 * where value v is quantized at point k. The bias is that of the convolution whose sums become the value. */
static void set_fractions(struct tetra_train *t, int v, int k) {
  const struct tetra_plan_point *p = &t->exported.points[v][k];
  const int i = train_biased_by(t, v, NULL);
  double *fraction = t->value[v].fraction[k];
  for (int c = 0; c < t->g.values[v].c; c++) {
    fraction[c] = 0;
    if (i < 0) continue;
    const struct train_layer *l = &t->layer[i];
    const struct tetra_fit fit = {.mult = l->exact_unit[c],
                                  .offset = l->exact_bias[c],
                                  .out_scale = (double)p->scale,
                                  .acc_max = (int64_t)most_of(t, i, (size_t)c)};
    struct tetra_requant_channel ch;
    if (fit.acc_max == 0 || tetra_fit_channel(&fit, &ch, NULL) != TETRA_OK || ch.m == 0) continue;
    const double units = ch.bias + ldexp(ch.frac, TETRA_FRAC_SHIFT) / ch.m;
    fraction[c] = units * l->exact_unit[c] - l->exact_bias[c];
  }
}

/* Weights in the order in which they are read; what channels are worth; whether float holds their sums. */
static void prepare_layer(struct tetra_train *t, int i) {
  struct train_layer *l = &t->layer[i];
  const struct tetra_plan_layer *e = &t->exported.layers[i];
  const struct tetra_plan_point *in = point_of(t, i, 0);
  l->wide = 0;
  for (size_t j = 0; j < l->w.n; j++) l->codes[j] = e->codes[j];
  for (size_t c = 0; c < (size_t)l->geo.cout; c++) {
    l->wide |= most_of(t, i, c) >= t->float_holds;
    l->exact_unit[c] = (double)e->scale[c] * (double)in->scale;
    l->exact_bias[c] = (double)(float)e->bias[c]; /* as the file has it */
  }
  train_pack(&l->geo, l->codes, l->packed);
}

/* As train_sum_taps, in double, pixel by pixel. */
static void sum_wide(const struct train_layer *l, const float *x, double *y) {
  const struct train_geometry *g = &l->geo;
  const struct train_raster *r = &g->forward;
  const size_t cout = (size_t)g->cout, wide = (size_t)g->wide_out;
  memset(y, 0, (size_t)g->oh * (size_t)g->ow * cout * sizeof *y);
  for (int row = 0; row < r->rows; row++) {
    for (int column = 0; column < r->columns; column++, y += cout) {
      const float *at = x + row * r->x_row + column * r->x_step, *w = l->packed;
      for (int tap = 0; tap < g->taps.n; tap++)
        for (int ci = 0; ci < g->cin; ci++, w += wide)
          for (size_t c = 0; c < cout; c++) y[c] += (double)at[g->taps.at[tap] + ci] * (double)w[c];
    }
  }
}

static void convolve(const struct tetra_train *t, int i, int image, struct train_scratch *s) {
  const struct train_layer *l = &t->layer[i];
  const struct train_geometry *g = &l->geo;
  const int in = t->g.nodes[i].in[0];
  const size_t size = train_image_size(t, in), cout = (size_t)g->cout;
  const size_t count = (size_t)g->oh * (size_t)g->ow * cout;
  double *y = plane_of(t, t->g.nodes[i].out, image);
  train_exact_codes(t, in, t->exported.use[i][0], image, s->operand[0]);
  for (size_t j = 0; j < size; j++) s->codes[j] = (float)s->operand[0][j];
  train_pad(g, s->codes, s->input);
  if (l->wide) {
    sum_wide(l, s->input, y);
  } else {
    train_sum_taps(&g->taps, &g->forward, g->cin, g->cout, s->input, l->packed, s->pixels);
    for (size_t j = 0; j < count; j++) y[j] = (double)s->pixels[j];
  }
  for (size_t at = 0; at < count; at += cout)
    for (size_t c = 0; c < cout; c++) y[at + c] = y[at + c] * l->exact_unit[c] + l->exact_bias[c];
}

/* Operand k as the node reads it: real numbers, in `room` where they are quantized. */
static const double *operand(const struct tetra_train *t, int i, int k, int image, double *room) {
  const int v = t->g.nodes[i].in[k];
  const struct tetra_plan_point *p = point_of(t, i, k);
  if (!p) return plane_of(t, v, image);
  train_exact_codes(t, v, t->exported.use[i][k], image, room);
  for (size_t j = 0; j < train_image_size(t, v); j++) room[j] *= (double)p->scale;
  return room;
}

static void pool(const struct tetra_train *t, const struct tetra_float_node *n, const double *x, double *y) {
  const struct tetra_float_value *in = &t->g.values[n->in[0]], *out = &t->g.values[n->out];
  const int mean = n->kind == TETRA_FLOAT_AVGPOOL;
  const size_t channels = (size_t)out->c;
  for (int row = 0; row < out->h; row++) {
    for (int column = 0; column < out->w; column++, y += channels) {
      const struct train_part p = train_part_of(&n->win, in, row, column);
      const double divisor = mean ? (double)train_divisor(n, in, row, column) : 1;
      for (size_t c = 0; c < channels; c++) {
        double found = mean ? 0 : -INFINITY;
        for (int a = p.y0; a < p.y1; a++) {
          for (int b = p.x0; b < p.x1; b++) {
            const double v = x[((size_t)a * (size_t)in->w + (size_t)b) * channels + c];
            found = mean ? found + v : v > found ? v : found;
          }
        }
        y[c] = found / divisor;
      }
    }
  }
}

static void pick(const struct tetra_train *t, const struct tetra_float_node *n, const double *x, double *y) {
  const struct train_picks p = train_picks_of(&t->g, n);
  memset(y, 0, train_image_size(t, n->out) * sizeof *y);
  for (int row = 0; row < p.rows; row++) {
    for (int column = 0; column < p.columns; column++) {
      size_t from, to;
      train_picked(&t->g, n, row, column, &from, &to);
      for (size_t c = 0; c < p.channels; c++) y[to + c] = x[from + c * p.step];
    }
  }
}

static void clamp(const struct tetra_float_node *n, const double *x, size_t count, double *y) {
  for (size_t j = 0; j < count; j++) y[j] = x[j] < n->lo ? n->lo : x[j] > n->hi ? n->hi : x[j];
}

static void compute(const struct tetra_train *t, int i, int image, struct train_scratch *s) {
  const struct tetra_float_node *n = &t->g.nodes[i];
  const size_t size = train_image_size(t, n->out);
  double *y = plane_of(t, n->out, image);
  const double *a = operand(t, i, 0, image, s->operand[0]);
  const double *b = n->in[1] < 0 ? NULL : operand(t, i, 1, image, s->operand[1]);
  switch (n->kind) {
    case TETRA_FLOAT_ADD:
      for (size_t j = 0; j < size; j++) y[j] = a[j] + b[j];
      break;
    case TETRA_FLOAT_CLAMP:
      clamp(n, a, size, y);
      break;
    case TETRA_FLOAT_AFFINE: /* the file's constants are float */
      for (size_t j = 0; j < size; j++)
        y[j] = a[j] * (double)n->w[j % (size_t)n->cout] + (double)(float)n->bias[j % (size_t)n->cout];
      break;
    case TETRA_FLOAT_PICK:
      pick(t, n, a, y);
      break;
    default:
      pool(t, n, a, y);
      break;
  }
}

/* All nodes, image by image. */
static void piece_of_images(const struct train_job *job, int piece, struct train_scratch *s) {
  const struct tetra_train *t = job->t;
  for (int image = train_first(job->n, piece); image < train_first(job->n, piece + 1); image++) {
    for (int i = 0; i < t->g.n_nodes; i++) {
      const int out = t->g.nodes[i].out;
      if (t->g.nodes[i].kind == TETRA_FLOAT_CONV)
        convolve(t, i, image, s);
      else if (!train_is_done(t, i))
        compute(t, i, image, s);
      double *y = plane_of(t, out, image);
      if (t->fused[i] >= 0) clamp(&t->g.nodes[t->fused[i]], y, train_image_size(t, out), y);
    }
  }
}

void train_exact_logits(struct tetra_train *t, const float *images, int n, int quantized_logits, float *logits) {
  const struct train_job job = {t, 0, n, 0, piece_of_images};
  const size_t pixels = train_image_size(t, t->g.input) * (size_t)n, classes = train_image_size(t, t->logits);
  const struct tetra_plan_point *p = &t->exported.points[t->logits][TETRA_PLAN_8];
  double *x = plane_of(t, t->g.input, 0);
  train_exported_fill(t);
  for (int i = 0; i < t->g.n_nodes; i++)
    if (t->layer[i].w.n) prepare_layer(t, i);
  for (int v = 0; v < t->g.n_values; v++)
    for (int k = 0; k < TETRA_PLAN_POINTS; k++)
      if (t->exported.points[v][k].used) set_fractions(t, v, k);
  for (size_t j = 0; j < pixels; j++) x[j] = (double)images[j];
  train_pieces(&job);
  for (int image = 0; image < n; image++, logits += classes) {
    const double *y = plane_of(t, t->logits, image);
    double *codes = t->scratch[0].operand[0];
    const int quantize = quantized_logits && t->value[t->logits].point[TETRA_PLAN_8].on;
    if (quantize) train_exact_codes(t, t->logits, TETRA_PLAN_8, image, codes);
    for (size_t c = 0; c < classes; c++) logits[c] = quantize ? (float)codes[c] * p->scale : (float)y[c];
  }
}
