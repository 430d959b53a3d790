/* The same numbers in another shape. */
#include <string.h>

#include "onnx/const.h"
#include "onnx/node.h"
#include "onnx/settle.h"
#include "onnx/ops/shape.h"
#include "onnx/steps.h"
#include "onnx/view.h"

int onnx_identity(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *mask = onnx_out(x, n, 1);
  if (mask && mask->n_uses) return onnx_refuse(x, n, "its second output is used");
  const struct onnx_tensor *training = onnx_in(x, n, 2); /* of Dropout */
  if (training && (training->kind != ONNX_CONSTANT || training->c->count != 1 || onnx_const_int(training->c, 0)))
    return onnx_refuse(x, n, "training mode, must be off");
  onnx_inherit(onnx_out(x, n, 0), onnx_in(x, n, 0));
  return TETRA_OK;
}

/* out = t as [n][everything else]. */
static int flatten(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t) {
  struct onnx_tensor *out = onnx_out(x, n, 0);
  if (t->rank != 2 && t->rank != 4) return onnx_refuse(x, n, "input of rank %d, must be 2 or 4", t->rank);
  onnx_inherit(out, t);
  out->rank = 2;
  out->flat = t->flat || t->h > 1 || t->w > 1;
  return TETRA_OK;
}

static int need_data(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t) {
  return t->kind == ONNX_CONSTANT ? onnx_refuse(x, n, "its input is a constant") : TETRA_OK;
}

int onnx_flatten(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  const int64_t axis = onnx_attr_int(n, "axis", 1);
  const int rc = need_data(x, n, t);
  if (rc) return rc;
  if (axis != 1 && axis != 1 - t->rank) return onnx_refuse(x, n, "axis %lld, must be 1", (long long)axis);
  return flatten(x, n, t);
}

/* Dimension d of a target shape for a batch of n images? A file for one image says 1 where the batch is larger. */
static int is_batch(const struct onnx_reader *x, int64_t d, int n) {
  return d == 0 || d == -1 || d == n || (d == 1 && x->batch_replaced);
}

/* Do dimensions 1.. of the target hold `count` elements, one of them perhaps inferred? */
static int holds(const struct onnx_const *s, int64_t count) {
  int64_t product = 1;
  int inferred = 0;
  for (size_t i = 1; i < s->count; i++) {
    const int64_t d = onnx_const_int(s, i);
    if (d == -1 && !inferred && onnx_const_int(s, 0) != -1) {
      inferred = 1;
    } else if (d < 1 || d > count || product > count) {
      return 0;
    } else {
      product *= d;
    }
  }
  return inferred ? count % product == 0 : product == count;
}

int onnx_reshape_kind(const struct onnx_reader *x, const struct onnx_tensor *t, const struct onnx_const *s) {
  const int64_t count = (int64_t)t->c_ * t->h * t->w;
  if ((t->rank != 2 && t->rank != 4) || !s->count || !is_batch(x, onnx_const_int(s, 0), t->n)) return 0;
  if (s->count == 2) return holds(s, count) ? 1 : 0;
  if (s->count != 4) return 0;
  const int want[] = {t->n, t->c_, t->h, t->w};
  for (size_t i = 1; i < 4; i++) {
    const int64_t d = onnx_const_int(s, i);
    if (d != want[i] && !(d == 0 && t->rank == 4) && !(d == -1 && onnx_const_int(s, 0) != -1)) return 0;
  }
  return 2;
}

int onnx_reshape(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  const struct onnx_const *s;
  int rc = need_data(x, n, t);
  if (rc || (rc = onnx_need_const(x, n, 1, &s))) return rc;
  const int kind = onnx_reshape_kind(x, t, s);
  if (!kind) return onnx_refuse(x, n, "neither flattens its input nor keeps its shape");
  if (kind == 1) return flatten(x, n, t);
  onnx_inherit(onnx_out(x, n, 0), t);
  onnx_out(x, n, 0)->rank = 4;
  onnx_out(x, n, 0)->flat = 0;
  return TETRA_OK;
}

/* Axes of Squeeze and Unsqueeze: an attribute, later an input. 1 where they are 2 and 3 of four dimensions. */
int onnx_is_plane_axes(struct onnx_reader *x, const struct onnx_node *n) {
  const Onnx__AttributeProto *a = onnx_attr(n, "axes");
  const struct onnx_tensor *t = onnx_in(x, n, 1);
  const struct onnx_const *c = t && t->kind == ONNX_CONSTANT ? t->c : NULL;
  const size_t count = c ? c->count : a ? a->n_ints : 0;
  int seen = 0;
  if (count != 2) return 0;
  for (size_t i = 0; i < 2; i++) {
    const int64_t axis = c ? onnx_const_int(c, i) : a->ints[i];
    seen |= axis == 2 || axis == -2 ? 1 : axis == 3 || axis == -1 ? 2 : 4;
  }
  return seen == 3;
}

int onnx_squeeze(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  const int rc = need_data(x, n, t);
  if (rc) return rc;
  if (!onnx_is_plane_axes(x, n) || t->rank != 4 || t->h != 1 || t->w != 1)
    return onnx_refuse(x, n, "must remove height and width of 1");
  return flatten(x, n, t);
}

int onnx_unsqueeze(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  const int rc = need_data(x, n, t);
  if (rc) return rc;
  if (!onnx_is_plane_axes(x, n) || t->rank != 2 || t->flat) return onnx_refuse(x, n, "must add height and width of 1");
  onnx_inherit(onnx_out(x, n, 0), t);
  onnx_out(x, n, 0)->rank = 4;
  return TETRA_OK;
}

static int perm_is(const Onnx__AttributeProto *a, const char *digits) {
  const size_t n = strlen(digits);
  if (!a || a->n_ints != n) return 0;
  for (size_t i = 0; i < n; i++)
    if (a->ints[i] != digits[i] - '0') return 0;
  return 1;
}

