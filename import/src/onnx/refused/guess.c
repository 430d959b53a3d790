/* Nodes behind a refused one: as far as they can be judged without what is missing, they are, so that a file's
 * refusals are known all at once. */
#include <string.h>

#include "onnx/file/const.h"
#include "onnx/emit.h"
#include "onnx/refused/guess.h"
#include "onnx/refused/guess_shape.h"
#include "onnx/file/view.h"

/* What takes the place of poisoned inputs: of computed ones, and of constants. */
struct guise {
  enum onnx_kind computed;
  int type;        /* of constants */
  int dequantized; /* they are codes, dequantized */
};

static int starts_with(const char *s, const char *with) { return !strncmp(s, with, strlen(with)); }

static int reads_codes(const char *op) {
  return starts_with(op, "QLinear") || !strcmp(op, "QGemm") || !strcmp(op, "ConvInteger") ||
         !strcmp(op, "MatMulInteger") || !strcmp(op, "DequantizeLinear");
}

/* Operations behind which the codes' scale is known whatever is in front of them. */
static int quantizes(const char *op) {
  return starts_with(op, "QLinear") || !strcmp(op, "QuantizeLinear") || !strcmp(op, "Quant") ||
         !strcmp(op, "IntQuant") || !strcmp(op, "QGemm");
}

const struct onnx_const *onnx_ones(struct onnx_reader *x, const struct onnx_shape *s, int type) {
  struct onnx_const *c = tetra_arena_alloc(x->arena, 1, sizeof *c);
  if (!c) return NULL;
  c->shape = *s;
  c->type = type;
  c->storage = ONNX_ONES;
  c->count = 1;
  for (int k = 0; k < s->rank; k++) {
    if (s->dim[k] < 0 || (s->dim[k] && c->count > ((size_t)1 << 40) / (size_t)s->dim[k])) return NULL;
    c->count *= (size_t)s->dim[k];
  }
  /* No memory, but time: who reads all of them may do so only as often as if the file had them. */
  return tetra_arena_charge(x->arena, c->count, 1) ? NULL : c;
}

/* Where the node reads input i as codes, the inputs that have their scale and zero point; -1: none. */
static void codes_of(const struct onnx_node *n, int i, int *scale, int *zp) {
  const char *op = onnx_op_type(n);
  const int integer = !strcmp(op, "ConvInteger") || !strcmp(op, "MatMulInteger");
  *scale = integer ? -1 : i + 1;
  *zp = integer ? 2 : i + 2;
  if (!reads_codes(op)) *scale = *zp = -1;
}

/* A value of the graph that input i could be. */
static int make_value(struct onnx_reader *x, const struct onnx_node *n, int i, enum onnx_kind kind,
                      struct onnx_tensor *t) {
  int at[2], value;
  codes_of(n, i, &at[0], &at[1]);
  const struct onnx_tensor *zp = at[1] >= 0 ? onnx_in(x, n, at[1]) : NULL, *scale = onnx_in(x, n, 1);
  struct tetra_desc d = {t->n, t->h, t->w, t->c_, TETRA_U8, 0, 1.0 / 32};
  if (kind == ONNX_CODES && zp && zp->kind == ONNX_CONSTANT && zp->c->count && onnx_is_code_type(zp->c->type)) {
    d.fmt = onnx_fmt(zp->c->type);
    d.zero_point = (int)onnx_const_int(zp->c, 0);
  }
  /* In front of a quantization its own scale, so that nothing is out of range. */
  if (kind == ONNX_REAL && quantizes(onnx_op_type(n)) && scale && scale->kind == ONNX_CONSTANT && scale->c->count)
    d.scale = onnx_const_real(scale->c, 0);
  if (!(d.scale > 0 && d.scale < 1e30)) d.scale = 1;
  const int rc = onnx_add_value(x, t->name, &d, &value);
  if (rc) return rc;
  struct onnx_view v;
  onnx_view_whole(x, &v, value);
  onnx_set_view(t, kind, &v, t);
  return TETRA_OK;
}

