/* A network as an ONNX file: float operators, and QuantizeLinear and DequantizeLinear around them where it is
 * quantized. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../onnx_fields.h"
#include "ptq/quantizer.h"
#include "tetra/onnx_type.h"
#include "../wire.h"

/* Initializers and nodes are collected apart: a node's constants are known when it is written. */
struct writer {
  const struct quant_plan *p;
  struct wire nodes, initializers;
};

/* Longer than any name: of a value or node, and what is put behind it. */
typedef char name_buffer[TETRA_NAME_MAX + 32];

static void value_name(const struct quant_plan *p, int v, name_buffer out) {
  /* The network's output is the dequantized tensor, its input may have its channels last. */
  const int renamed = v == p->g->output && p->points[v][POINT_8].used, turned = v == p->g->input && p->g->input_nhwc;
  snprintf(out, sizeof(name_buffer), "%s%s", p->g->values[v].name, renamed ? ".real" : turned ? ".nchw" : "");
}

static void point_name(const struct quant_plan *p, int v, int point, const char *what, name_buffer out) {
  if (v == p->g->output && point == POINT_8 && !*what)
    snprintf(out, sizeof(name_buffer), "%s", p->g->values[v].name);
  else
    snprintf(out, sizeof(name_buffer), "%s.q%d%s", p->g->values[v].name, point == POINT_8 ? 8 : 4,
             *what ? what : ".real");
}

/* What node i reads as operand k. */
static void operand_name(const struct quant_plan *p, int i, int k, name_buffer out) {
  const int v = p->g->nodes[i].in[k];
  if (p->use[i][k] < 0)
    value_name(p, v, out);
  else
    point_name(p, v, p->use[i][k], "", out);
}

static uint8_t *tensor(struct writer *w, const char *name, int type, int rank, const int64_t *dims, size_t bytes,
                       size_t *mark) {
  *mark = wire_begin(&w->initializers, GRAPH_INITIALIZER);
  for (int i = 0; i < rank; i++) wire_varint(&w->initializers, TENSOR_DIM, (uint64_t)dims[i]);
  wire_varint(&w->initializers, TENSOR_TYPE, (uint64_t)type);
  wire_string(&w->initializers, TENSOR_NAME, name);
  return wire_space(&w->initializers, TENSOR_RAW, bytes);
}

static void store_le(uint8_t *p, uint64_t v, int bytes) {
  for (int i = 0; i < bytes; i++) p[i] = (uint8_t)(v >> (8 * i));
}

static void floats(struct writer *w, const char *name, int rank, int64_t n, const float *v) {
  size_t mark;
  uint8_t *p = tensor(w, name, ONNX_FLOAT, rank, &n, 4 * (size_t)n, &mark);
  for (int64_t i = 0; p && i < n; i++) {
    uint32_t bits;
    memcpy(&bits, &v[i], sizeof bits);
    store_le(p + 4 * i, bits, 4);
  }
  wire_end(&w->initializers, mark);
}

static void ints(struct writer *w, const char *name, int type, int64_t n, const int64_t *v) {
  const int bytes = type == ONNX_INT32 ? 4 : 8;
  size_t mark;
  uint8_t *p = tensor(w, name, type, 1, &n, (size_t)bytes * (size_t)n, &mark);
  for (int64_t i = 0; p && i < n; i++) store_le(p + bytes * i, (uint64_t)v[i], bytes);
  wire_end(&w->initializers, mark);
}

/* A node is begun with its operation and name; operands, results and attributes follow; wire_end ends it. */
static size_t begin_node(struct writer *w, const char *op, const char *name) {
  const size_t mark = wire_begin(&w->nodes, GRAPH_NODE);
  wire_string(&w->nodes, NODE_OP, op);
  wire_string(&w->nodes, NODE_NAME, name);
  return mark;
}

static void attr_int(struct writer *w, const char *name, int64_t v) {
  const size_t mark = wire_begin(&w->nodes, NODE_ATTRIBUTE);
  wire_string(&w->nodes, ATTR_NAME, name);
  wire_varint(&w->nodes, ATTR_I, (uint64_t)v);
  wire_varint(&w->nodes, ATTR_TYPE, ATTR_TYPE_INT);
  wire_end(&w->nodes, mark);
}

