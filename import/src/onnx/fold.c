/* Nodes over small integer constants. Exporters leave chains of them that calculate shapes and paddings from shapes
 * that are fixed once the batch is. */
#include <string.h>

#include "onnx/file/const.h"
#include "onnx/fold.h"
#include "onnx/node.h"

enum { most = 64 }; /* elements */

/* A constant of rank 0, 1 or 2. */
struct ints {
  int rank;
  int64_t dim[2];
  size_t n;
  int64_t v[most];
};

/* 1 where t is such a constant. */
static int load(const struct onnx_tensor *t, struct ints *a) {
  memset(a, 0, sizeof *a);
  if (!t || t->kind != ONNX_CONSTANT || t->c_scale || t->c_transposed) return 0;
  if (t->c->type != ONNX_INT64 && t->c->type != ONNX_INT32) return 0;
  if (t->c->shape.rank > 2 || t->c->count > most) return 0;
  a->rank = t->c->shape.rank;
  a->n = t->c->count;
  for (int i = 0; i < a->rank; i++) a->dim[i] = t->c->shape.dim[i];
  for (size_t i = 0; i < a->n; i++) a->v[i] = onnx_const_int(t->c, i);
  return 1;
}

/* Of the type that the first operand has, where that is what the result is made of. */
static int type_of(const struct onnx_reader *x, const struct onnx_node *n) {
  static const char *const keep[] = {"Identity", "Unsqueeze", "Squeeze", "Reshape", "Transpose", "Slice", "Gather"};
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  if (!strcmp(onnx_op_type(n), "Cast")) return (int)onnx_attr_int(n, "to", ONNX_INT64);
  for (size_t i = 0; i < sizeof keep / sizeof *keep; i++)
    if (!strcmp(onnx_op_type(n), keep[i]) && t && t->kind == ONNX_CONSTANT && t->c) return t->c->type;
  return ONNX_INT64;
}

static int store(struct onnx_reader *x, const struct onnx_node *n, const struct ints *a) {
  struct onnx_const *c = tetra_arena_alloc(x->arena, 1, sizeof *c);
  int64_t *v = tetra_arena_alloc(x->arena, a->n + 1, sizeof *v);
  if (!c || !v) return tetra_arena_failed(x->arena);
  memcpy(v, a->v, a->n * sizeof *v);
  *c = (struct onnx_const){.count = a->n, .type = type_of(x, n), .storage = ONNX_FOLDED, .data = v};
  c->shape.rank = a->rank;
  for (int i = 0; i < a->rank; i++) c->shape.dim[i] = a->dim[i];
  struct onnx_tensor *out = onnx_out(x, n, 0);
  out->kind = ONNX_CONSTANT;
  out->c = c;
  return TETRA_OK;
}

static void vector(struct ints *a, size_t n) {
  a->rank = 1;
  a->dim[0] = (int64_t)n;
  a->n = n;
}

static int fold_shape(const struct onnx_tensor *t, struct ints *a) {
  const int64_t dims[] = {t->n, t->flat ? (int64_t)t->c_ * t->h * t->w : t->c_, t->h, t->w};
  memset(a, 0, sizeof *a);
  if (t->kind == ONNX_CONSTANT) {
    vector(a, (size_t)t->c->shape.rank);
    memcpy(a->v, t->c->shape.dim, a->n * sizeof *a->v);
    return !t->c_transposed;
  }
  vector(a, (size_t)t->rank);
  if (t->rank == 1)
    a->v[0] = t->c_;
  else
    memcpy(a->v, dims, a->n * sizeof *a->v);
  return 1;
}

static int fold_gather(const struct onnx_node *n, const struct ints *data, const struct ints *at, struct ints *a) {
  if (data->rank != 1 || at->rank > 1 || onnx_attr_int(n, "axis", 0) != 0) return 0;
  *a = *at;
  for (size_t i = 0; i < at->n; i++) {
    const int64_t k = at->v[i] < 0 ? at->v[i] + (int64_t)data->n : at->v[i];
    if (k < 0 || k >= (int64_t)data->n) return 0;
    a->v[i] = data->v[k];
  }
  return 1;
}

static int fold_concat(const struct onnx_reader *x, const struct onnx_node *n, struct ints *a) {
  struct ints part;
  memset(a, 0, sizeof *a);
  for (int i = 0; i < n->n_in; i++) {
    if (!load(onnx_in(x, n, i), &part) || part.rank != 1 || a->n + part.n > most) return 0;
    memcpy(a->v + a->n, part.v, part.n * sizeof *part.v);
    a->n += part.n;
  }
  vector(a, a->n);
  return 1;
}

