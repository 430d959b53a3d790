/* The same numbers in another shape. */
#include <string.h>

#include "onnx/file/const.h"
#include "onnx/node.h"
#include "onnx/settle.h"
#include "onnx/ops/shape.h"
#include "onnx/ops/shape_const.h"
#include "onnx/steps.h"
#include "onnx/file/view.h"

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

int onnx_is_flat_axis(const struct onnx_reader *x, const struct onnx_tensor *t, int64_t axis) {
  const int one_image = t->n == 1 && !x->batch_replaced;
  return axis == 1 || axis == 1 - t->rank || (one_image && (axis == 0 || axis == -t->rank));
}

int onnx_flatten(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  const int64_t axis = onnx_attr_int(n, "axis", 1);
  const int rc = need_data(x, n, t);
  if (rc) return rc;
  if (!onnx_is_flat_axis(x, t, axis)) return onnx_refuse(x, n, "axis %lld, must be 1", (long long)axis);
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
  const int rc = onnx_need_const(x, n, 1, &s);
  if (rc) return rc;
  if (t->kind == ONNX_CONSTANT) return onnx_reshape_const(x, n, t, s, onnx_out(x, n, 0));
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
  if (t->kind == ONNX_CONSTANT) return onnx_squeeze_const(x, n, t, onnx_out(x, n, 0));
  if (!onnx_is_plane_axes(x, n) || t->rank != 4 || t->h != 1 || t->w != 1)
    return onnx_refuse(x, n, "must remove height and width of 1");
  return flatten(x, n, t);
}

int onnx_unsqueeze(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  if (t->kind == ONNX_CONSTANT) return onnx_unsqueeze_const(x, n, t, onnx_out(x, n, 0));
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

int onnx_transpose(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  struct onnx_tensor *out = onnx_out(x, n, 0);
  const Onnx__AttributeProto *perm = onnx_attr(n, "perm");
  if (t->kind == ONNX_CONSTANT) {
    if (t->c->shape.rank != 2) return onnx_transpose_const(x, n, t, perm, out);
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
