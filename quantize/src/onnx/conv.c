/* Convolutions and dense layers: codes or weights, scales, biases, batch norms. */
#include <stdio.h>

#include "onnx/writer.h"
#include "tetra/onnx_type.h"

static void dequantize(struct quant_writer *w, const char *codes, const char *scale, const char *real, int axis) {
  Onnx__NodeProto *node = msg_node(&w->m, "DequantizeLinear", real);
  msg_input(&w->m, node, codes);
  msg_input(&w->m, node, scale);
  msg_output(&w->m, node, real);
  msg_int(&w->m, node, "axis", axis);
}

/* Weights [co][taps][ci] as [co][ci][taps], 4-bit ones two to a byte. */
static void write_codes(struct quant_writer *w, const struct tetra_float_node *n, const struct quant_weights *q,
                        const char *name) {
  const size_t taps = tetra_window_elements(&n->win, 1), cin = (size_t)n->cin, k = taps * cin,
               count = k * (size_t)n->cout;
  const int64_t conv[] = {n->cout, n->cin, n->win.kh, n->win.kw}, dense[] = {n->cout, (int64_t)k};
  const int bits = q->wide ? 8 : q->bits, type = bits == 4 ? ONNX_INT4 : ONNX_INT8, rank = n->dense ? 2 : 4;
  const int64_t *shape = n->dense ? dense : conv;
  const int8_t *all = q->wide ? q->wide : q->codes;
  if (q->outline) {
    msg_absent(&w->m, name, type, rank, shape);
    return;
  }
  uint8_t *p = msg_tensor(&w->m, name, type, rank, shape, bits == 4 ? (count + 1) / 2 : count);
  for (size_t i = 0, row = 0, ci = 0, t = 0; p && i < count; i++) { /* i as row + ci * taps + t */
    const int code = all[row + t * cin + ci];
    if (++t == taps) {
      t = 0;
      if (++ci == cin) {
        ci = 0;
        row += k;
      }
    }
    if (bits == 8)
      p[i] = (uint8_t)code;
    else
      p[i / 2] = (uint8_t)(i & 1 ? (p[i / 2] | (code & 15) << 4) : code & 15);
  }
}

/* Of the weights that are written: a nested layer's 8-bit ones are a sixteenth of its 4-bit ones, exactly. */
static float written_scale(const struct quant_weights *q, int c) { return q->wide ? q->scale[c] / 16 : q->scale[c]; }

static void write_scales(struct quant_writer *w, const char *name, int i) {
  const int64_t n = w->p->g->nodes[i].cout;
  uint8_t *p = msg_tensor(&w->m, name, ONNX_FLOAT, 1, &n, 4 * (size_t)n);
  for (int c = 0; p && c < n; c++) msg_store_float(p + 4 * c, written_scale(&w->p->weights[i], c));
}

/* A bias in units of the layer's accumulator. */
static void write_units(struct quant_writer *w, int i, const char *bias, const char *bias_scale,
                        const char *bias_real) {
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  const struct quant_weights *q = &w->p->weights[i];
  const int64_t cout = n->cout;
  uint8_t *p = msg_tensor(&w->m, bias, ONNX_INT32, 1, &cout, 4 * (size_t)cout);
  for (int c = 0; p && c < n->cout; c++) msg_store(p + 4 * c, (uint32_t)(q->wide ? q->wide_bias[c] : q->bias[c]), 4);
  p = msg_tensor(&w->m, bias_scale, ONNX_FLOAT, 1, &cout, 4 * (size_t)cout);
  for (int c = 0; p && c < n->cout; c++) {
    const float unit = w->p->points[n->in[0]][w->p->use[i][0]].scale * written_scale(q, c);
    msg_store_float(p + 4 * c, unit);
  }
  dequantize(w, bias, bias_scale, bias_real, 0);
}

/* A bias as it is. */
static void write_reals(struct quant_writer *w, int i, const char *name) {
  const int64_t cout = w->p->g->nodes[i].cout;
  uint8_t *p = msg_tensor(&w->m, name, ONNX_FLOAT, 1, &cout, 4 * (size_t)cout);
  for (int c = 0; p && c < cout; c++) msg_store_float(p + 4 * c, (float)w->p->weights[i].offset[c]);
}

