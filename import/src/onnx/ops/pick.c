/* Slice and Pad: another view of the same codes. */
#include <math.h>

#include "onnx/file/const.h"
#include "onnx/node.h"
#include "onnx/ops/pick.h"
#include "onnx/settle.h"
#include "onnx/file/view.h"
#include "tetra/ceil_div.h"

enum { most_numbers = 2 * ONNX_RANK_MAX };

/* Integers of an input, or of an attribute in old opsets; *count is 0 where both are absent. */
static int need_ints(struct onnx_reader *x, const struct onnx_node *n, int input, const char *attr, int64_t *v,
                     size_t *count) {
  const Onnx__AttributeProto *a = onnx_attr(n, attr);
  const struct onnx_const *c = NULL;
  int rc;
  if (input >= 0 && onnx_in(x, n, input) && (rc = onnx_need_const(x, n, input, &c))) return rc;
  *count = c ? c->count : a ? a->n_ints : 0;
  if (*count > most_numbers) return onnx_broken(x, n, "%zu %s", *count, attr);
  for (size_t i = 0; i < *count; i++) v[i] = c ? onnx_const_int(c, i) : a->ints[i];
  return TETRA_OK;
}

/* Axis of the i-th number, 0..rank-1, or -1. */
static int axis_of(const int64_t *axes, size_t n_axes, size_t i, int rank) {
  const int64_t a = n_axes ? axes[i] : (int64_t)i;
  return a >= 0 && a < rank ? (int)a : a < 0 && a >= -rank ? (int)a + rank : -1;
}

/* Codes or dequantized reals that nothing pads yet, as slices and paddings of a plane need them. */
static int need_plain(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t) {
  if (t->flat || t->rank == 1) return onnx_refuse(x, n, "its input is no plane");
  const int codes = t->kind == ONNX_CODES;
  if (t->kind == ONNX_REAL && !t->deferred && !t->view.pad.top && !t->view.pad.left && !t->view.pad.bottom &&
      !t->view.pad.right && !t->view.c_before && !t->view.c_after)
    return TETRA_OK;
  return onnx_need_view(x, n, t, codes ? ONNX_CODES : ONNX_REAL, 0);
}

static int pick(struct onnx_reader *x, const struct onnx_node *n, struct onnx_pick *p, int64_t start, int64_t end,
                int64_t step) {
  const int64_t size = p->n;
  if (step < 1 || step > ONNX_DIM_MAX)
    return onnx_refuse(x, n, "step %lld, must be 1..%d", (long long)step, ONNX_DIM_MAX);
  if (start < 0) start = start < -size ? 0 : start + size;
  if (end < 0) end = end < -size ? 0 : end + size;
  if (end > size) end = size;
  if (start >= end)
    return onnx_broken(x, n, "picks nothing: %lld..%lld of %lld", (long long)start, (long long)end, (long long)size);
  p->start += (int)start * p->step;
  p->n = (int)tetra_ceil_div64(end - start, step);
  if (p->n > 1 && step * p->step > ONNX_DIM_MAX) return onnx_refuse(x, n, "step above %d", ONNX_DIM_MAX);
  p->step = p->n > 1 ? (int)step * p->step : 1;
  return TETRA_OK;
}

int onnx_read_slice(struct onnx_reader *x, const struct onnx_node *n, int rank,
                    struct onnx_pick *axes_of[ONNX_RANK_MAX], int batch) {
  int64_t starts[most_numbers], ends[most_numbers], axes[most_numbers], steps[most_numbers];
  size_t count, n_ends, n_axes, n_steps;
  int rc;
  if ((rc = need_ints(x, n, 1, "starts", starts, &count)) || (rc = need_ints(x, n, 2, "ends", ends, &n_ends)) ||
      (rc = need_ints(x, n, 3, "axes", axes, &n_axes)) || (rc = need_ints(x, n, 4, "steps", steps, &n_steps)))
    return rc;
  if (!count || n_ends != count || (n_axes && n_axes != count) || (n_steps && n_steps != count))
    return onnx_broken(x, n, "starts, ends, axes and steps differ in length");
  for (size_t i = 0; i < count; i++) {
    const int axis = axis_of(axes, n_axes, i, rank);
    const int64_t step = n_steps ? steps[i] : 1;
    if (axis < 0) return onnx_broken(x, n, "number %zu names an axis that rank %d does not have", i, rank);
    if (axis == 0) {
      if (starts[i] > 0 || ends[i] < batch || step != 1) return onnx_refuse(x, n, "picks images of the batch");
      continue;
    }
    if ((rc = pick(x, n, axes_of[axis], starts[i], ends[i], step))) return rc;
  }
  return TETRA_OK;
}

int onnx_slice(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_tensor *t = onnx_in(x, n, 0), *out = onnx_out(x, n, 0);
  if (t->kind == ONNX_CONSTANT) return onnx_refuse(x, n, "its input is a constant");
  int rc = need_plain(x, n, t);
  if (rc) return rc;
  struct onnx_view v = t->view;
  struct onnx_pick *axes[ONNX_RANK_MAX] = {NULL, &v.c, &v.y, &v.x};
  if ((rc = onnx_read_slice(x, n, t->rank, axes, t->n))) return rc;
  onnx_inherit(out, t);
  out->view = v;
  out->h = v.y.n;
  out->w = v.x.n;
  out->c_ = v.c.n;
  out->linear = 0;
  return TETRA_OK;
}