/* Along the first dimension only, in either direction. */
static int fold_slice(const struct onnx_reader *x, const struct onnx_node *n, const struct ints *in, struct ints *a) {
  struct ints start, end, axis, step;
  if (!load(onnx_in(x, n, 1), &start) || !load(onnx_in(x, n, 2), &end) || start.n != 1 || end.n != 1 || in->rank < 1)
    return 0;
  if (onnx_in(x, n, 3) && (!load(onnx_in(x, n, 3), &axis) || axis.n != 1 || (axis.v[0] != 0 && axis.v[0] != -in->rank)))
    return 0;
  if (!onnx_in(x, n, 4))
    step.v[0] = 1;
  else if (!load(onnx_in(x, n, 4), &step) || step.n != 1)
    return 0;
  const int64_t rows = in->dim[0], s = step.v[0];
  if (s == 0 || s > most || s < -most || !rows) return 0;
  const size_t row = in->n / (size_t)rows;
  const int64_t lowest = s < 0 ? -1 : 0, highest = s < 0 ? rows - 1 : rows;
  int64_t from = start.v[0] < -rows ? lowest : start.v[0] < 0 ? start.v[0] + rows : start.v[0];
  int64_t to = end.v[0] < -rows ? lowest : end.v[0] < 0 ? end.v[0] + rows : end.v[0];
  from = from > highest ? highest : from;
  to = to > highest ? highest : to;
  *a = *in;
  a->n = 0;
  a->dim[0] = 0;
  for (int64_t r = from; s > 0 ? r < to : r > to; r += s) {
    if (r < 0 || r >= rows) return 0;
    memcpy(a->v + a->n, in->v + (size_t)r * row, row * sizeof *a->v);
    a->n += row;
    a->dim[0]++;
  }
  return 1;
}

static int fold_reshape(const struct ints *in, const struct ints *shape, struct ints *a) {
  if (shape->n > 2) return 0;
  *a = *in;
  a->rank = (int)shape->n;
  int64_t known = 1;
  int inferred = -1;
  for (int i = 0; i < a->rank; i++) {
    a->dim[i] = shape->v[i];
    if (a->dim[i] == -1 && inferred < 0)
      inferred = i;
    else if (a->dim[i] < 1 || a->dim[i] > most)
      return 0;
    else
      known *= a->dim[i];
  }
  if (inferred >= 0) a->dim[inferred] = (int64_t)in->n / known;
  return inferred >= 0 ? (int64_t)in->n % known == 0 : (int64_t)in->n == known;
}

static int fold_transpose(const struct ints *in, struct ints *a) {
  *a = *in;
  if (in->rank < 2) return 1;
  a->dim[0] = in->dim[1];
  a->dim[1] = in->dim[0];
  for (int64_t i = 0; i < in->dim[0]; i++)
    for (int64_t k = 0; k < in->dim[1]; k++) a->v[k * in->dim[0] + i] = in->v[i * in->dim[1] + k];
  return 1;
}

/* One number, float 0 where the node has none, in any shape. */
static int constant_of_shape(struct onnx_reader *x, const struct onnx_node *n, int *folded) {
  const Onnx__AttributeProto *value = onnx_attr(n, "value");
  struct onnx_const one = {.count = 1, .type = ONNX_FLOAT, .storage = ONNX_DOUBLES};
  struct onnx_const *c = tetra_arena_alloc(x->arena, 1, sizeof *c);
  struct ints shape;
  int rc;
  if (!c) return tetra_arena_failed(x->arena);
  if (!load(onnx_in(x, n, 0), &shape) || shape.n > ONNX_RANK_MAX) return TETRA_OK;
  if (value && value->t && (rc = onnx_const_init(&one, value->t, onnx_node_name(n), 0, x->arena->err))) return rc;
  if (one.count != 1) return onnx_broken(x, n, "its value has %zu numbers, must be one", one.count);
  const int real = one.type == ONNX_FLOAT || one.type == ONNX_FLOAT16 || one.type == ONNX_DOUBLE;
  *c = (struct onnx_const){.count = 1, .type = one.type, .storage = real ? ONNX_DOUBLES : ONNX_FOLDED};
  c->shape.rank = (int)shape.n;
  for (size_t k = 0; k < shape.n; k++) {
    const int64_t d = c->shape.dim[k] = shape.v[k];
    if (d < 0 || d > INT32_MAX || (d && c->count > ((size_t)1 << 40) / (size_t)d))
      return onnx_broken(x, n, "dimension %zu is %lld", k, (long long)d);
    c->count *= (size_t)d;
  }
  double *v = tetra_arena_alloc(x->arena, c->count + 1, sizeof *v);
  if (!v) return tetra_arena_failed(x->arena);
  for (size_t i = 0; i < c->count; i++) {
    const int64_t whole = real ? 0 : onnx_const_int(&one, 0);
    if (real)
      v[i] = one.data ? onnx_const_real(&one, 0) : 0;
    else
      memcpy(&v[i], &whole, sizeof whole);
  }
  c->data = v;
  onnx_out(x, n, 0)->kind = ONNX_CONSTANT;
  onnx_out(x, n, 0)->c = c;
  *folded = 1;
  return TETRA_OK;
}

