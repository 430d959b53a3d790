/* A float ONNX network into the form that quantization works on; batch norms and constants go into convolutions. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "onnx/file/const.h"
#include "onnx/float/float_net.h"
#include "onnx/float/float_node.h"
#include "onnx/node.h"
#include "onnx/ops/conv.h"
#include "onnx/ops/pick.h"
#include "onnx/ops/pool.h"
#include "onnx/ops/shape.h"
#include "onnx/ops/shape_const.h"
#include "onnx/file/view.h"
#include "onnx/walk.h"
#include "tetra/ceil_div.h"

/* The converters reach the graph through the reader. */
static struct tetra_float_graph *graph(const struct onnx_reader *x) { return x->floats; }

int onnx_float_need(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t) {
  return t->kind == ONNX_PLAIN
             ? t->steps ? onnx_refuse(x, n, "behind a constant along the columns of '%s'", import_name_end(t->name))
                        : TETRA_OK
             : onnx_refuse(x, n, "its input '%s' must be calculated from the image", import_name_end(t->name));
}

struct tetra_float_node *onnx_float_add(struct onnx_reader *x, const struct onnx_node *n, enum tetra_float_kind kind,
                                        int in0, int in1, int before) {
  char name[TETRA_NAME_MAX], out[TETRA_NAME_MAX], part[TETRA_NAME_MAX + 16];
  import_name(name, onnx_node_name(n));
  import_name(out, onnx_out(x, n, 0)->name);
  if (!before) return tetra_float_graph_add(graph(x), kind, name, out, in0, in1);
  snprintf(part, sizeof part, "%s.part%d", import_name_end(onnx_node_name(n)), before);
  import_name(name, part);
  return tetra_float_graph_add(graph(x), kind, name, name, in0, in1);
}

static struct tetra_float_node *add(struct onnx_reader *x, const struct onnx_node *n, enum tetra_float_kind kind,
                                    int in) {
  return onnx_float_add(x, n, kind, in, -1, 0);
}

/* The node's output as an ONNX tensor. */
int onnx_float_finish(struct onnx_reader *x, const struct onnx_node *n, struct tetra_float_node *f, int rank) {
  struct tetra_float_graph *g = graph(x);
  const struct tetra_float_value *v = &g->values[f->out];
  if (!tetra_float_shape(g, f)) return onnx_broken(x, n, "its window does not fit the input");
  struct onnx_tensor *out = onnx_out(x, n, 0);
  out->kind = ONNX_PLAIN;
  out->view.value = f->out;
  out->rank = rank;
  for (int i = 0; i < n->n_in; i++)
    if (onnx_in(x, n, i) && onnx_in(x, n, i)->kind == ONNX_PLAIN) out->n = onnx_in(x, n, i)->n;
  out->h = v->h;
  out->w = v->w;
  out->c_ = v->c;
  out->flat = v->flat;
  return TETRA_OK;
}

static int load_bias(struct onnx_reader *x, const struct onnx_node *n, int i, double beta, struct tetra_float_node *f) {
  f->bias = tetra_arena_alloc(x->arena, (size_t)f->cout, sizeof *f->bias);
  if (!f->bias) return tetra_arena_failed(x->arena);
  const struct onnx_const *c;
  if (!onnx_in(x, n, i)) return TETRA_OK;
  const int rc = onnx_need_const(x, n, i, &c);
  if (rc) return rc;
  if (c->count != 1 && c->count != (size_t)f->cout)
    return onnx_refuse(x, n, "a bias of %zu numbers for %d channels", c->count, f->cout);
  for (int k = 0; k < f->cout; k++) f->bias[k] = onnx_const_real(c, onnx_channel(c, (size_t)k)) * beta;
  return TETRA_OK;
}

int onnx_float_finite(struct onnx_reader *x, const struct onnx_node *n, const struct tetra_float_node *f) {
  const size_t count = (size_t)f->cout * tetra_window_elements(&f->win, f->cin);
  for (size_t i = 0; i < count; i++)
    if (!isfinite(f->w[i])) return onnx_broken(x, n, "weight %zu is %g, must be finite", i, (double)f->w[i]);
  for (int c = 0; c < f->cout; c++)
    if (!isfinite(f->bias[c])) return onnx_broken(x, n, "bias %d is %g, must be finite", c, f->bias[c]);
  return TETRA_OK;
}