static void attr_ints(struct writer *w, const char *name, int n, const int *v) {
  const size_t mark = wire_begin(&w->nodes, NODE_ATTRIBUTE);
  wire_string(&w->nodes, ATTR_NAME, name);
  for (int i = 0; i < n; i++) wire_varint(&w->nodes, ATTR_INTS, (uint64_t)v[i]);
  wire_varint(&w->nodes, ATTR_TYPE, ATTR_TYPE_INTS);
  wire_end(&w->nodes, mark);
}

static void window_attributes(struct writer *w, const struct tetra_window *win, const struct tetra_pads *pad) {
  const int kernel[] = {win->kh, win->kw}, strides[] = {win->stride_y, win->stride_x};
  const int dilations[] = {win->dilation_y, win->dilation_x}, pads[] = {pad->top, pad->left, pad->bottom, pad->right};
  attr_ints(w, "kernel_shape", 2, kernel);
  attr_ints(w, "strides", 2, strides);
  attr_ints(w, "pads", 4, pads);
  if (dilations[0] > 1 || dilations[1] > 1) attr_ints(w, "dilations", 2, dilations);
}

/* Padding that ceil_mode added is no element even where padding counts, so ceil_mode has to add it again. */
static void average_attributes(struct writer *w, const struct tetra_float_node *n) {
  static const struct tetra_pads none = {0, 0, 0, 0};
  const int all = !memcmp(&n->counted, &n->win.pad, sizeof none), nothing = !memcmp(&n->counted, &none, sizeof none);
  window_attributes(w, &n->win, all || nothing ? &n->win.pad : &n->counted);
  if (!nothing) attr_int(w, "count_include_pad", 1);
  if (!all && !nothing) attr_int(w, "ceil_mode", 1);
}

/* QuantizeLinear and DequantizeLinear behind value v. */
static void write_points(struct writer *w, int v) {
  name_buffer value, scale, zero, codes, real;
  value_name(w->p, v, value);
  for (int k = 0; k < N_POINTS; k++) {
    const struct quant_point *q = &w->p->points[v][k];
    if (!q->used) continue;
    point_name(w->p, v, k, ".scale", scale);
    point_name(w->p, v, k, ".zero_point", zero);
    point_name(w->p, v, k, ".codes", codes);
    point_name(w->p, v, k, "", real);
    floats(w, scale, 0, 1, &q->scale);
    size_t mark;
    uint8_t *p = tensor(w, zero, (int)onnx_type_of(q->fmt), 0, NULL, 1, &mark);
    if (p) *p = 0;
    wire_end(&w->initializers, mark);
    for (int d = 0; d < 2; d++) {
      mark = begin_node(w, d ? "DequantizeLinear" : "QuantizeLinear", d ? real : codes);
      wire_string(&w->nodes, NODE_INPUT, d ? codes : value);
      wire_string(&w->nodes, NODE_INPUT, scale);
      wire_string(&w->nodes, NODE_INPUT, zero);
      wire_string(&w->nodes, NODE_OUTPUT, d ? real : codes);
      wire_end(&w->nodes, mark);
    }
  }
}

static void dequantize(struct writer *w, const char *codes, const char *scale, const char *real, int axis) {
  const size_t mark = begin_node(w, "DequantizeLinear", real);
  wire_string(&w->nodes, NODE_INPUT, codes);
  wire_string(&w->nodes, NODE_INPUT, scale);
  wire_string(&w->nodes, NODE_OUTPUT, real);
  attr_int(w, "axis", axis);
  wire_end(&w->nodes, mark);
}

/* Weights [co][taps][ci] as [co][ci][taps], 4-bit ones two to a byte. */
static void write_codes(struct writer *w, const struct tetra_float_node *n, const struct quant_weights *q,
                        const char *name) {
  const size_t taps = tetra_window_elements(&n->win, 1), cin = (size_t)n->cin, k = taps * cin,
               count = k * (size_t)n->cout;
  const int64_t conv[] = {n->cout, n->cin, n->win.kh, n->win.kw}, dense[] = {n->cout, (int64_t)k};
  size_t mark;
  const int bits = q->wide ? 8 : q->bits;
  const int8_t *all = q->wide ? q->wide : q->codes;
  uint8_t *p = tensor(w, name, bits == 4 ? ONNX_INT4 : ONNX_INT8, n->dense ? 2 : 4, n->dense ? dense : conv,
                      bits == 4 ? (count + 1) / 2 : count, &mark);
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
  wire_end(&w->initializers, mark);
}

