/* CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED: int8 activations, int8 or int4 weights without zero point, int32
 * bias. */
#include <stdlib.h>
#include <string.h>

#include "tflite/conv.h"
#include "tflite/quant.h"

/* Why weights and bias cannot run, or NULL. */
static const char *weights_refusal(const struct tfl_import *im, const struct tfl_op *op) {
  if (op->in[1] < 0) return "it has no weights";
  const struct tfl_tensor *w = &im->f->tensors[op->in[1]];
  if (w->type != TFL_INT8 && w->type != TFL_INT4) return "its weights are neither INT8 nor INT4";
  if (!w->data) return "its weights are not constant";
  if (w->has_sparsity) return "its weights are stored sparsely";
  if (!w->n_scales) return "its weights have no scale";
  if (!w->all_zero) return "its weights have a zero point";
  if (op->in[2] < 0) return NULL;
  const struct tfl_tensor *b = &im->f->tensors[op->in[2]];
  if (b->type != TFL_INT32) return "its bias is not INT32";
  return b->data ? NULL : "its bias is not constant";
}

static const char *operand_refusal(const struct tfl_import *im, const struct tfl_op *op) {
  const char *reason = tfl_operand_refusal(im, op, 0);
  return reason ? reason : weights_refusal(im, op);
}

/* Of int4 weights the even element lies in the low nibble. */
static int8_t weight_at(const struct tfl_tensor *w, size_t i) {
  if (w->type != TFL_INT4) return (int8_t)w->data[i];
  return (int8_t)(((w->data[i / 2] >> (4 * (i & 1)) & 15) ^ 8) - 8);
}

/* A depthwise convolution's [1][kh][kw][cout] become [cout][kh][kw][1]; others lie as the graph has them. */
static int copy_weights(struct tfl_import *im, const struct tfl_op *op, struct tetra_op *g) {
  const struct tfl_tensor *w = &im->f->tensors[op->in[1]];
  if (w->elements > im->weights_left) {
    return tetra_fail(im->err, TETRA_ERANGE, "operator %d (%s) and those before it copy the file's weights many times",
                      (int)(op - im->f->ops), op->kind);
  }
  im->weights_left -= w->elements;
  g->wbits = w->type == TFL_INT4 ? 4 : 8;
  g->weights = malloc((size_t)w->elements);
  if (!g->weights) return tetra_fail(im->err, TETRA_ENOMEM, "no memory for %lld weights", (long long)w->elements);
  const size_t count = (size_t)w->elements, cout = (size_t)g->cout, taps = count / cout;
  const int depthwise = op->code == TFL_DEPTHWISE_CONV_2D;
  for (size_t i = 0; i < count; i++) g->weights[i] = weight_at(w, depthwise ? i % taps * cout + i / taps : i);
  return TETRA_OK;
}

