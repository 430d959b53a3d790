/* Operators without arithmetic of their own: PAD, RESHAPE and SQUEEZE, the float ends of a network, SOFTMAX. */
#include <math.h>

#include "tflite/numbers.h"
#include "tflite/quant.h"
#include "tflite/shape.h"

/* Element i of a constant INT32 tensor. */
static int32_t constant(const struct tfl_tensor *t, int64_t i) {
  const uint8_t *p = t->data + 4 * i;
  return (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
}

static int refuse_or(struct tfl_import *im, const struct tfl_op *op, const char *reason) {
  return tfl_refuse(im, op, "%s", reason);
}

/* Stays a note beside the value, so that a convolution can take it over as its own padding. */
int tfl_pad(struct tfl_import *im, const struct tfl_op *op) {
  const char *reason = tfl_operand_refusal(im, op, 0);
  const struct tfl_tensor *out = tfl_output(im, op), *p = op->in[1] < 0 ? NULL : &im->f->tensors[op->in[1]];
  if (!reason && (op->n_in != 2 || !p || !p->data || p->type != TFL_INT32))
    reason = "its amounts are not constant INT32";
  if (!reason && (p->elements != 8 || im->f->tensors[op->in[0]].rank != 4)) reason = "only 4 dimensions are padded";
  if (reason) return refuse_or(im, op, reason);
  for (int i = 0; i < 8; i++) {
    const int32_t v = constant(p, i);
    if (v < 0 || v > TETRA_WINDOW_MAX)
      return tfl_broken(im, op, "pads by less than 0 or more than " TFL_DIGITS(TETRA_WINDOW_MAX));
    if (v != 0 && (i < 2 || i >= 6)) return refuse_or(im, op, "it pads batch or channels");
  }
  int rc = tfl_settle_pad(im, op, 0);
  if (rc == TETRA_OK) rc = tfl_settle_raw(im, op, 0);
  if (rc != TETRA_OK) return rc;
  const struct tfl_binding b = im->b[op->in[0]];
  if (b.flat) return refuse_or(im, op, "it follows a RESHAPE that flattens");
  struct tetra_desc file;
  if (!tfl_desc(im, out, &file) || out->zero_point != b.zero_point) {
    return refuse_or(im, op, "its output is not INT8 with its input's zero point");
  }
  struct tfl_binding *o = &im->b[op->out];
  *o = b;
  o->top = constant(p, 2);
  o->bottom = constant(p, 3);
  o->left = constant(p, 4);
  o->right = constant(p, 5);
  const struct tetra_desc *d = &im->m->graph.values[b.value].d;
  if (file.h != d->h + o->top + o->bottom || file.w != d->w + o->left + o->right || file.c != d->c || file.n != d->n) {
    return tfl_broken(im, op, "has an output of another shape than its amounts give");
  }
  return TETRA_OK;
}

/* Another name for the same value: the same four dimensions, or [n][h*w*c]. */
int tfl_reshape(struct tfl_import *im, const struct tfl_op *op) {
  const char *reason = tfl_operand_refusal(im, op, 0);
  if (!reason && op->code == TFL_RESHAPE) reason = tfl_shape_refusal(im, op);
  if (reason) return refuse_or(im, op, reason);
  const int rc = tfl_settle_pad(im, op, 0);
  if (rc != TETRA_OK) return rc;
  const struct tfl_binding b = im->b[op->in[0]];
  const struct tetra_desc *d = &im->m->graph.values[b.value].d;
  struct tetra_desc file;
  if (!tfl_desc(im, tfl_output(im, op), &file) || tfl_output(im, op)->zero_point != b.zero_point) {
    return refuse_or(
        im, op,
        "its output is not INT8 with its input's zero point, of at most " TFL_DIGITS(TFL_MAX_CHANNELS) " channels");
  }
  const int same = file.n == d->n && file.h == d->h && file.w == d->w && file.c == d->c;
  const int flat = file.n == d->n && file.h == 1 && file.w == 1 && file.c == (int64_t)d->h * d->w * d->c;
  if (!same && !flat) {
    return refuse_or(im, op, "only flattening to [n][h*w*c] and shapes that mean the same are supported");
  }
  im->b[op->out] = b;
  im->b[op->out].flat = !same;
  return TETRA_OK;
}

/* Codes of operand 0 in the output's scale: an average over windows of one pixel. lo, hi: what it is clamped to. */
static int requantize(struct tfl_import *im, const struct tfl_op *op, int lo, int hi) {
  int rc = tfl_settle_pad(im, op, 0);
  if (rc != TETRA_OK) return rc;
  const struct tfl_binding *b = &im->b[op->in[0]];
  const struct tfl_tensor *out = tfl_output(im, op);
  const struct tetra_desc d = im->m->graph.values[b->value].d;
  if (b->flat) return refuse_or(im, op, "it follows a RESHAPE that flattens");
  if (out->n_scales != 1) return refuse_or(im, op, "its output has no single scale");
  int32_t m;
  int s;
  if (!tfl_multiplier(d.scale / (double)out->scales[0], tfl_single(im), &m, &s))
    return refuse_or(im, op, "its scales are too far apart");
  struct tetra_op g;
  rc = tfl_begin(im, op, TETRA_AVGPOOL, b->value, d.c, &g);
  if (rc != TETRA_OK) return rc;
  g.rq[0].lo = lo;
  g.rq[0].hi = hi;
  for (int c = 0; c < d.c; c++)
    g.rq[0].ch[c] = (struct tetra_requant_channel){.bias = -b->zero_point, .m = m, .s = (uint8_t)s};
  return tfl_emit(im, op, &g, 0);
}

/* QUANTIZE of codes. The result of a SOFTMAX keeps its scale; uint8 is another name for it then. */
static int quantize_codes(struct tfl_import *im, const struct tfl_op *op) {
  const struct tfl_tensor *in = &im->f->tensors[op->in[0]], *out = tfl_output(im, op);
  const int to_uint8 = out->type == TFL_UINT8;
  const int zero_point = out->zero_point - (to_uint8 ? 128 : 0);
  const struct tfl_binding b = im->b[op->in[0]];
  if (out->type != TFL_INT8 && !to_uint8) return refuse_or(im, op, "its output is not INT8 or UINT8");
  if (to_uint8 && op->out != im->f->output) return refuse_or(im, op, "only a network's ends may be UINT8");
  const int same = in->n_scales == 1 && out->n_scales == 1 && in->scales[0] == out->scales[0];
  if (b.state == TFL_RESULT) {
    if (!same || zero_point != -128 || im->m->output_is_float)
      return refuse_or(im, op, "the result behind a SOFTMAX keeps its scale and zero point");
    im->b[op->out] = b;
    return TETRA_OK;
  }
  if (same && zero_point == b.zero_point && !to_uint8) {
    im->b[op->out] = b;
    return TETRA_OK;
  }
  return to_uint8 ? requantize(im, op, 0, 255) : requantize(im, op, -128, 127);
}

int tfl_relu(struct tfl_import *im, const struct tfl_op *op) {
  const char *reason = tfl_operand_refusal(im, op, 0);
  const struct tfl_tensor *out = tfl_output(im, op);
  if (!reason && (out->type != TFL_INT8 || out->n_scales != 1)) reason = "its output is not INT8 with one scale";
  if (reason) return refuse_or(im, op, reason);
  const int activation = op->code == TFL_RELU_ALONE    ? TFL_RELU
                         : op->code == TFL_RELU6_ALONE ? TFL_RELU6
                                                       : TFL_RELU_N1_TO_1;
  int lo, hi;
  if (!tfl_clamp(activation, out, &lo, &hi)) return refuse_or(im, op, "its activation is not supported");
  return requantize(im, op, lo, hi);
}

/* MAXIMUM and MINIMUM compare codes: with a constant number they are clamps, where all three tensors mean the same. */
int tfl_extreme(struct tfl_import *im, const struct tfl_op *op) {
  const int swapped = op->in[0] >= 0 && im->f->tensors[op->in[0]].data != NULL;
  struct tfl_op turned = *op;
  turned.in[0] = op->in[swapped];
  turned.in[1] = op->in[!swapped];
  const struct tfl_tensor *k = turned.in[1] < 0 ? NULL : &im->f->tensors[turned.in[1]], *out = tfl_output(im, op);
  const char *reason = tfl_operand_refusal(im, &turned, 0);
  if (!reason && (op->n_in != 2 || !k || !k->data || k->type != TFL_INT8 || k->elements != 1))
    reason = "it compares two tensors; one and a constant INT8 number are accepted";
  if (!reason && (out->type != TFL_INT8 || out->n_scales != 1)) reason = "its output is not INT8 with one scale";
  const struct tfl_tensor *in = reason ? NULL : &im->f->tensors[turned.in[0]];
  if (!reason &&
      (in->n_scales != 1 || k->n_scales != 1 || in->scales[0] != out->scales[0] || k->scales[0] != out->scales[0] ||
       in->zero_point != out->zero_point || k->zero_point != out->zero_point))
    reason = "its operands and its output differ in scale or zero point";
  if (reason) return refuse_or(im, op, reason);
  const int code = (int8_t)k->data[0];
  turned.out = op->out;
  return op->code == TFL_MAXIMUM ? requantize(im, &turned, code, 127) : requantize(im, &turned, -128, code);
}

/* The network's float input becomes the graph's, quantized by whoever runs it. */
int tfl_quantize(struct tfl_import *im, const struct tfl_op *op) {
  const int tensor = op->in[0];
  const enum tfl_state state = tensor < 0 ? TFL_UNKNOWN : im->b[tensor].state;
  if (state == TFL_VALUE || state == TFL_RESULT) return quantize_codes(im, op);
  if (tensor != im->f->input || state != TFL_FLOAT || im->m->graph.input >= 0) {
    return refuse_or(im, op, "of floats only the network's input is quantized, and once");
  }
  const struct tfl_tensor *out = tfl_output(im, op);
  struct tetra_desc d;
  if (!tfl_desc(im, out, &d))
    return tfl_refuse(im, op, "its output is %s with %d scales; INT8 with one is accepted", tfl_type_name(out->type),
                      out->n_scales);
  const int value = tetra_graph_add_value(&im->m->graph, out->name, &d);
  if (value < 0) return tetra_fail(im->err, TETRA_ENOMEM, "no memory for a value");
  im->m->graph.input = value;
  im->m->input_is_float = 1;
  im->b[op->out] = (struct tfl_binding){.state = TFL_VALUE, .value = value, .zero_point = d.zero_point};
  return TETRA_OK;
}

int tfl_dequantize(struct tfl_import *im, const struct tfl_op *op) {
  const int tensor = op->in[0];
  const char *reason = tensor >= 0 && im->b[tensor].state == TFL_RESULT ? NULL : tfl_operand_refusal(im, op, 0);
  if (!reason && op->out != im->f->output) reason = "only the network's output may be FLOAT32";
  if (reason) return refuse_or(im, op, reason);
  int rc = tfl_settle_pad(im, op, 0);
  if (rc == TETRA_OK && im->b[tensor].state == TFL_VALUE) rc = tfl_settle_raw(im, op, 0);
  if (rc != TETRA_OK) return rc;
  im->b[op->out] = im->b[tensor];
  im->b[op->out].state = TFL_RESULT;
  im->m->output_is_float = 1;
  return TETRA_OK;
}

/* Is operand 0 one pixel, padding included? */
static int is_pixel(const struct tfl_import *im, const struct tfl_op *op) {
  const struct tfl_binding *b = &im->b[op->in[0]];
  const struct tetra_desc *d = &im->m->graph.values[b->value].d;
  return d->h + b->top + b->bottom == 1 && d->w + b->left + b->right == 1;
}

/* Runs on the host, behind the graph. Its result is always (code + 128) / 256. */
int tfl_softmax(struct tfl_import *im, const struct tfl_op *op) {
  const char *reason = tfl_operand_refusal(im, op, 0);
  const struct tfl_tensor *out = tfl_output(im, op);
  if (!reason && out->type != TFL_INT8) reason = "its output is not INT8";
  if (!reason && im->m->host_softmax) reason = "there is another one in front of it";
  if (!reason && im->b[op->in[0]].flat) reason = "it follows a RESHAPE that flattens";
  if (!reason && !is_pixel(im, op)) reason = "its classes are not the channels of one pixel";
  if (reason) return refuse_or(im, op, reason);
  if (out->n_scales != 1 || fabs((double)out->scales[0] - 1.0 / 256) > 1e-6 || out->zero_point != -128) {
    return tfl_broken(im, op, "has an output scale or zero point other than 1/256 and -128");
  }
  if (!op->has_options || !(op->beta > 0) || isinf(op->beta)) {
    return tfl_broken(im, op, "lacks a beta that is positive and finite");
  }
  const int rc = tfl_settle_pad(im, op, 0);
  if (rc != TETRA_OK) return rc;
  im->b[op->out] = im->b[op->in[0]];
  im->b[op->out].state = TFL_RESULT;
  im->m->host_softmax = TETRA_SOFTMAX_TFLITE;
  im->m->softmax_beta = (double)op->beta;
  return TETRA_OK;
}