/* The same of a float network. */
static void make_plain(struct onnx_reader *x, struct onnx_tensor *t) {
  struct tetra_float_graph *g = x->floats;
  struct tetra_float_value *v =
      &g->values[tetra_float_graph_add(g, TETRA_FLOAT_CLAMP, "guess", "guess", g->input, -1)->out];
  v->h = t->h;
  v->w = t->w;
  v->c = t->c_;
  v->flat = t->flat;
  t->kind = ONNX_PLAIN;
  t->steps = NULL;
  t->view.value = g->nodes[v->producer].out;
}

static int make_constant(struct onnx_reader *x, const struct guise *as, struct onnx_tensor *t) {
  static const struct onnx_shape scalar = {0, {0}};
  const struct onnx_const *c = onnx_ones(x, &t->c->shape, as->type);
  if (!c) return tetra_arena_failed(x->arena);
  t->kind = ONNX_CONSTANT;
  t->c = c;
  t->c_zp = NULL;
  t->c_scale = NULL;
  t->c_axis = t->c_transposed = 0;
  if (!as->dequantized) return TETRA_OK;
  t->c_scale = onnx_ones(x, &scalar, ONNX_FLOAT);
  return t->c_scale ? TETRA_OK : tetra_arena_failed(x->arena);
}

/* Where not even the shape is known: one that fits the node's constants or its other operand. */
static void fit_shape(const struct onnx_reader *x, const struct onnx_node *n, int other_rank, struct onnx_tensor *t) {
  const char *op = onnx_op_type(n);
  const struct onnx_tensor *w =
      onnx_in(x, n, (starts_with(op, "QLinear") && strcmp(op, "QLinearAdd")) || !strcmp(op, "QGemm") ? 3 : 1);
  const struct onnx_shape *s = w && w->c ? &w->c->shape : NULL;
  if (other_rank) t->rank = t->rank == 4 ? 2 : 4;
  t->flat = 0;
  if (t->rank == 2) t->h = t->w = 1;
  if (!s && w && w->kind != ONNX_POISON) { /* another tensor */
    t->rank = w->rank;
    t->h = w->h;
    t->w = w->w;
    t->c_ = w->c_;
    t->flat = w->flat;
  }
  if (!s || s->rank < 1) return;
  int64_t c = t->c_;
  if (strstr(op, "Conv") && s->rank == 4) {
    const int64_t group = onnx_attr_int(n, "group", 1);
    c = group > 0 && group <= ONNX_DIM_MAX && s->dim[1] <= ONNX_DIM_MAX ? s->dim[1] * group : c;
    t->rank = 4;
    t->h = t->w = TETRA_WINDOW_MAX;
  } else if ((strstr(op, "Gemm") || strstr(op, "MatMul")) && s->rank == 2) {
    const int rows_are_outputs = (onnx_attr_int(n, "transB", 0) != 0) ^ w->c_transposed;
    c = s->dim[rows_are_outputs ? 1 : 0];
    t->rank = 2;
    t->h = t->w = 1;
  } else if (!strcmp(op, "BatchNormalization")) {
    c = s->dim[0];
  } else if (w->c->count > 1) {
    for (int k = 0; k < s->rank; k++) c = s->dim[k] > 1 ? s->dim[k] : c;
    t->rank = s->rank > 2 || !other_rank ? 4 : 2;
  }
  if (c >= 1 && c <= ONNX_DIM_MAX) t->c_ = (int)c;
}

/* Puts something readable in the place of every poisoned input. */
static int disguise(struct onnx_reader *x, const struct onnx_node *n, const struct guise *as, int other_rank) {
  int rc = TETRA_OK;
  for (int i = 0; rc == TETRA_OK && i < n->n_in; i++) {
    struct onnx_tensor *t = onnx_in(x, n, i);
    if (!onnx_is_poison(t)) continue;
    if (t->c) {
      rc = make_constant(x, as, t);
      continue;
    }
    if (t->known == ONNX_PLACE) fit_shape(x, n, other_rank, t);
    if (as->computed == ONNX_PLAIN)
      make_plain(x, t);
    else
      rc = make_value(x, n, i, as->computed, t);
  }
  return rc;
}