static int32_t read_int32(const uint8_t *p) {
  return (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
}

/* The input's zero point joins the bias: sum((a - z) * w) = sum(a*w) - z * sum(w). */
static int64_t folded_bias(const struct tfl_import *im, const struct tfl_op *op, const struct tetra_op *g, int c) {
  const int64_t k = im->f->tensors[op->in[1]].elements / g->cout;
  int64_t sum = 0;
  for (int64_t j = 0; j < k; j++) sum += g->weights[c * k + j];
  const int64_t bias = op->in[2] < 0 ? 0 : read_int32(im->f->tensors[op->in[2]].data + 4 * (size_t)c);
  return bias - sum * im->b[op->in[0]].zero_point;
}

/* The sums with that bias that int8 codes can give, and the codes that the channel's result is clamped to. */
static struct tfl_reach reach_of(const struct tfl_import *im, const struct tfl_op *op, const struct tetra_op *g, int c,
                                 int64_t bias) {
  const int64_t k = im->f->tensors[op->in[1]].elements / g->cout;
  const int zp = tfl_output(im, op)->zero_point;
  int64_t positive = 0, negative = 0;
  for (int64_t j = 0; j < k; j++) {
    const int w = g->weights[c * k + j];
    positive += w > 0 ? w : 0;
    negative += w < 0 ? -w : 0;
  }
  const int64_t up = bias + 127 * positive + 128 * negative, down = 128 * positive + 127 * negative - bias;
  return (struct tfl_reach){down > 0 ? down : 0, up > 0 ? up : 0, zp > g->rq[0].lo ? zp - g->rq[0].lo : 0,
                            g->rq[0].hi > zp ? g->rq[0].hi - zp : 0};
}

/* LiteRT's reference kernel multiplies in double and rounds once; those of convolutions do not. */
static int is_in_double(const struct tfl_import *im, const struct tfl_op *op) {
  return op->code == TFL_FULLY_CONNECTED && im->o->tflite_rounding == TETRA_TFLITE_LITERT;
}

/* Scale of one product in units of the output. A FULLY_CONNECTED with one scale multiplies in float32 first, where it
 * is not in double as a whole. */
static double product_scale(const struct tfl_import *im, const struct tfl_op *op, int c) {
  const struct tfl_tensor *in = &im->f->tensors[op->in[0]], *w = &im->f->tensors[op->in[1]];
  const double out = tfl_output(im, op)->scales[0];
  if (op->code == TFL_FULLY_CONNECTED && w->n_scales == 1 && !is_in_double(im, op))
    return (double)(in->scales[0] * w->scales[0]) / out;
  return (double)in->scales[0] * (double)w->scales[w->n_scales == 1 ? 0 : c] / out;
}

/* Bias, M and S of every channel; refuses what does not fit by setting *reason. */
static void fill_channels(const struct tfl_import *im, const struct tfl_op *op, struct tetra_op *g,
                          const char **reason) {
  for (int c = 0; c < g->cout; c++) {
    struct tetra_requant_channel *ch = &g->rq[0].ch[c];
    const int64_t bias = folded_bias(im, op, g, c);
    const double real = product_scale(im, op, c);
    int s;
    if (bias < INT32_MIN || bias > INT32_MAX) *reason = "bias and input zero point together leave int32";
    if (is_in_double(im, op)) {
      g->rq[0].round = TETRA_HALF_AWAY;
      const struct tfl_reach reach = reach_of(im, op, g, c, bias);
      if (!tfl_multiplier_of_double(real, &reach, &ch->m, &s))
        *reason = "no multiplier of 31 bits gives what LiteRT computes in double; --tflite-rounding double runs it";
    } else if (!tfl_multiplier(real, tfl_single(im), &ch->m, &s)) {
      *reason = "its scales ask for a multiplier of 2^31 or more";
    }
    if (*reason) return;
    ch->bias = (int32_t)bias;
    ch->s = (uint8_t)s;
  }
}

/* Everything behind the window: weights, bias, requantization, clamp. */
static int complete(struct tfl_import *im, const struct tfl_op *op, struct tetra_op *g) {
  const struct tfl_tensor *w = &im->f->tensors[op->in[1]], *out = tfl_output(im, op);
  const char *reason = NULL;
  int rc = TETRA_OK;
  if (w->n_scales > 1 && (w->dimension != (op->code == TFL_DEPTHWISE_CONV_2D ? 3 : 0) || w->n_scales != g->cout))
    reason = "its weight scales are not by output channel";
  if (out->type != TFL_INT8 || out->n_scales != 1) reason = "its output is not INT8 with one scale";
  if (!reason && im->f->tensors[op->in[0]].n_scales != 1) reason = "its input has no scale";
  if (!reason && !tfl_clamp(op->activation, out, &g->rq[0].lo, &g->rq[0].hi))
    reason = "its activation is not supported";
  if (!reason && op->in[2] >= 0 && im->f->tensors[op->in[2]].elements != g->cout)
    reason = "its bias has another length";
  if (!reason && (g->win.pad.top | g->win.pad.left | g->win.pad.bottom | g->win.pad.right)) {
    rc = tfl_settle_raw(im, op, 0); /* padding is the value's zero point */
    g->input = im->b[op->in[0]].value;
    g->pad_code = im->m->graph.values[g->input].d.zero_point;
  }
  if (rc == TETRA_OK && !reason) {
    rc = copy_weights(im, op, g);
    if (rc == TETRA_OK) fill_channels(im, op, g, &reason);
  }
  if (rc == TETRA_OK && !reason) return tfl_emit(im, op, g, 0);
  if (rc == TETRA_OK) rc = tfl_refuse(im, op, "%s", reason);
  tfl_free_op(g);
  return rc;
}

static int in_range(int v, int lo) { return v >= lo && v <= TETRA_WINDOW_MAX; }

/* Output channels and groups, for cin input channels; 0 where the weights do not fit these. */
static int read_groups(const struct tfl_op *op, const struct tfl_tensor *w, int cin, int *cout, int *groups) {
  if (op->code == TFL_DEPTHWISE_CONV_2D) {
    *groups = cin;
    *cout = w->dims[3];
    return w->dims[0] == 1 && *cout % cin == 0 && *cout / cin == op->multiplier;
  }
  *groups = cin / w->dims[3];
  *cout = w->dims[0];
  return *groups > 0 && cin % w->dims[3] == 0 && *cout % *groups == 0;
}

int tfl_conv(struct tfl_import *im, const struct tfl_op *op) {
  const char *reason = operand_refusal(im, op);
  if (reason) return tfl_refuse(im, op, "%s", reason);
  const struct tfl_tensor *w = &im->f->tensors[op->in[1]];
  const struct tfl_binding *b = &im->b[op->in[0]];
  if (b->flat) return tfl_refuse(im, op, "it follows a RESHAPE that flattens");
  if (!op->has_options || w->rank != 4) return tfl_broken(im, op, "lacks its options, or its weights' 4 dimensions");
  if (!in_range(op->win.stride_y, 1) || !in_range(op->win.stride_x, 1) || !in_range(op->win.dilation_y, 1) ||
      !in_range(op->win.dilation_x, 1) || !in_range(w->dims[1], 1) || !in_range(w->dims[2], 1) ||
      (op->padding != TFL_SAME && op->padding != TFL_VALID)) {
    return tfl_broken(
        im, op,
        "has a kernel, stride or dilation outside of 1.." TFL_DIGITS(TETRA_WINDOW_MAX) ", or an unknown padding");
  }
  const int cin = im->m->graph.values[b->value].d.c;
  int cout, groups;
  if (!read_groups(op, w, cin, &cout, &groups)) {
    return tfl_refuse(im, op, "weights of %dx%dx%dx%d for %d input channels, which do not divide into groups",
                      w->dims[0], w->dims[1], w->dims[2], w->dims[3], cin);
  }
  struct tetra_op g;
  const int rc = tfl_begin(im, op, TETRA_CONV, b->value, cout, &g);
  if (rc != TETRA_OK) return rc;
  g.groups = groups;
  g.win = op->win;
  g.win.kh = w->dims[1];
  g.win.kw = w->dims[2];
  tfl_take_padding(im, op, &g);
  return complete(im, op, &g);
}

/* A window over the whole plane of the flattened value, or a 1x1 convolution. */
int tfl_dense(struct tfl_import *im, const struct tfl_op *op) {
  const char *reason = operand_refusal(im, op);
  if (reason) return tfl_refuse(im, op, "%s", reason);
  if (op->weights_format != 0) return tfl_refuse(im, op, "its weights are shuffled");
  const struct tfl_tensor *w = &im->f->tensors[op->in[1]];
  if (w->rank != 2) return tfl_broken(im, op, "has weights without 2 dimensions");
  int rc = tfl_settle_pad(im, op, 0);
  if (rc != TETRA_OK) return rc;
  const struct tfl_binding *b = &im->b[op->in[0]];
  const struct tetra_desc *d = &im->m->graph.values[b->value].d;
  const int h = d->h, w_in = d->w;
  const int64_t plane = (int64_t)h * w_in * d->c;
  if (w->dims[1] != plane && (w->dims[1] != d->c || !op->keep_num_dims)) {
    return tfl_refuse(im, op, "%d weights an output for an input of %dx%dx%d", w->dims[1], h, w_in, d->c);
  }
  if (w->dims[1] == plane && (!in_range(h, 1) || !in_range(w_in, 1))) {
    return tfl_refuse(im, op, "its input of %dx%d pixels is larger than a window can be", h, w_in);
  }
  struct tetra_op g;
  rc = tfl_begin(im, op, TETRA_CONV, b->value, w->dims[0], &g);
  if (rc != TETRA_OK) return rc;
  if (w->dims[1] == plane) {
    g.win.kh = h;
    g.win.kw = w_in;
  }
  return complete(im, op, &g);
}