/* Weights [co][ci][taps], or with `transposed` [ci][taps][co], as [co][taps][ci]. */
static int load_weights(struct onnx_reader *x, const struct onnx_const *c, int transposed, double alpha,
                        struct tetra_float_node *f) {
  const size_t taps = tetra_window_elements(&f->win, 1), cin = (size_t)f->cin, cout = (size_t)f->cout;
  f->w = tetra_arena_alloc(x->arena, taps * cin * cout, sizeof *f->w);
  if (!f->w) return tetra_arena_failed(x->arena);
  for (size_t co = 0; co < cout; co++)
    for (size_t t = 0; t < taps; t++)
      for (size_t ci = 0; ci < cin; ci++)
        f->w[(co * taps + t) * cin + ci] =
            (float)(alpha * onnx_const_real(c, transposed ? (ci * taps + t) * cout + co : (co * cin + ci) * taps + t));
  return TETRA_OK;
}

static int conv(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  const struct onnx_const *c;
  struct tetra_window win;
  int rc = onnx_float_need(x, n, t), out[2];
  if (rc || (rc = onnx_need_const(x, n, 1, &c))) return rc;
  const int64_t *d = c->shape.dim;
  if (t->rank != 4 || c->shape.rank != 4) return onnx_refuse(x, n, "only 2-D convolution");
  for (int k = 0; k < 4; k++)
    if (d[k] < 1 || d[k] > (k < 2 ? ONNX_DIM_MAX : TETRA_WINDOW_MAX))
      return onnx_refuse(x, n, "weight dimension %lld", (long long)d[k]);
  int groups;
  if ((rc = onnx_need_groups(x, n, t->c_, d, &groups)) ||
      (rc = onnx_need_window(x, n, t->h, t->w, (int)d[2], (int)d[3], &win, NULL, out)))
    return rc;
  struct tetra_float_node *f = add(x, n, TETRA_FLOAT_CONV, t->view.value);
  f->win = win;
  f->groups = groups;
  f->cout = (int)d[0];
  f->cin = (int)d[1];
  if ((rc = load_weights(x, c, 0, 1.0, f)) || (rc = load_bias(x, n, 2, 1.0, f)) || (rc = onnx_float_finite(x, n, f)))
    return rc;
  return onnx_float_finish(x, n, f, 4);
}

static int dense(struct onnx_reader *x, const struct onnx_node *n, int rows_are_outputs, double alpha, double beta) {
  const struct onnx_tensor *t = onnx_in(x, n, 0), *w = onnx_in(x, n, 1);
  int rc = onnx_float_need(x, n, t);
  if (rc) return rc;
  if (w->kind != ONNX_CONSTANT || w->c_scale || w->c->shape.rank != 2 || t->rank != 2)
    return onnx_refuse(x, n, "only [n][in] times a constant matrix");
  rows_are_outputs ^= w->c_transposed;
  const int64_t in = w->c->shape.dim[rows_are_outputs ? 1 : 0], out = w->c->shape.dim[rows_are_outputs ? 0 : 1];
  if (in != (int64_t)t->c_ * t->h * t->w || out < 1 || out > ONNX_DIM_MAX || t->h > TETRA_WINDOW_MAX ||
      t->w > TETRA_WINDOW_MAX)
    return onnx_broken(x, n, "a %lldx%lld matrix for %dx%dx%d inputs", (long long)in, (long long)out, t->h, t->w,
                       t->c_);
  struct tetra_float_node *f = add(x, n, TETRA_FLOAT_CONV, t->view.value);
  f->dense = 1;
  f->win.kh = t->h;
  f->win.kw = t->w;
  f->cin = t->c_;
  f->cout = (int)out;
  if ((rc = load_weights(x, w->c, !rows_are_outputs, alpha, f)) || (rc = load_bias(x, n, 2, beta, f)) ||
      (rc = onnx_float_finite(x, n, f)))
    return rc;
  return onnx_float_finish(x, n, f, 2);
}

static int gemm(struct onnx_reader *x, const struct onnx_node *n) {
  if (onnx_attr_int(n, "transA", 0)) return onnx_refuse(x, n, "transA 1, must be 0");
  return dense(x, n, onnx_attr_int(n, "transB", 0) != 0, onnx_attr_real(n, "alpha", 1.0),
               onnx_attr_real(n, "beta", 1.0));
}

static int matmul(struct onnx_reader *x, const struct onnx_node *n) { return dense(x, n, 0, 1.0, 1.0); }