/* One element against one, or against many. Operands stay below 2^31, so that nothing overflows. */
static int fold_arithmetic(const char *op, const struct ints *p, const struct ints *q, struct ints *a) {
  if (p->n != q->n && p->n != 1 && q->n != 1) return 0;
  *a = p->n >= q->n ? *p : *q;
  for (size_t i = 0; i < a->n; i++) {
    const int64_t u = p->v[p->n == 1 ? 0 : i], v = q->v[q->n == 1 ? 0 : i];
    if (u > INT32_MAX || u < INT32_MIN || v > INT32_MAX || v < INT32_MIN || (*op == 'D' && v == 0)) return 0;
    a->v[i] = *op == 'A' ? u + v : *op == 'S' ? u - v : *op == 'M' ? u * v : u / v;
  }
  return 1;
}

/* Constant: a tensor, or plain numbers. */
static int constant(struct onnx_reader *x, const struct onnx_node *n, int *folded) {
  const Onnx__AttributeProto *a = onnx_attr(n, "value");
  struct onnx_tensor *out = onnx_out(x, n, 0);
  struct onnx_const *c = tetra_arena_alloc(x->arena, 1, sizeof *c);
  if (!c) return tetra_arena_failed(x->arena);
  if (a && a->t && !onnx_is_read_type(a->t->data_type))
    return onnx_refuse(x, n, "element type %s; read are " ONNX_READ_TYPES, onnx_type_name(a->t->data_type));
  if (a && a->t) {
    const int rc = onnx_const_init(c, a->t, onnx_node_name(n), 0, x->arena->err);
    if (rc) return rc;
  } else if ((a = onnx_attr(n, "value_int")) && a->has_i) {
    *c = (struct onnx_const){.count = 1, .type = ONNX_INT64, .storage = ONNX_INT64S, .data = &a->i};
  } else if ((a = onnx_attr(n, "value_float")) && a->has_f) {
    *c = (struct onnx_const){.count = 1, .type = ONNX_FLOAT, .storage = ONNX_FLOATS, .data = &a->f};
  } else if ((a = onnx_attr(n, "value_ints"))) {
    *c = (struct onnx_const){.count = a->n_ints, .type = ONNX_INT64, .storage = ONNX_INT64S, .data = a->ints};
    c->shape.rank = 1;
    c->shape.dim[0] = (int64_t)a->n_ints;
  } else if ((a = onnx_attr(n, "value_floats"))) {
    *c = (struct onnx_const){.count = a->n_floats, .type = ONNX_FLOAT, .storage = ONNX_FLOATS, .data = a->floats};
    c->shape.rank = 1;
    c->shape.dim[0] = (int64_t)a->n_floats;
  } else {
    return TETRA_OK;
  }
  out->kind = ONNX_CONSTANT;
  out->c = c;
  *folded = 1;
  return TETRA_OK;
}

static int fold(struct onnx_reader *x, const struct onnx_node *n, struct ints *a) {
  const char *op = onnx_op_type(n);
  struct ints p, q;
  if (!strcmp(op, "Shape"))
    return n->n_in == 1 && onnx_in(x, n, 0) && !onnx_attr(n, "start") && !onnx_attr(n, "end") &&
           fold_shape(onnx_in(x, n, 0), a);
  if (!strcmp(op, "Concat")) return fold_concat(x, n, a);
  if (!load(onnx_in(x, n, 0), &p)) return 0;
  const int second = load(onnx_in(x, n, 1), &q);
  if (!strcmp(op, "Gather")) return second && fold_gather(n, &p, &q, a);
  if (!strcmp(op, "Slice")) return fold_slice(x, n, &p, a);
  if (!strcmp(op, "Reshape")) return second && fold_reshape(&p, &q, a);
  if (!strcmp(op, "Transpose")) return fold_transpose(&p, a);
  *a = p;
  if (!strcmp(op, "Cast")) return onnx_attr_int(n, "to", 0) == ONNX_INT64 || onnx_attr_int(n, "to", 0) == ONNX_INT32;
  if (!strcmp(op, "Identity")) return 1;
  if (!strcmp(op, "Unsqueeze") && p.rank == 0) {
    vector(a, p.n);
    return 1;
  }
  if (!strcmp(op, "Squeeze") && p.n == 1) {
    a->rank = 0;
    return 1;
  }
  if (!strcmp(op, "Add") || !strcmp(op, "Sub") || !strcmp(op, "Mul") || !strcmp(op, "Div"))
    return second && fold_arithmetic(op, &p, &q, a);
  return 0;
}

int onnx_fold(struct onnx_reader *x, const struct onnx_node *n, int *folded) {
  struct ints a;
  *folded = 0;
  if (!strcmp(onnx_op_type(n), "Constant")) return constant(x, n, folded);
  if (!strcmp(onnx_op_type(n), "ConstantOfShape")) return constant_of_shape(x, n, folded);
  *folded = fold(x, n, &a);
  return *folded ? store(x, n, &a) : TETRA_OK;
}