/* Float weights [co][taps][ci] as [co][ci][taps]. */
static void write_weights(struct quant_writer *w, const struct tetra_float_node *n, const char *name) {
  const size_t taps = tetra_window_elements(&n->win, 1), cin = (size_t)n->cin, k = taps * cin;
  const int64_t conv[] = {n->cout, n->cin, n->win.kh, n->win.kw}, dense[] = {n->cout, (int64_t)k};
  uint8_t *p = msg_tensor(&w->m, name, ONNX_FLOAT, n->dense ? 2 : 4, n->dense ? dense : conv, 4 * k * (size_t)n->cout);
  for (size_t co = 0; p && co < (size_t)n->cout; co++) {
    for (size_t i = 0; i < k; i++, p += 4) msg_store_float(p, n->w[co * k + i % taps * cin + i / taps]);
  }
}

/* A batch norm of what is called `in`. */
static void write_norm(struct quant_writer *w, int i, const char *in, const char *out) {
  static const char *const parts[] = {"gamma", "beta", "mean", "var"};
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  const struct tetra_bn *bn = w->p->weights[i].norm;
  quant_name called, name[4];
  snprintf(called, sizeof called, "%s.norm", n->name);
  for (int k = 0; k < 4; k++) {
    const int64_t cout = n->cout;
    snprintf(name[k], sizeof name[k], "%s.%s", n->name, parts[k]);
    uint8_t *p = msg_tensor(&w->m, name[k], ONNX_FLOAT, 1, &cout, 4 * (size_t)cout);
    for (int c = 0; p && c < n->cout; c++) {
      const float v[] = {bn[c].gamma, bn[c].beta, bn[c].mean, bn[c].var};
      msg_store_float(p + 4 * c, v[k]);
    }
  }
  Onnx__NodeProto *node = msg_node(&w->m, "BatchNormalization", called);
  msg_input(&w->m, node, in);
  for (int k = 0; k < 4; k++) msg_input(&w->m, node, name[k]);
  msg_output(&w->m, node, out);
}

/* The initializers of a convolution: what it reads as weights, and as bias. */
static void write_operands(struct quant_writer *w, int i, const char *weights, const char *bias_real) {
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  const struct quant_weights *q = &w->p->weights[i];
  quant_name codes, scale, bias, bias_scale;
  snprintf(codes, sizeof codes, "%s.weight", n->name);
  snprintf(scale, sizeof scale, "%s.weight.scale", n->name);
  snprintf(bias, sizeof bias, "%s.bias", n->name);
  snprintf(bias_scale, sizeof bias_scale, "%s.bias.scale", n->name);
  if (q->codes || q->outline) {
    write_codes(w, n, q, codes);
    write_scales(w, scale, i);
    dequantize(w, codes, scale, weights, 0);
  } else {
    write_weights(w, n, weights);
  }
  if (q->bias)
    write_units(w, i, bias, bias_scale, bias_real);
  else if (!q->norm)
    write_reals(w, i, bias_real);
}

void quant_write_conv(struct quant_writer *w, int i) {
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  const struct quant_weights *q = &w->p->weights[i];
  quant_name in, weights, bias_real, out, sums;
  quant_operand_name(w->p, i, 0, in);
  quant_value_name(w->p, n->out, out);
  snprintf(weights, sizeof weights, "%s.weight.real", n->name);
  snprintf(bias_real, sizeof bias_real, "%s.bias.real", n->name);
  snprintf(sums, sizeof sums, "%s.sums", n->name);
  write_operands(w, i, weights, bias_real);
  Onnx__NodeProto *node = msg_node(&w->m, n->dense ? "Gemm" : "Conv", n->name);
  msg_input(&w->m, node, in);
  msg_input(&w->m, node, weights);
  if (!q->norm) msg_input(&w->m, node, bias_real);
  msg_output(&w->m, node, q->norm ? sums : out);
  if (n->dense)
    msg_int(&w->m, node, "transB", 1);
  else
    quant_write_window(w, node, &n->win, &n->win.pad);
  if (n->groups > 1) msg_int(&w->m, node, "group", n->groups);
  if (q->norm) write_norm(w, i, sums, out);
}