/* What one attempt found. */
struct found {
  int rc;
  char reason[sizeof((struct tetra_refusal *)NULL)->reason];
};

/* One attempt; all but the node's outputs, if it succeeds, is as it was. */
static int try_as(struct onnx_reader *x, const struct onnx_node *n, onnx_attempt *attempt, const void *how,
                  const struct guise *as, int other_rank, struct found *f) {
  struct onnx_tensor *saved = tetra_arena_alloc(x->arena, (size_t)n->n_in + 1, sizeof *saved);
  if (!saved) return tetra_arena_failed(x->arena);
  for (int i = 0; i < n->n_in; i++)
    if (onnx_in(x, n, i)) saved[i] = *onnx_in(x, n, i);
  const struct tetra_error err = *x->arena->err;
  const int refusals = x->report->n_refusals;
  const struct tetra_float_graph *const floats = x->floats;
  const int nodes = floats ? floats->n_nodes : 0, values = floats ? floats->n_values : 0;
  f->rc = disguise(x, n, as, other_rank);
  if (f->rc == TETRA_OK) f->rc = attempt(x, n, how);
  f->reason[0] = 0;
  if (f->rc == ONNX_REFUSED && x->report->n_refusals > refusals)
    memcpy(f->reason, x->report->refusals[x->report->n_refusals - 1].reason, sizeof f->reason);
  for (int i = n->n_in - 1; i >= 0; i--)
    if (onnx_in(x, n, i)) *onnx_in(x, n, i) = saved[i];
  x->report->n_refusals = refusals;
  if (f->rc == TETRA_OK) return TETRA_OK;
  if (floats && x->floats == floats) {
    x->floats->n_nodes = nodes;
    x->floats->n_values = values;
  }
  if (f->rc == TETRA_ENOMEM) return TETRA_ENOMEM;
  *x->arena->err = err;
  return TETRA_OK;
}

/* Operations whose refusals, where they are the same for different shapes, have nothing to do with the shape. */
static int is_judged_by_itself(const char *op) {
  static const char *const ops[] = {
      "Conv",         "Gemm",           "MatMul",      "BatchNormalization", "Clip",  "MaxPool",   "Mul",
      "Div",          "QuantizeLinear", "Quant",       "AveragePool",        "QGemm", "Transpose", "IntQuant",
      "BipolarQuant", "Dropout",        "ConvInteger", "MatMulInteger",      "Cast",  "ReduceMean"};
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
    if (!strcmp(op, ops[i])) return 1;
  return starts_with(op, "QLinear");
}

int onnx_is_other_half(const struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  return onnx_is_poison(t) && t->producer >= 0 && !strcmp(onnx_op_type(n), "DequantizeLinear") &&
         !strcmp(onnx_op_type(&x->nodes[t->producer]), "QuantizeLinear");
}

/* Nothing is known of one of the inputs, or of what stands behind a refused quantization there is nothing more to say.
 */
static int says_nothing(const struct onnx_reader *x, const struct onnx_node *n, enum onnx_known *least) {
  *least = ONNX_SHAPE;
  for (int i = 0; i < n->n_in; i++) {
    const struct onnx_tensor *t = onnx_in(x, n, i);
    if (!onnx_is_poison(t)) continue;
    if (t->known < *least) *least = t->known;
  }
  return *least == ONNX_NOTHING || onnx_is_other_half(x, n);
}

