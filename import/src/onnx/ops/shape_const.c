/* Constants in another shape or order. */
#include "onnx/file/const.h"
#include "onnx/node.h"
#include "onnx/ops/shape_const.h"
#include "onnx/file/view.h"

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
int onnx_transpose_const(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
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

/* The dimension that a dequantized constant's scales go along has the same numbers before, in and behind it; -1: none.
 */
static int same_axis(const struct onnx_shape *from, int axis, const struct onnx_shape *to) {
  int64_t before = 1, b = 1;
  for (int k = 0; k < axis; k++) before *= from->dim[k];
  for (int k = 0; k < to->rank; k++) {
    if (b == before && to->dim[k] == from->dim[axis]) return k;
    b *= to->dim[k];
  }
  return -1;
}

/* out = t with dimensions s. */
static int set_shape(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                     const struct onnx_shape *s, struct onnx_tensor *out) {
  int64_t count = 1;
  for (int k = 0; k < s->rank; k++) {
    if (s->dim[k] < 0 || (s->dim[k] && count > (int64_t)t->c->count / s->dim[k])) count = -1;
    if (count < 0) break;
    count *= s->dim[k];
  }
  if (count != (int64_t)t->c->count) return onnx_broken(x, n, "the shape does not hold %zu elements", t->c->count);
  if (t->c_transposed) return onnx_refuse(x, n, "changes the shape of a transposed matrix");
  struct onnx_const *c = tetra_arena_alloc(x->arena, 1, sizeof *c);
  if (!c) return tetra_arena_failed(x->arena);
  *c = *t->c;
  c->shape = *s;
  const int per_channel = t->c_scale && t->c_scale->count != 1;
  const int axis = per_channel ? same_axis(&t->c->shape, t->c_axis, s) : 0;
  if (axis < 0) return onnx_refuse(x, n, "the dimension of its scales is none of the new shape's");
  onnx_inherit(out, t);
  out->c = c;
  out->c_axis = axis;
  return TETRA_OK;
}

int onnx_reshape_const(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                       const struct onnx_const *shape, struct onnx_tensor *out) {
  struct onnx_shape s = {.rank = (int)shape->count};
  int64_t known = 1;
  int inferred = -1;
  if (shape->count > ONNX_RANK_MAX) return onnx_refuse(x, n, "a shape of rank %zu", shape->count);
  for (int k = 0; k < s.rank; k++) {
    s.dim[k] = onnx_const_int(shape, (size_t)k);
    if (k < t->c->shape.rank && s.dim[k] == 0 && !onnx_attr_int(n, "allowzero", 0)) s.dim[k] = t->c->shape.dim[k];
    if (s.dim[k] == -1 && inferred < 0)
      inferred = k;
    else if (s.dim[k] < 1 || s.dim[k] > (int64_t)t->c->count || known > (int64_t)t->c->count)
      return onnx_broken(x, n, "the shape does not hold %zu elements", t->c->count);
    else
      known *= s.dim[k];
  }
  if (inferred >= 0) s.dim[inferred] = (int64_t)t->c->count / known;
  return set_shape(x, n, t, &s, out);
}

/* Bit k: the operator's axes, an attribute or input 1, name dimension k of `rank`. -1: there are none, -2: wrong ones.
 */
static int axis_mask(const struct onnx_reader *x, const struct onnx_node *n, int rank) {
  const Onnx__AttributeProto *a = onnx_attr(n, "axes");
  const struct onnx_tensor *t = onnx_in(x, n, 1);
  const struct onnx_const *c = t && t->kind == ONNX_CONSTANT ? t->c : NULL;
  int mask = 0;
  if (!c && !a) return t ? -2 : -1;
  for (size_t i = 0; i < (c ? c->count : a->n_ints); i++) {
    const int64_t axis = c ? onnx_const_int(c, i) : a->ints[i], k = axis < 0 ? axis + rank : axis;
    if (k < 0 || k >= rank || mask >> k & 1) return -2;
    mask |= 1 << k;
  }
  return mask;
}

int onnx_squeeze_const(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                       struct onnx_tensor *out) {
  const struct onnx_shape *from = &t->c->shape;
  const int mask = axis_mask(x, n, from->rank);
  struct onnx_shape s = {0};
  if (mask == -2) return onnx_broken(x, n, "its axes must be different ones of rank %d", from->rank);
  for (int k = 0; k < from->rank; k++) {
    const int named = mask >= 0 ? mask >> k & 1 : from->dim[k] == 1;
    if (named && from->dim[k] != 1) return onnx_broken(x, n, "removes an axis of %lld", (long long)from->dim[k]);
    if (!named) s.dim[s.rank++] = from->dim[k];
  }
  return set_shape(x, n, t, &s, out);
}

int onnx_unsqueeze_const(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                         struct onnx_tensor *out) {
  const struct onnx_shape *from = &t->c->shape;
  int more = 0, next = 0;
  const int any = axis_mask(x, n, ONNX_RANK_MAX); /* to count them */
  for (int k = 0; any >= 0 && k < ONNX_RANK_MAX; k++) more += any >> k & 1;
  struct onnx_shape s = {.rank = from->rank + more};
  const int mask = any >= 0 && s.rank <= ONNX_RANK_MAX ? axis_mask(x, n, s.rank) : -2;
  if (mask < 0) return onnx_refuse(x, n, "its axes must be different ones of at most %d", ONNX_RANK_MAX);
  for (int k = 0; k < s.rank; k++) s.dim[k] = mask >> k & 1 ? 1 : from->dim[next++];
  return set_shape(x, n, t, &s, out);
}
