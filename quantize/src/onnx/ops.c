/* All nodes but convolutions: slices and pads, affine ones, pools, clamps, additions. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "onnx/writer.h"
#include "tetra/onnx_type.h"

void quant_write_window(struct quant_writer *w, Onnx__NodeProto *node, const struct tetra_window *win,
                        const struct tetra_pads *pad) {
  const int kernel[] = {win->kh, win->kw}, strides[] = {win->stride_y, win->stride_x};
  const int dilations[] = {win->dilation_y, win->dilation_x}, pads[] = {pad->top, pad->left, pad->bottom, pad->right};
  msg_ints(&w->m, node, "kernel_shape", 2, kernel);
  msg_ints(&w->m, node, "strides", 2, strides);
  msg_ints(&w->m, node, "pads", 4, pads);
  if (dilations[0] > 1 || dilations[1] > 1) msg_ints(&w->m, node, "dilations", 2, dilations);
}

/* Padding that ceil_mode added is no element even where padding counts, so ceil_mode has to add it again. */
static void average_attributes(struct quant_writer *w, Onnx__NodeProto *node, const struct tetra_float_node *n) {
  static const struct tetra_pads none = {0, 0, 0, 0};
  const int all = !memcmp(&n->counted, &n->win.pad, sizeof none), nothing = !memcmp(&n->counted, &none, sizeof none);
  quant_write_window(w, node, &n->win, all || nothing ? &n->win.pad : &n->counted);
  if (!nothing) msg_int(&w->m, node, "count_include_pad", 1);
  if (!all && !nothing) msg_int(&w->m, node, "ceil_mode", 1);
}

/* Slice, Pad, or one after the other. */
static void write_pick(struct quant_writer *w, int i) {
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  const struct tetra_pads *pad = &n->win.pad;
  const struct tetra_float_range *const picks[] = {&n->picks.c, &n->picks.y, &n->picks.x};
  int slices = 0;
  for (int k = 0; k < 3; k++) slices |= picks[k]->start || picks[k]->n || picks[k]->step > 1;
  const int pads = n->c_before || n->c_after || pad->top || pad->left || pad->bottom || pad->right;
  quant_name in, out, between, name[5];
  quant_operand_name(w->p, i, 0, in);
  quant_value_name(w->p, n->out, out);
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
    for (int k = 0; k < 4; k++) msg_whole(&w->m, name[k], ONNX_INT64, 3, v[k]);
    Onnx__NodeProto *node = msg_node(&w->m, "Slice", between);
    msg_input(&w->m, node, in);
    for (int k = 0; k < 4; k++) msg_input(&w->m, node, name[k]);
    msg_output(&w->m, node, pads ? between : out);
  }
  if (!pads) return;
  const int64_t v[8] = {0, n->c_before, pad->top, pad->left, 0, n->c_after, pad->bottom, pad->right};
  msg_whole(&w->m, name[4], ONNX_INT64, 8, v);
  Onnx__NodeProto *node = msg_node(&w->m, "Pad", n->name);
  msg_input(&w->m, node, slices ? between : in);
  msg_input(&w->m, node, name[4]);
  msg_output(&w->m, node, out);
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
static void write_factor(struct quant_writer *w, const struct tetra_float_node *n, const char *op, const float *v,
                         const char *in, const char *out) {
  const int64_t dims[] = {n->cout, 1, 1};
  int one = 1;
  quant_name name, called;
  for (int c = 1; c < n->cout; c++) one &= v[c] == v[0];
  snprintf(name, sizeof name, "%s.%s", n->name, *op == 'M' ? "factor" : "constant");
  snprintf(called, sizeof called, "%s.%s", n->name, op);
  const int count = one ? 1 : n->cout;
  uint8_t *p = msg_tensor(&w->m, name, ONNX_FLOAT, one ? 0 : n->dense ? 1 : 3, dims, 4 * (size_t)count);
  for (int c = 0; p && c < count; c++) msg_store_float(p + 4 * c, v[c]);
  Onnx__NodeProto *node = msg_node(&w->m, op, called);
  msg_input(&w->m, node, in);
  msg_input(&w->m, node, name);
  msg_output(&w->m, node, out);
}

/* Mul, then Add. */
static void write_affine(struct quant_writer *w, int i) {
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  quant_name in, between, out;
  quant_operand_name(w->p, i, 0, in);
  quant_value_name(w->p, n->out, out);
  snprintf(between, sizeof between, "%s.scaled", n->name);
  float *shift = tetra_arena_alloc(w->m.arena, (size_t)n->cout, sizeof *shift);
  w->m.failed |= shift == NULL;
  if (shift == NULL) return;
  for (int c = 0; c < n->cout; c++) shift[c] = (float)n->bias[c];
  write_factor(w, n, "Mul", n->w, in, between);
  write_factor(w, n, "Add", shift, between, out);
}

void quant_write_turn(struct quant_writer *w) {
  static const int perm[] = {0, 3, 1, 2};
  quant_name out;
  quant_value_name(w->p, w->p->g->input, out);
  Onnx__NodeProto *node = msg_node(&w->m, "Transpose", out);
  msg_input(&w->m, node, w->p->g->values[w->p->g->input].name);
  msg_output(&w->m, node, out);
  msg_ints(&w->m, node, "perm", 4, perm);
}

static void write_plain(struct quant_writer *w, int i) {
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  const struct tetra_float_value *in = &w->p->g->values[n->in[0]];
  static const int64_t plane_axes[] = {2, 3};
  quant_name operand, out, lo, hi;
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
  quant_value_name(w->p, n->out, out);
  if (n->kind == TETRA_FLOAT_CLAMP && !relu) {
    const float bound[2] = {(float)n->lo, (float)n->hi};
    snprintf(lo, sizeof lo, "%s.min", n->name);
    snprintf(hi, sizeof hi, "%s.max", n->name);
    msg_floats(&w->m, lo, 0, 1, &bound[0]);
    msg_floats(&w->m, hi, 0, 1, &bound[1]);
  }
  snprintf(lo, sizeof lo, "%s.%s", n->name, n->kind == TETRA_FLOAT_PLANE ? "axes" : "min");
  if (n->kind == TETRA_FLOAT_PLANE) msg_whole(&w->m, lo, ONNX_INT64, 2, plane_axes);
  Onnx__NodeProto *node = msg_node(&w->m, op, n->name);
  for (int k = 0; k < 2; k++) {
    if (n->in[k] < 0) continue;
    quant_operand_name(w->p, i, k, operand);
    msg_input(&w->m, node, operand);
  }
  if (n->kind == TETRA_FLOAT_PLANE) msg_input(&w->m, node, lo);
  if (n->kind == TETRA_FLOAT_CLAMP && !relu) {
    msg_input(&w->m, node, lo);
    msg_input(&w->m, node, hi);
  }
  msg_output(&w->m, node, out);
  if (n->kind == TETRA_FLOAT_MAXPOOL) quant_write_window(w, node, &n->win, &n->win.pad);
  if (n->kind == TETRA_FLOAT_AVGPOOL && !global) average_attributes(w, node, n);
  if (n->kind == TETRA_FLOAT_SOFTMAX || n->kind == TETRA_FLOAT_FLATTEN) msg_int(&w->m, node, "axis", 1);
}

void quant_write_op(struct quant_writer *w, int i) {
  const enum tetra_float_kind kind = w->p->g->nodes[i].kind;
  if (kind == TETRA_FLOAT_PICK)
    write_pick(w, i);
  else if (kind == TETRA_FLOAT_AFFINE)
    write_affine(w, i);
  else
    write_plain(w, i);
}