static int window(struct onnx_reader *x, const struct onnx_node *n, enum tetra_float_kind kind) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  struct tetra_window win;
  struct tetra_pads counted = {0, 0, 0, 0};
  int rc = onnx_float_need(x, n, t), out[2];
  if (rc) return rc;
  if (t->rank != 4) return onnx_refuse(x, n, "input of rank %d, must be 4", t->rank);
  rc = kind == TETRA_FLOAT_AVGPOOL ? onnx_need_average(x, n, t, &win, &counted, out)
                                   : onnx_need_maximum(x, n, t, &win, out);
  if (rc) return rc;
  struct tetra_float_node *f = add(x, n, kind, t->view.value);
  f->win = win;
  f->counted = counted;
  return onnx_float_finish(x, n, f, 4);
}

static int maxpool(struct onnx_reader *x, const struct onnx_node *n) { return window(x, n, TETRA_FLOAT_MAXPOOL); }
static int avgpool(struct onnx_reader *x, const struct onnx_node *n) { return window(x, n, TETRA_FLOAT_AVGPOOL); }

static int whole_plane(struct onnx_reader *x, const struct onnx_node *n, enum tetra_float_kind kind, int rank) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  const int rc = onnx_float_need(x, n, t);
  if (rc) return rc;
  if (t->rank != 4 || t->h > TETRA_WINDOW_MAX || t->w > TETRA_WINDOW_MAX)
    return onnx_refuse(x, n, "a plane of %dx%d", t->h, t->w);
  struct tetra_float_node *f = onnx_float_add(x, n, kind, t->view.value, -1, rank == 2);
  f->win.kh = t->h;
  f->win.kw = t->w;
  if (rank == 4) return onnx_float_finish(x, n, f, 4);
  if (!tetra_float_shape(graph(x), f)) return onnx_broken(x, n, "its window does not fit the input");
  return onnx_float_finish(x, n, add(x, n, TETRA_FLOAT_FLATTEN, f->out), 2);
}

static int global_avgpool(struct onnx_reader *x, const struct onnx_node *n) {
  return whole_plane(x, n, TETRA_FLOAT_AVGPOOL, 4);
}
static int global_maxpool(struct onnx_reader *x, const struct onnx_node *n) {
  return whole_plane(x, n, TETRA_FLOAT_MAXPOOL, 4);
}

static int reduce(struct onnx_reader *x, const struct onnx_node *n, enum tetra_float_kind kind) {
  if (!onnx_is_plane_axes(x, n)) return onnx_refuse(x, n, "its axes must be height and width");
  return whole_plane(x, n, kind, onnx_attr_int(n, "keepdims", 1) ? 4 : 2);
}

static int reduce_mean(struct onnx_reader *x, const struct onnx_node *n) { return reduce(x, n, TETRA_FLOAT_AVGPOOL); }
static int reduce_max(struct onnx_reader *x, const struct onnx_node *n) { return reduce(x, n, TETRA_FLOAT_MAXPOOL); }

static int flatten(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  const int rc = onnx_float_need(x, n, t);
  if (rc) return rc;
  if (t->rank != 2 && t->rank != 4) return onnx_refuse(x, n, "input of rank %d", t->rank);
  return onnx_float_finish(x, n, add(x, n, TETRA_FLOAT_FLATTEN, t->view.value), 2);
}

static int flatten_axis(struct onnx_reader *x, const struct onnx_node *n) {
  const int64_t axis = onnx_attr_int(n, "axis", 1);
  if (!onnx_is_flat_axis(x, onnx_in(x, n, 0), axis)) return onnx_refuse(x, n, "axis %lld, must be 1", (long long)axis);
  return flatten(x, n);
}

static int reshape(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  const struct onnx_const *s;
  int rc = onnx_need_const(x, n, 1, &s);
  if (rc) return rc;
  if (t->kind == ONNX_CONSTANT) return onnx_reshape_const(x, n, t, s, onnx_out(x, n, 0));
  if ((rc = onnx_float_need(x, n, t))) return rc;
  const int kind = onnx_reshape_kind(x, t, s);
  if (kind == 1) return flatten(x, n);
  if (kind == 2 && t->rank == 4) {
    onnx_inherit(onnx_out(x, n, 0), t);
    return TETRA_OK;
  }
  return onnx_refuse(x, n, "does not flatten its input");
}

static int squeeze(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  if (t->kind == ONNX_CONSTANT) return onnx_squeeze_const(x, n, t, onnx_out(x, n, 0));
  if (!onnx_is_plane_axes(x, n) || t->rank != 4 || t->h != 1 || t->w != 1)
    return onnx_refuse(x, n, "must remove height and width of 1");
  return flatten(x, n);
}