/* The network's input, given as [n][h][w][c], which is how the hardware has it: turned round before anything reads it.
 */
static void make_nhwc(struct onnx_reader *x, struct onnx_tensor *out, const struct onnx_tensor *t) {
  struct tetra_graph *g = &x->m->graph;
  onnx_inherit(out, t);
  out->h = t->c_; /* read as [n][c][h][w] so far */
  out->w = t->h;
  out->c_ = t->w;
  x->m->input_nchw = 0;
  if (t->kind == ONNX_PLAIN) { /* of a float network */
    struct tetra_float_value *v = &x->floats->values[t->view.value];
    v->h = out->h;
    v->w = out->w;
    v->c = out->c_;
  }
  if (g->input < 0) return;
  struct tetra_desc *d = &g->values[g->input].d;
  d->h = out->h;
  d->w = out->w;
  d->c = out->c_;
  if (t->kind != ONNX_INPUT) {
    const double scale = out->view.scale;
    onnx_view_whole(x, &out->view, g->input);
    out->view.scale = scale;
  }
}

/* perm as 0..rank-1 each once; without one the axes are reversed. */
static int need_perm(struct onnx_reader *x, const struct onnx_node *n, const Onnx__AttributeProto *perm, int rank,
                     int axis[ONNX_RANK_MAX]) {
  unsigned seen = 0;
  if (perm && perm->n_ints != (size_t)rank)
    return onnx_broken(x, n, "perm has %zu axes, its input %d", perm->n_ints, rank);
  for (int k = 0; k < rank; k++) {
    const int64_t a = perm ? perm->ints[k] : rank - 1 - k;
    if (a < 0 || a >= rank || seen >> a & 1) return onnx_broken(x, n, "perm must name every axis once");
    seen |= 1u << a;
    axis[k] = (int)a;
  }
  return TETRA_OK;
}

/* A constant with its elements in another order: its codes stay codes, with scales along the axis where theirs went. */
static int transpose_const(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                           const Onnx__AttributeProto *perm, struct onnx_tensor *out) {
  const struct onnx_const *from = t->c;
  const int rank = from->shape.rank,
            real = from->type == ONNX_FLOAT || from->type == ONNX_DOUBLE || from->type == ONNX_FLOAT16;
  int axis[ONNX_RANK_MAX];
  size_t stride[ONNX_RANK_MAX], step[ONNX_RANK_MAX], at[ONNX_RANK_MAX] = {0}, i = 0;
  const int rc = need_perm(x, n, perm, rank, axis);
  if (rc) return rc;
  struct onnx_const *c = tetra_arena_alloc(x->arena, 1, sizeof *c);
  int64_t *whole = tetra_arena_alloc(x->arena, from->count + 1, sizeof *whole);
  if (!c || !whole) return tetra_arena_failed(x->arena);
  double *reals = (double *)(void *)whole;
  *c = *from;
  c->storage = real ? ONNX_DOUBLES : ONNX_FOLDED;
  c->data = whole;
  for (size_t s = 1, k = (size_t)rank; k-- > 0; s *= (size_t)from->shape.dim[k]) stride[k] = s;
  onnx_inherit(out, t);
  for (int k = 0; k < rank; k++) {
    c->shape.dim[k] = from->shape.dim[axis[k]];
    step[k] = stride[axis[k]];
    if (t->c_scale && axis[k] == t->c_axis) out->c_axis = k;
  }
  out->c = c;
  for (size_t to = 0; to < from->count; to++) {
    if (real)
      reals[to] = onnx_const_real(from, i);
    else
      whole[to] = onnx_const_int(from, i);
    for (int k = rank - 1; k >= 0; k--) {
      i += step[k];
      if (++at[k] < (size_t)c->shape.dim[k]) break;
      i -= at[k] * step[k];
      at[k] = 0;
    }
  }
  return TETRA_OK;
}

int onnx_transpose(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  struct onnx_tensor *out = onnx_out(x, n, 0);
  const Onnx__AttributeProto *perm = onnx_attr(n, "perm");
  if (t->kind == ONNX_CONSTANT) {
    if (t->c->shape.rank != 2) return transpose_const(x, n, t, perm, out);
    if (perm && !perm_is(perm, "10")) {
      if (!perm_is(perm, "01")) return onnx_broken(x, n, "perm must be a permutation of 2 axes");
      onnx_inherit(out, t);
      return TETRA_OK;
    }
    onnx_inherit(out, t);
    out->c_transposed = !t->c_transposed;
    return TETRA_OK;
  }
  if (t->rank == 4 && t->linear && t->n_uses == 1 && x->m->input_nchw && perm_is(perm, "0312")) {
    const int rc = onnx_steps_turn(x, n, t);
    if (!rc) make_nhwc(x, out, t);
    return rc;
  }
  return onnx_refuse(x, n, "only the network's input, from NHWC to NCHW, can be transposed");
}

int onnx_softmax(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_tensor *t = onnx_in(x, n, 0);
  const int64_t axis = onnx_attr_int(n, "axis", x->opset < 13 ? 1 : -1);
  const int rc = onnx_need_view(x, n, t, ONNX_REAL, 0);
  if (rc) return rc;
  if (t->rank == 1 || t->h != 1 || t->w != 1 || (axis != 1 && axis != 1 - t->rank))
    return onnx_refuse(x, n, "axis %lld of rank %d, must be the channels of one pixel", (long long)axis, t->rank);
  onnx_set_view(onnx_out(x, n, 0), ONNX_SOFTMAX, &t->view, t);
  x->m->host_softmax = TETRA_SOFTMAX_FLOAT;
  return TETRA_OK;
}