/* Padding must be what real 0 is in the codes. */
static int need_zero(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t) {
  const Onnx__AttributeProto *mode = onnx_attr(n, "mode");
  if (mode && !onnx_attr_is(n, "mode", "constant")) return onnx_refuse(x, n, "its mode must be constant");
  const struct onnx_tensor *c = onnx_in(x, n, 2);
  if (c && (c->kind != ONNX_CONSTANT || c->c->count != 1))
    return onnx_refuse(x, n, "what it pads with must be one constant number");
  const double value = c ? onnx_tensor_real(c, 0) : onnx_attr_real(n, "value", 0);
  if (t->kind == ONNX_CODES) {
    const int zp = x->m->graph.values[t->view.value].d.zero_point;
    return value == zp ? TETRA_OK : onnx_refuse(x, n, "pads with code %g, must be the zero point %d", value, zp);
  }
  if (value != 0) return onnx_refuse(x, n, "pads with %g, must be 0", value);
  /* Zeros that a clamp would change: the clamp comes first. */
  return t->lo > 0 || t->hi < 0 ? onnx_need_view(x, n, t, ONNX_REAL, 0) : TETRA_OK;
}

int onnx_read_pads(struct onnx_reader *x, const struct onnx_node *n, int rank, int add[ONNX_RANK_MAX][2]) {
  int64_t pads[most_numbers], axes[most_numbers];
  size_t count, n_axes;
  int rc;
  if ((rc = need_ints(x, n, 1, "pads", pads, &count)) || (rc = need_ints(x, n, 3, "-", axes, &n_axes))) return rc;
  if (!count || count != 2 * (n_axes ? n_axes : (size_t)rank))
    return onnx_broken(x, n, "%zu pads for rank %d", count, rank);
  for (size_t i = 0; i < count / 2; i++) {
    const int axis = axis_of(axes, n_axes, i, rank);
    if (axis < 0) return onnx_broken(x, n, "number %zu names an axis that rank %d does not have", i, rank);
    for (int k = 0; k < 2; k++) {
      const int64_t p = pads[i + (size_t)k * count / 2];
      if (p < (axis == 0 ? 0 : -ONNX_DIM_MAX) || p > (axis == 1 ? ONNX_DIM_MAX : axis == 0 ? 0 : TETRA_WINDOW_MAX))
        return onnx_refuse(x, n, "padding %lld of axis %d", (long long)p, axis);
      add[axis][k] = (int)p;
    }
  }
  return TETRA_OK;
}

/* Pads below 0 are rows, columns or channels less of t; they become 0. */
static int crop(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t, int add[ONNX_RANK_MAX][2]) {
  struct onnx_pick *const axes[] = {NULL, &t->view.c, &t->view.y, &t->view.x};
  int *const size[] = {NULL, &t->c_, &t->h, &t->w};
  for (int a = 1; a < 4; a++) {
    const int before = add[a][0] < 0 ? -add[a][0] : 0, after = add[a][1] < 0 ? -add[a][1] : 0;
    if (!before && !after) continue;
    if (before + after >= *size[a]) return onnx_broken(x, n, "leaves nothing of axis %d", a);
    axes[a]->start += before * axes[a]->step;
    axes[a]->n -= before + after;
    *size[a] -= before + after;
    for (int k = 0; k < 2; k++) add[a][k] = add[a][k] < 0 ? 0 : add[a][k];
  }
  return TETRA_OK;
}

int onnx_pad(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_tensor *t = onnx_in(x, n, 0), *out = onnx_out(x, n, 0), cut;
  int rc, add[ONNX_RANK_MAX][2] = {{0}};
  if (t->kind == ONNX_CONSTANT) return onnx_refuse(x, n, "its input is a constant");
  if ((rc = onnx_read_pads(x, n, t->rank, add)) || (rc = need_plain(x, n, t)) || (rc = need_zero(x, n, t))) return rc;
  cut = *t;
  if ((rc = crop(x, n, &cut, add))) return rc;
  t = &cut;
  const struct onnx_view *v = &t->view;
  const struct tetra_desc *d = &x->m->graph.values[v->value].d;
  const int picked = v->y.start || v->x.start || v->y.step > 1 || v->x.step > 1 || v->y.n != d->h || v->x.n != d->w;
  const int spatial = add[2][0] || add[2][1] || add[3][0] || add[3][1];
  if (spatial && picked && (rc = onnx_need_view(x, n, t, t->kind, 0))) return rc;
  onnx_inherit(out, t);
  out->view.pad = (struct tetra_pads){add[2][0], add[3][0], add[2][1], add[3][1]};
  out->view.c_before = add[1][0];
  out->view.c_after = add[1][1];
  out->h += add[2][0] + add[2][1];
  out->w += add[3][0] + add[3][1];
  out->c_ += add[1][0] + add[1][1];
  out->linear = 0;
  if (out->h > ONNX_DIM_MAX || out->w > ONNX_DIM_MAX || out->c_ > ONNX_DIM_MAX)
    return onnx_refuse(x, n, "padded to %dx%dx%d; dimensions must be at most %d", out->h, out->w, out->c_,
                       ONNX_DIM_MAX);
  return TETRA_OK;
}