static struct tetra_float_range range(const struct onnx_pick *p) {
  return (struct tetra_float_range){p->start, p->step, p->n};
}

static int slice(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  int rc = onnx_float_need(x, n, t);
  if (rc) return rc;
  struct onnx_pick y = {0, 1, t->h}, xx = {0, 1, t->w}, c = {0, 1, t->c_}, *axes[ONNX_RANK_MAX] = {NULL, &c, &y, &xx};
  if (t->rank != 4) return onnx_refuse(x, n, "input of rank %d, must be 4", t->rank);
  if ((rc = onnx_read_slice(x, n, t->rank, axes, t->n))) return rc;
  struct tetra_float_node *f = add(x, n, TETRA_FLOAT_PICK, t->view.value);
  f->picks = (struct tetra_float_picks){range(&c), range(&y), range(&xx)};
  return onnx_float_finish(x, n, f, 4);
}

static int pad(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0), *value = onnx_in(x, n, 2);
  int amount[ONNX_RANK_MAX][2] = {{0}}, rc = onnx_float_need(x, n, t);
  if (rc) return rc;
  if (t->rank != 4) return onnx_refuse(x, n, "input of rank %d, must be 4", t->rank);
  if ((rc = onnx_read_pads(x, n, t->rank, amount))) return rc;
  const double with = value && value->kind == ONNX_CONSTANT && value->c->count == 1 ? onnx_const_real(value->c, 0)
                                                                                    : onnx_attr_real(n, "value", 0);
  if (with != 0 || (value && value->kind != ONNX_CONSTANT) ||
      (onnx_attr(n, "mode") && !onnx_attr_is(n, "mode", "constant")))
    return onnx_refuse(x, n, "pads with something else than zeros");
  struct tetra_float_node *f = add(x, n, TETRA_FLOAT_PICK, t->view.value);
  struct tetra_float_range *const of[] = {&f->picks.c, &f->picks.y, &f->picks.x};
  const int size[] = {t->c_, t->h, t->w};
  for (int k = 0; k < 3; k++) { /* below 0: less of it */
    int *const pads = amount[k + 1], before = pads[0] < 0 ? -pads[0] : 0, after = pads[1] < 0 ? -pads[1] : 0;
    if (before + after >= size[k]) return onnx_broken(x, n, "leaves nothing of axis %d", k + 1);
    if (before || after) *of[k] = (struct tetra_float_range){before, 1, size[k] - before - after};
    if (before) pads[0] = 0;
    if (after) pads[1] = 0;
  }
  f->c_before = amount[1][0];
  f->c_after = amount[1][1];
  f->win.pad = (struct tetra_pads){amount[2][0], amount[3][0], amount[2][1], amount[3][1]};
  return onnx_float_finish(x, n, f, 4);
}

static int softmax(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  const int64_t axis = onnx_attr_int(n, "axis", x->opset < 13 ? 1 : -1);
  const int rc = onnx_float_need(x, n, t);
  if (rc) return rc;
  if (t->rank != 2 || t->flat || (axis != 1 && axis != -1) || onnx_out(x, n, 0) != &x->tensors[x->output])
    return onnx_refuse(x, n, "only over the classes, at the end");
  return onnx_float_finish(x, n, add(x, n, TETRA_FLOAT_SOFTMAX, t->view.value), 2);
}

/* Between float types. */
static int cast(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  const int64_t to = onnx_attr_int(n, "to", 0);
  if (to != ONNX_FLOAT && to != ONNX_FLOAT16 && to != ONNX_DOUBLE)
    return onnx_refuse(x, n, "casts to element type %lld, must be float", (long long)to);
  const int rc = t->kind == ONNX_CONSTANT ? TETRA_OK : onnx_float_need(x, n, t);
  if (!rc) onnx_inherit(onnx_out(x, n, 0), t);
  return rc;
}

static int unsqueeze(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  if (t->kind == ONNX_CONSTANT) return onnx_unsqueeze_const(x, n, t, onnx_out(x, n, 0));
  const int rc = onnx_float_need(x, n, t);
  if (rc) return rc;
  if (!onnx_is_plane_axes(x, n) || t->rank != 2 || t->flat) return onnx_refuse(x, n, "must add height and width of 1");
  return onnx_float_finish(x, n, add(x, n, TETRA_FLOAT_PLANE, t->view.value), 4);
}