/* Of the weights that are written: a nested layer's 8-bit ones are a sixteenth of its 4-bit ones, exactly. */
static float written_scale(const struct quant_weights *q, int c) { return q->wide ? q->scale[c] / 16 : q->scale[c]; }

static void write_scales(struct writer *w, const char *name, int i) {
  const int64_t n = w->p->g->nodes[i].cout;
  size_t mark;
  uint8_t *p = tensor(w, name, ONNX_FLOAT, 1, &n, 4 * (size_t)n, &mark);
  for (int c = 0; p && c < n; c++) {
    const float scale = written_scale(&w->p->weights[i], c);
    uint32_t bits;
    memcpy(&bits, &scale, sizeof bits);
    store_le(p + 4 * c, bits, 4);
  }
  wire_end(&w->initializers, mark);
}

/* A bias in units of the layer's accumulator. */
static void write_units(struct writer *w, int i, const char *bias, const char *bias_scale, const char *bias_real) {
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  const struct quant_weights *q = &w->p->weights[i];
  const int64_t cout = n->cout;
  size_t mark;
  uint8_t *p = tensor(w, bias, ONNX_INT32, 1, &cout, 4 * (size_t)cout, &mark);
  for (int c = 0; p && c < n->cout; c++) store_le(p + 4 * c, (uint32_t)(q->wide ? q->wide_bias[c] : q->bias[c]), 4);
  wire_end(&w->initializers, mark);
  p = tensor(w, bias_scale, ONNX_FLOAT, 1, &cout, 4 * (size_t)cout, &mark);
  for (int c = 0; p && c < n->cout; c++) {
    const float unit = w->p->points[n->in[0]][w->p->use[i][0]].scale * written_scale(q, c);
    uint32_t bits;
    memcpy(&bits, &unit, sizeof bits);
    store_le(p + 4 * c, bits, 4);
  }
  wire_end(&w->initializers, mark);
  dequantize(w, bias, bias_scale, bias_real, 0);
}

/* A bias as it is. */
static void write_reals(struct writer *w, int i, const char *name) {
  const int64_t cout = w->p->g->nodes[i].cout;
  size_t mark;
  uint8_t *p = tensor(w, name, ONNX_FLOAT, 1, &cout, 4 * (size_t)cout, &mark);
  for (int c = 0; p && c < cout; c++) {
    const float real = (float)w->p->weights[i].offset[c];
    uint32_t bits;
    memcpy(&bits, &real, sizeof bits);
    store_le(p + 4 * c, bits, 4);
  }
  wire_end(&w->initializers, mark);
}

/* Float weights [co][taps][ci] as [co][ci][taps]. */
static void write_weights(struct writer *w, const struct tetra_float_node *n, const char *name) {
  const size_t taps = tetra_window_elements(&n->win, 1), cin = (size_t)n->cin, k = taps * cin;
  const int64_t conv[] = {n->cout, n->cin, n->win.kh, n->win.kw}, dense[] = {n->cout, (int64_t)k};
  size_t mark;
  uint8_t *p = tensor(w, name, ONNX_FLOAT, n->dense ? 2 : 4, n->dense ? dense : conv, 4 * k * (size_t)n->cout, &mark);
  for (size_t co = 0; p && co < (size_t)n->cout; co++) {
    for (size_t i = 0; i < k; i++, p += 4) {
      uint32_t bits;
      memcpy(&bits, &n->w[co * k + i % taps * cin + i / taps], sizeof bits);
      store_le(p, bits, 4);
    }
  }
  wire_end(&w->initializers, mark);
}

/* A batch norm of what is called `in`. */
static void write_norm(struct writer *w, int i, const char *in, const char *out) {
  static const char *const parts[] = {"gamma", "beta", "mean", "var"};
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  const struct tetra_bn *bn = w->p->weights[i].norm;
  name_buffer node, name[4];
  snprintf(node, sizeof node, "%s.norm", n->name);
  for (int k = 0; k < 4; k++) {
    size_t mark;
    const int64_t cout = n->cout;
    snprintf(name[k], sizeof name[k], "%s.%s", n->name, parts[k]);
    uint8_t *p = tensor(w, name[k], ONNX_FLOAT, 1, &cout, 4 * (size_t)cout, &mark);
    for (int c = 0; p && c < n->cout; c++) {
      const float v[] = {bn[c].gamma, bn[c].beta, bn[c].mean, bn[c].var};
      uint32_t bits;
      memcpy(&bits, &v[k], sizeof bits);
      store_le(p + 4 * c, bits, 4);
    }
    wire_end(&w->initializers, mark);
  }
  const size_t mark = begin_node(w, "BatchNormalization", node);
  wire_string(&w->nodes, NODE_INPUT, in);
  for (int k = 0; k < 4; k++) wire_string(&w->nodes, NODE_INPUT, name[k]);
  wire_string(&w->nodes, NODE_OUTPUT, out);
  wire_end(&w->nodes, mark);
}