/* What a successful attempt leaves: what is known of its inputs is known of the outputs, unless it quantizes. */
static void keep(const struct onnx_reader *x, const struct onnx_node *n, enum onnx_known least) {
  if (least == ONNX_SHAPE && quantizes(onnx_op_type(n))) return;
  for (int k = 0; k < n->n_out; k++) {
    struct onnx_tensor *t = onnx_out(x, n, k);
    const int is_shape = t && t->kind == ONNX_CONSTANT && !strcmp(onnx_op_type(n), "Shape");
    if (!t || (is_shape && least == ONNX_SHAPE)) continue;
    t->c = t->kind == ONNX_CONSTANT && !is_shape ? t->c : NULL;
    t->kind = ONNX_POISON;
    t->known = k == 0 && !is_shape ? least : ONNX_NOTHING;
  }
}

int onnx_guess(struct onnx_reader *x, const struct onnx_node *n, onnx_attempt *attempt, const void *how) {
  static const struct guise plain = {ONNX_PLAIN, ONNX_FLOAT, 0}, real = {ONNX_REAL, ONNX_INT8, 1},
                            codes = {ONNX_CODES, ONNX_INT8, 0}, floats = {ONNX_REAL, ONNX_FLOAT, 0};
  const int is_float_net = x->floats && !x->tail, integer = reads_codes(onnx_op_type(n));
  const struct guise *as[4];
  int n_as = 0;
  enum onnx_known least;
  if (says_nothing(x, n, &least)) return ONNX_REFUSED;
  if (x->floats && (is_float_net || n->in_tail)) as[n_as++] = &plain;
  if (!is_float_net) {
    as[n_as++] = integer ? &codes : &real;
    as[n_as++] = integer ? &real : &codes;
    as[n_as++] = &floats;
  }
  const int shapes = least == ONNX_PLACE ? 2 : 1;
  struct found first[2] = {{0}};
  for (int i = 0; i < n_as; i++)
    for (int k = 0; k < shapes; k++) {
      struct found f;
      const int rc = try_as(x, n, attempt, how, as[i], k, &f);
      if (rc) return rc;
      if (f.rc == TETRA_OK) {
        keep(x, n, least);
        return TETRA_OK;
      }
      if (i == 0) first[k] = f;
    }
  if (!first[0].reason[0]) return ONNX_REFUSED;
  if (shapes == 2 && (!is_judged_by_itself(onnx_op_type(n)) || strcmp(first[0].reason, first[1].reason)))
    return ONNX_REFUSED;
  return onnx_refuse(x, n, "%s", first[0].reason);
}

/* A constant's shape, of a refused node that reads only constants; NULL: none is known. */
static const struct onnx_shape *constant_shape(const struct onnx_reader *x, const struct onnx_node *n) {
  static const char *const keep_it[] = {"DequantizeLinear", "QuantizeLinear", "Quant", "IntQuant",
                                        "BipolarQuant",     "Cast",           "Clip",  "Identity"};
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  if (!t || !t->c || (t->kind != ONNX_CONSTANT && t->kind != ONNX_POISON)) return NULL;
  for (size_t i = 0; i < sizeof keep_it / sizeof *keep_it; i++)
    if (!strcmp(onnx_op_type(n), keep_it[i])) return &t->c->shape;
  return NULL;
}

int onnx_guess_outputs(struct onnx_reader *x, const struct onnx_node *n) {
  for (int k = 0; k < n->n_out; k++) {
    struct onnx_tensor *t = onnx_out(x, n, k);
    if (!t) continue;
    t->kind = ONNX_POISON;
    t->known = ONNX_NOTHING;
    t->c = NULL;
    if (k) continue;
    const struct onnx_shape *s = constant_shape(x, n);
    if (s) t->c = onnx_ones(x, s, ONNX_FLOAT);
    t->known = t->c ? ONNX_SHAPE : onnx_guess_shape(x, n, t);
    if (t->known != ONNX_NOTHING && !t->c && (t->n < 1 || t->h < 1 || t->w < 1 || t->c_ < 1)) t->known = ONNX_NOTHING;
  }
  return TETRA_OK;
}