static const struct onnx_converter float_ops[] = {
    {ONNX_STANDARD, "Conv", conv, 2},
    {ONNX_STANDARD, "Gemm", gemm, 2},
    {ONNX_STANDARD, "MatMul", matmul, 2},
    {ONNX_STANDARD, "BatchNormalization", onnx_float_batchnorm, 5},
    {ONNX_STANDARD, "Add", onnx_float_sum, 2},
    {ONNX_STANDARD, "Sum", onnx_float_sum, 1},
    {ONNX_STANDARD, "Sub", onnx_float_sub, 2},
    {ONNX_STANDARD, "Mul", onnx_float_mul, 2},
    {ONNX_STANDARD, "Div", onnx_float_div, 2},
    {ONNX_STANDARD, "Neg", onnx_float_neg, 1},
    {ONNX_STANDARD, "Relu", onnx_float_relu, 1},
    {ONNX_STANDARD, "Clip", onnx_float_clip, 1},
    {ONNX_STANDARD, "Min", onnx_float_min, 1},
    {ONNX_STANDARD, "Max", onnx_float_max, 1},
    {ONNX_STANDARD, "GlobalMaxPool", global_maxpool, 1},
    {ONNX_STANDARD, "Unsqueeze", unsqueeze, 1},
    {ONNX_STANDARD, "Cast", cast, 1},
    {ONNX_STANDARD, "MaxPool", maxpool, 1},
    {ONNX_STANDARD, "AveragePool", avgpool, 1},
    {ONNX_STANDARD, "GlobalAveragePool", global_avgpool, 1},
    {ONNX_STANDARD, "ReduceMean", reduce_mean, 1},
    {ONNX_STANDARD, "ReduceMax", reduce_max, 1},
    {ONNX_STANDARD, "Flatten", flatten_axis, 1},
    {ONNX_STANDARD, "Reshape", reshape, 2},
    {ONNX_STANDARD, "Squeeze", squeeze, 1},
    {ONNX_STANDARD, "Slice", slice, 1},
    {ONNX_STANDARD, "Pad", pad, 1},
    {ONNX_STANDARD, "Softmax", softmax, 1},
    {ONNX_STANDARD, "Identity", onnx_identity, 1},
    {ONNX_STANDARD, "Dropout", onnx_identity, 1},
    {ONNX_STANDARD, "Transpose", onnx_float_transpose, 1},
};

const struct onnx_operations onnx_float_operations = {float_ops, sizeof float_ops / sizeof *float_ops};

int onnx_float_begin(struct onnx_reader *x, struct tetra_float_graph *g, const struct onnx_tensor *t) {
  /* A sum of k operands is k - 1 nodes, no other node more than two; as many again as operands that are guessed. */
  size_t room = 1;
  for (int i = 0; i < x->n_nodes; i++) room += 2 * (size_t)x->nodes[i].n_in + 2;
  g->nodes = tetra_arena_alloc(x->arena, room, sizeof *g->nodes);
  g->values = tetra_arena_alloc(x->arena, room + 1, sizeof *g->values);
  if (!g->nodes || !g->values) return tetra_arena_failed(x->arena);
  x->floats = g;
  g->input = g->n_values++;
  struct tetra_float_value *v = &g->values[g->input];
  import_name(v->name, t->name);
  v->h = t->h;
  v->w = t->w;
  v->c = t->c_;
  v->flat = t->flat;
  v->producer = -1;
  return TETRA_OK;
}

int onnx_float_net(struct onnx_reader *x, struct tetra_float_graph *g) {
  struct onnx_tensor *in = &x->tensors[x->input];
  const int broken = in->kind == ONNX_POISON;
  if (in->kind != ONNX_INPUT && !broken)
    return tetra_fail(x->arena->err, TETRA_EINVAL, "the input of a float network must be float");
  if (in->rank == 1 && !broken)
    return tetra_fail(x->arena->err, TETRA_EINVAL, "the input has rank 1, must be [n][c][h][w] or [n][c]");
  int rc = onnx_float_begin(x, g, in);
  if (rc) return rc;
  if (!broken) in->kind = ONNX_PLAIN;
  in->view.value = g->input;
  if ((rc = onnx_convert_nodes(x, &onnx_float_operations, NULL))) return rc;
  g->input_nhwc = !x->m->input_nchw;
  g->input_rank = in->rank;
  const struct onnx_tensor *out = &x->tensors[x->output];
  if (x->report->n_refusals) return import_verdict(x->report, x->arena->err);
  if (out->kind != ONNX_PLAIN || out->view.value == g->input)
    return tetra_fail(x->arena->err, TETRA_EINVAL, "the output is not calculated from the image");
  g->output = out->view.value;
  g->values[g->output].n_uses++;
  return TETRA_OK;
}