/* The initializers of a convolution: what it reads as weights, and as bias. */
static void write_operands(struct writer *w, int i, const char *weights, const char *bias_real) {
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  const struct quant_weights *q = &w->p->weights[i];
  name_buffer codes, scale, bias, bias_scale;
  snprintf(codes, sizeof codes, "%s.weight", n->name);
  snprintf(scale, sizeof scale, "%s.weight.scale", n->name);
  snprintf(bias, sizeof bias, "%s.bias", n->name);
  snprintf(bias_scale, sizeof bias_scale, "%s.bias.scale", n->name);
  if (q->codes) {
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

static void write_conv(struct writer *w, int i) {
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  const struct quant_weights *q = &w->p->weights[i];
  name_buffer in, weights, bias_real, out, sums;
  operand_name(w->p, i, 0, in);
  value_name(w->p, n->out, out);
  snprintf(weights, sizeof weights, "%s.weight.real", n->name);
  snprintf(bias_real, sizeof bias_real, "%s.bias.real", n->name);
  snprintf(sums, sizeof sums, "%s.sums", n->name);
  write_operands(w, i, weights, bias_real);
  const size_t mark = begin_node(w, n->dense ? "Gemm" : "Conv", n->name);
  wire_string(&w->nodes, NODE_INPUT, in);
  wire_string(&w->nodes, NODE_INPUT, weights);
  if (!q->norm) wire_string(&w->nodes, NODE_INPUT, bias_real);
  wire_string(&w->nodes, NODE_OUTPUT, q->norm ? sums : out);
  if (n->dense)
    attr_int(w, "transB", 1);
  else
    window_attributes(w, &n->win, &n->win.pad);
  if (n->groups > 1) attr_int(w, "group", n->groups);
  wire_end(&w->nodes, mark);
  if (q->norm) write_norm(w, i, sums, out);
}

/* Slice, Pad, or one after the other. */
static void write_pick(struct writer *w, int i) {
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  const struct tetra_pads *pad = &n->win.pad;
  const struct tetra_float_range *const picks[] = {&n->picks.c, &n->picks.y, &n->picks.x};
  int slices = 0;
  for (int k = 0; k < 3; k++) slices |= picks[k]->start || picks[k]->n || picks[k]->step > 1;
  const int pads = n->c_before || n->c_after || pad->top || pad->left || pad->bottom || pad->right;
  name_buffer in, out, between, name[5];
  operand_name(w->p, i, 0, in);
  value_name(w->p, n->out, out);
  snprintf(between, sizeof between, "%s.slice", n->name);
  static const char *const what[] = {"starts", "ends", "axes", "steps", "pads"};
  for (int k = 0; k < 5; k++) snprintf(name[k], sizeof name[k], "%s.%s", n->name, what[k]);
  if (slices || !pads) {
    int64_t v[4][3];
    for (int k = 0; k < 3; k++) {
      v[0][k] = picks[k]->start;
      v[1][k] = picks[k]->n ? picks[k]->start + (int64_t)(picks[k]->n - 1) * picks[k]->step + 1 : INT64_MAX;
      v[2][k] = 1 + k;
      v[3][k] = picks[k]->step;
    }
    for (int k = 0; k < 4; k++) ints(w, name[k], ONNX_INT64, 3, v[k]);
    const size_t mark = begin_node(w, "Slice", between);
    wire_string(&w->nodes, NODE_INPUT, in);
    for (int k = 0; k < 4; k++) wire_string(&w->nodes, NODE_INPUT, name[k]);
    wire_string(&w->nodes, NODE_OUTPUT, pads ? between : out);
    wire_end(&w->nodes, mark);
  }
  if (!pads) return;
  const int64_t v[8] = {0, n->c_before, pad->top, pad->left, 0, n->c_after, pad->bottom, pad->right};
  ints(w, name[4], ONNX_INT64, 8, v);
  const size_t mark = begin_node(w, "Pad", n->name);
  wire_string(&w->nodes, NODE_INPUT, slices ? between : in);
  wire_string(&w->nodes, NODE_INPUT, name[4]);
  wire_string(&w->nodes, NODE_OUTPUT, out);
  wire_end(&w->nodes, mark);
}

/* Does every reader of value v read codes whose largest is at most hi? */
static int codes_end_below(const struct quant_plan *p, int v, double hi) {
  int uses = p->g->values[v].n_uses;
  for (int i = 0; i < p->g->n_nodes; i++)
    for (int k = 0; k < 2; k++) {
      if (p->g->nodes[i].in[k] != v || p->use[i][k] < 0) continue;
      const struct quant_point *q = &p->points[v][p->use[i][k]];
      uses -= (double)q->scale * tetra_fmt_max(q->fmt) <= hi;
    }
  return uses == 0;
}

/* A clamp from 0 whose upper bound no code can exceed is one, too: onnxruntime fuses that with any quantization, but a
 * Clip only with those of 8 bits, and refuses the network otherwise. */
static int is_relu(const struct quant_plan *p, const struct tetra_float_node *n) {
  return n->kind == TETRA_FLOAT_CLAMP && n->lo == 0 &&
         (isinf(n->hi) || (n->out != p->g->output && codes_end_below(p, n->out, n->hi)));
}

/* One operation of an affine node with its constant, a number a channel, or one for all. */
static void write_factor(struct writer *w, const struct tetra_float_node *n, const char *op, const float *v,
                         const char *in, const char *out) {
  const int64_t dims[] = {n->cout, 1, 1};
  int one = 1;
  name_buffer name, node;
  for (int c = 1; c < n->cout; c++) one &= v[c] == v[0];
  snprintf(name, sizeof name, "%s.%s", n->name, *op == 'M' ? "factor" : "constant");
  snprintf(node, sizeof node, "%s.%s", n->name, op);
  size_t mark;
  const int count = one ? 1 : n->cout;
  uint8_t *p = tensor(w, name, ONNX_FLOAT, one ? 0 : n->dense ? 1 : 3, dims, 4 * (size_t)count, &mark);
  for (int c = 0; p && c < count; c++) {
    uint32_t bits;
    memcpy(&bits, &v[c], sizeof bits);
    store_le(p + 4 * c, bits, 4);
  }
  wire_end(&w->initializers, mark);
  mark = begin_node(w, op, node);
  wire_string(&w->nodes, NODE_INPUT, in);
  wire_string(&w->nodes, NODE_INPUT, name);
  wire_string(&w->nodes, NODE_OUTPUT, out);
  wire_end(&w->nodes, mark);
}

/* Mul, then Add. */
static int write_affine(struct writer *w, int i) {
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  name_buffer in, between, out;
  operand_name(w->p, i, 0, in);
  value_name(w->p, n->out, out);
  snprintf(between, sizeof between, "%s.scaled", n->name);
  float *shift = malloc((size_t)n->cout * sizeof *shift);
  if (!shift) return 0;
  for (int c = 0; c < n->cout; c++) shift[c] = (float)n->bias[c];
  write_factor(w, n, "Mul", n->w, in, between);
  write_factor(w, n, "Add", shift, between, out);
  free(shift);
  return 1;
}

/* The network's input turned round, as its file has it. */
static void write_turn(struct writer *w) {
  static const int perm[] = {0, 3, 1, 2};
  name_buffer out;
  value_name(w->p, w->p->g->input, out);
  const size_t mark = begin_node(w, "Transpose", out);
  wire_string(&w->nodes, NODE_INPUT, w->p->g->values[w->p->g->input].name);
  wire_string(&w->nodes, NODE_OUTPUT, out);
  attr_ints(w, "perm", 4, perm);
  wire_end(&w->nodes, mark);
}

static void write_plain(struct writer *w, int i) {
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  const struct tetra_float_value *in = &w->p->g->values[n->in[0]];
  static const int64_t plane_axes[] = {2, 3};
  name_buffer operand, out, lo, hi;
  const int relu = is_relu(w->p, n);
  const int global = n->kind == TETRA_FLOAT_AVGPOOL && n->win.kh == in->h && n->win.kw == in->w && !n->win.pad.top &&
                     !n->win.pad.left && !n->win.pad.bottom && !n->win.pad.right;
  const char *const op = n->kind == TETRA_FLOAT_ADD       ? "Add"
                         : n->kind == TETRA_FLOAT_CLAMP   ? (relu ? "Relu" : "Clip")
                         : n->kind == TETRA_FLOAT_MAXPOOL ? "MaxPool"
                         : n->kind == TETRA_FLOAT_AVGPOOL ? (global ? "GlobalAveragePool" : "AveragePool")
                         : n->kind == TETRA_FLOAT_FLATTEN ? "Flatten"
                         : n->kind == TETRA_FLOAT_PLANE   ? "Unsqueeze"
                                                          : "Softmax";
  value_name(w->p, n->out, out);
  if (n->kind == TETRA_FLOAT_CLAMP && !relu) {
    const float bound[2] = {(float)n->lo, (float)n->hi};
    snprintf(lo, sizeof lo, "%s.min", n->name);
    snprintf(hi, sizeof hi, "%s.max", n->name);
    floats(w, lo, 0, 1, &bound[0]);
    floats(w, hi, 0, 1, &bound[1]);
  }
  snprintf(lo, sizeof lo, "%s.%s", n->name, n->kind == TETRA_FLOAT_PLANE ? "axes" : "min");
  if (n->kind == TETRA_FLOAT_PLANE) ints(w, lo, ONNX_INT64, 2, plane_axes);
  const size_t mark = begin_node(w, op, n->name);
  for (int k = 0; k < 2; k++) {
    if (n->in[k] < 0) continue;
    operand_name(w->p, i, k, operand);
    wire_string(&w->nodes, NODE_INPUT, operand);
  }
  if (n->kind == TETRA_FLOAT_PLANE) wire_string(&w->nodes, NODE_INPUT, lo);
  if (n->kind == TETRA_FLOAT_CLAMP && !relu) {
    wire_string(&w->nodes, NODE_INPUT, lo);
    wire_string(&w->nodes, NODE_INPUT, hi);
  }
  wire_string(&w->nodes, NODE_OUTPUT, out);
  if (n->kind == TETRA_FLOAT_MAXPOOL) window_attributes(w, &n->win, &n->win.pad);
  if (n->kind == TETRA_FLOAT_AVGPOOL && !global) average_attributes(w, n);
  if (n->kind == TETRA_FLOAT_SOFTMAX || n->kind == TETRA_FLOAT_FLATTEN) attr_int(w, "axis", 1);
  wire_end(&w->nodes, mark);
}

/* A float tensor [batch][c][h][w], [batch][h][w][c] or [batch][c], the batch without a number. */
static void write_value(struct wire *m, int field, const char *name, const struct tetra_float_value *v, int rank,
                        int nhwc) {
  const int dims[] = {0, nhwc ? v->h : v->c, nhwc ? v->w : v->h, nhwc ? v->c : v->w};
  const size_t value = wire_begin(m, field);
  wire_string(m, VALUE_NAME, name);
  const size_t type = wire_begin(m, VALUE_TYPE), tensor_type = wire_begin(m, TYPE_TENSOR);
  wire_varint(m, TENSOR_TYPE_ELEMENT, ONNX_FLOAT);
  const size_t shape = wire_begin(m, TENSOR_TYPE_SHAPE);
  for (int i = 0; i < rank; i++) {
    const size_t dim = wire_begin(m, SHAPE_DIM);
    if (i == 0)
      wire_string(m, DIM_PARAM, "batch");
    else
      wire_varint(m, DIM_VALUE, (uint64_t)dims[i]);
    wire_end(m, dim);
  }
  wire_end(m, shape);
  wire_end(m, tensor_type);
  wire_end(m, type);
  wire_end(m, value);
}

/* Of a value: what gives it a shape of its own says so. */
static int rank_of(const struct tetra_float_graph *g, int value) {
  while (g->values[value].producer >= 0) {
    const struct tetra_float_node *n = &g->nodes[g->values[value].producer];
    if (n->kind == TETRA_FLOAT_FLATTEN) return 2;
    if (n->kind == TETRA_FLOAT_CONV) return n->dense ? 2 : 4;
    if (n->kind != TETRA_FLOAT_ADD && n->kind != TETRA_FLOAT_CLAMP && n->kind != TETRA_FLOAT_AFFINE &&
        n->kind != TETRA_FLOAT_SOFTMAX)
      return 4;
    value = n->in[0];
  }
  return g->input_rank == 2 ? 2 : 4;
}

static int has_4_bits(const struct quant_plan *p) {
  for (int v = 0; v < p->g->n_values; v++)
    if (p->points[v][POINT_4].used) return 1;
  for (int i = 0; i < p->g->n_nodes; i++)
    if (p->g->nodes[i].kind == TETRA_FLOAT_CONV && p->weights[i].bits == 4 && !p->weights[i].wide) return 1;
  return 0;
}

/* An entry of the metadata, which are our own reader's business alone (import/src/onnx/metadata.c). */
static void write_entry(struct wire *m, const char *key, const char *value) {
  const size_t entry = wire_begin(m, MODEL_METADATA);
  wire_string(m, ENTRY_KEY, key);
  wire_string(m, ENTRY_VALUE, value);
  wire_end(m, entry);
}

/* The biases of a nested layer's 4-bit network, as text. */
static void write_nested(struct wire *m, const struct tetra_float_node *n, const struct quant_weights *q) {
  enum { digits = 12 };
  char *text = malloc((size_t)n->cout * digits + 1), key[TETRA_NAME_MAX + 32];
  size_t at = 0;
  if (!text) {
    m->failed = 1;
    return;
  }
  for (int c = 0; c < n->cout; c++) at += (size_t)snprintf(text + at, digits + 1, c ? " %ld" : "%ld", (long)q->bias[c]);
  snprintf(key, sizeof key, "tetra.nested:%s", n->name);
  write_entry(m, key, text);
  free(text);
}

static void write_model(struct writer *w, struct wire *m) {
  const struct tetra_float_graph *g = w->p->g;
  const int four = has_4_bits(w->p); /* these types came with opset 21 */
  if (g->input_nhwc) write_turn(w);
  write_points(w, g->input);
  for (int i = 0; i < g->n_nodes; i++) {
    if (g->nodes[i].kind == TETRA_FLOAT_CONV)
      write_conv(w, i);
    else if (g->nodes[i].kind == TETRA_FLOAT_PICK)
      write_pick(w, i);
    else if (g->nodes[i].kind == TETRA_FLOAT_AFFINE)
      w->nodes.failed |= !write_affine(w, i);
    else
      write_plain(w, i);
    write_points(w, g->nodes[i].out);
  }
  wire_varint(m, MODEL_IR, four ? 10 : 7);
  wire_string(m, MODEL_PRODUCER, "tetra");
  const size_t opset = wire_begin(m, MODEL_OPSET);
  wire_varint(m, OPSET_VERSION, four ? 21 : 13);
  wire_end(m, opset);
  if (w->p->o->separate) write_entry(m, "tetra.residual", "separate");
  for (int i = 0; i < g->n_nodes; i++)
    if (g->nodes[i].kind == TETRA_FLOAT_CONV && w->p->weights[i].wide) write_nested(m, &g->nodes[i], &w->p->weights[i]);
  const size_t graph = wire_begin(m, MODEL_GRAPH);
  if (m->failed || w->nodes.failed || w->initializers.failed) return;
  wire_append(m, &w->nodes);
  wire_string(m, GRAPH_NAME, "quantized");
  wire_append(m, &w->initializers);
  const struct tetra_float_value *out = &g->values[g->output];
  write_value(m, GRAPH_INPUT, g->values[g->input].name, &g->values[g->input], g->input_rank == 2 ? 2 : 4,
              g->input_nhwc);
  write_value(m, GRAPH_OUTPUT, out->name, out, rank_of(g, g->output), 0);
  wire_end(m, graph);
}

int quant_write(const struct quant_plan *p, uint8_t **bytes, size_t *size, struct tetra_error *err) {
  struct writer w = {p, {0}, {0}};
  struct wire m = {0};
  write_model(&w, &m);
  const int failed = m.failed || w.nodes.failed || w.initializers.failed;
  free(w.nodes.bytes);
  free(w.initializers.bytes);
  if (failed) {
    free(m.bytes);
    return tetra_fail(
        err, TETRA_ENOMEM,
        "the quantized model cannot be written: no memory, or an ONNX schema without a field that it needs");
  }
  *bytes = m.bytes;
  *size = m.size;
  return TETRA_OK;
}
