/* Element by element in float networks: factors and constants go into the convolution before them where they can. */
#include <math.h>

#include "onnx/file/const.h"
#include "onnx/float/float_node.h"
#include "onnx/ops/pointwise.h"
#include "onnx/ops/shape.h"
#include "onnx/steps.h"
#include "onnx/file/view.h"

/* Does t's node alone give it, to n alone, and is it one that takes a factor and a constant for each channel? */
static struct tetra_float_node *open_node(const struct onnx_reader *x, const struct onnx_tensor *t) {
  struct tetra_float_graph *g = x->floats;
  const struct tetra_float_value *v = &g->values[t->view.value];
  struct tetra_float_node *f = v->producer < 0 ? NULL : &g->nodes[v->producer];
  const int takes = f && (f->kind == TETRA_FLOAT_CONV || f->kind == TETRA_FLOAT_AFFINE);
  return takes && !v->n_uses && t->n_uses == 1 ? f : NULL;
}

static void scale(struct tetra_float_node *f, const double *gain, const double *shift) {
  const size_t k = tetra_window_elements(&f->win, f->cin);
  for (int c = 0; c < f->cout; c++) {
    for (size_t i = 0; i < k; i++) f->w[(size_t)c * k + i] = (float)((double)f->w[(size_t)c * k + i] * gain[c]);
    f->bias[c] = f->bias[c] * gain[c] + shift[c];
  }
}

/* t * 1 + 0, a node of its own. */
static struct tetra_float_node *identity(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                         int before) {
  struct tetra_float_node *f = onnx_float_add(x, n, TETRA_FLOAT_AFFINE, t->view.value, -1, before);
  f->cin = 1;
  f->cout = t->c_;
  f->dense = t->rank != 4;
  f->w = tetra_arena_alloc(x->arena, (size_t)t->c_, sizeof *f->w);
  f->bias = tetra_arena_alloc(x->arena, (size_t)t->c_, sizeof *f->bias);
  if (!f->w || !f->bias) return NULL;
  for (int c = 0; c < t->c_; c++) f->w[c] = 1;
  return f;
}

/* What a batch norm has said of a value that is scaled since. */
static void scale_statistics(struct tetra_float_value *v, const double *gain, const double *shift) {
  for (int c = 0; v->mean && c < v->c; c++) {
    v->mean[c] = v->mean[c] * gain[c] + shift[c];
    v->sd[c] *= fabs(gain[c]);
  }
}

/* out = t * gain + shift per channel; a node that takes it is then also called out. */
static int affine(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t, const double *gain,
                  const double *shift) {
  struct tetra_float_node *f = open_node(x, t);
  int rc;
  if (f) {
    scale(f, gain, shift);
    scale_statistics(&x->floats->values[f->out], gain, shift);
    if ((rc = onnx_float_finite(x, n, f))) return rc;
    import_name(x->floats->values[f->out].name, onnx_out(x, n, 0)->name);
    onnx_inherit(onnx_out(x, n, 0), t);
    return TETRA_OK;
  }
  f = identity(x, n, t, 0);
  if (!f) return tetra_arena_failed(x->arena);
  scale(f, gain, shift);
  rc = onnx_float_finite(x, n, f);
  return rc ? rc : onnx_float_finish(x, n, f, t->rank);
}

/* c of each, or NULL. */
static double *fill(struct onnx_reader *x, const struct onnx_tensor *t, double v) {
  double *p = tetra_arena_alloc(x->arena, (size_t)t->c_, sizeof *p);
  for (int i = 0; p && i < t->c_; i++) p[i] = v;
  return p;
}

/* A batch norm's result has the mean beta and the standard deviation |gamma|. */
static int note_statistics(struct onnx_reader *x, const struct onnx_node *n) {
  struct tetra_float_value *v = &x->floats->values[onnx_out(x, n, 0)->view.value];
  const struct onnx_const *gamma, *beta;
  int rc = onnx_need_const(x, n, 1, &gamma);
  if (rc || (rc = onnx_need_const(x, n, 2, &beta))) return rc;
  v->mean = tetra_arena_alloc(x->arena, (size_t)v->c, sizeof *v->mean);
  v->sd = tetra_arena_alloc(x->arena, (size_t)v->c, sizeof *v->sd);
  if (!v->mean || !v->sd) return tetra_arena_failed(x->arena);
  for (int c = 0; c < v->c; c++) {
    v->mean[c] = onnx_const_real(beta, (size_t)c);
    v->sd[c] = fabs(onnx_const_real(gamma, (size_t)c));
  }
  return TETRA_OK;
}

int onnx_float_batchnorm(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  double *gain, *shift;
  int rc = onnx_float_need(x, n, t);
  if (rc || (rc = onnx_batchnorm_factors(x, n, t, &gain, &shift)) || (rc = affine(x, n, t, gain, shift))) return rc;
  return note_statistics(x, n);
}

/* The network's input, channels last so far, and a constant for each of these: a step that waits for the Transpose. */
static int waits(const struct onnx_reader *x, const struct onnx_tensor *t, const struct onnx_tensor *c) {
  const struct onnx_shape *s = &c->c->shape;
  if (t->kind != ONNX_PLAIN || t->view.value != x->floats->input || !t->linear || t->rank != 4 || c->c->count < 2)
    return 0;
  for (int k = 0; k < s->rank - 1; k++)
    if (s->dim[k] != 1) return 0;
  return s->dim[s->rank - 1] == t->w;
}

/* The steps that have waited for n, which turns the network's input round, become a node; n's output is its result. */
static int finish_steps(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_tensor *t = onnx_out(x, n, 0);
  struct onnx_step *steps = t->steps, *forward = NULL;
  t->steps = NULL;
  if (!steps) return TETRA_OK;
  while (steps) { /* the first one first */
    struct onnx_step *const before = steps->before;
    steps->before = forward;
    forward = steps;
    steps = before;
  }
  double *gain = fill(x, t, 1), *shift = fill(x, t, 0);
  if (!gain || !shift) return tetra_arena_failed(x->arena);
  for (const struct onnx_step *s = forward; s; s = s->before)
    for (int c = 0; c < t->c_; c++) {
      const double v = (double)s->v[s->axis ? c : 0];
      const int adds = s->kind == TETRA_STEP_ADD || s->kind == TETRA_STEP_SUB || s->kind == TETRA_STEP_SUB_FROM;
      const double factor = s->kind == TETRA_STEP_SUB_FROM ? -1
                            : s->kind == TETRA_STEP_MUL    ? v
                            : s->kind == TETRA_STEP_DIV    ? 1 / v
                                                           : 1;
      gain[c] *= factor;
      shift[c] = shift[c] * factor + (!adds ? 0 : s->kind == TETRA_STEP_SUB ? -v : v);
    }
  struct onnx_tensor in = *t;
  struct tetra_float_node *f = identity(x, n, &in, 0);
  if (!f) return tetra_arena_failed(x->arena);
  scale(f, gain, shift);
  const int rc = onnx_float_finite(x, n, f);
  return rc ? rc : onnx_float_finish(x, n, f, 4);
}

int onnx_float_transpose(struct onnx_reader *x, const struct onnx_node *n) {
  const int rc = onnx_transpose(x, n);
  return rc || onnx_in(x, n, 0)->kind == ONNX_CONSTANT ? rc : finish_steps(x, n);
}

/* out = constant + sign * t, or t + sign * constant. */
static int add_const(struct onnx_reader *x, const struct onnx_node *n, double sign) {
  const struct onnx_tensor *a = onnx_in(x, n, 0), *b = onnx_in(x, n, 1);
  const int const_first = a->kind == ONNX_CONSTANT;
  const struct onnx_tensor *t = const_first ? b : a;
  double *shift, *gain;
  if (waits(x, t, const_first ? a : b))
    return onnx_input_step(x, n, t, const_first ? a : b,
                           sign > 0      ? TETRA_STEP_ADD
                           : const_first ? TETRA_STEP_SUB_FROM
                                         : TETRA_STEP_SUB,
                           onnx_out(x, n, 0));
  int rc = onnx_float_need(x, n, t);
  if (rc || (rc = onnx_per_channel(x, n, const_first ? a : b, t, &shift))) return rc;
  gain = fill(x, t, const_first ? sign : 1);
  if (!gain) return tetra_arena_failed(x->arena);
  for (int i = 0; !const_first && i < t->c_; i++) shift[i] *= sign;
  return affine(x, n, t, gain, shift);
}

static int same_shape(const struct onnx_tensor *a, const struct onnx_tensor *b) {
  return a->rank == b->rank && a->h == b->h && a->w == b->w && a->c_ == b->c_ && a->flat == b->flat;
}

/* Adds all tensors that n reads, one after another; `more` nodes follow before n's output. */
static int sum_of(struct onnx_reader *x, const struct onnx_node *n, int more) {
  const struct onnx_tensor *a = NULL;
  int sum = -1, left = more;
  struct tetra_float_node *f = NULL;
  for (int i = 0; i < n->n_in; i++) left += onnx_in(x, n, i)->kind != ONNX_CONSTANT;
  for (int i = 0; i < n->n_in; i++) {
    const struct onnx_tensor *t = onnx_in(x, n, i);
    if (t->kind == ONNX_CONSTANT) continue;
    const int rc = onnx_float_need(x, n, t);
    if (rc) return rc;
    left--;
    if (a && !same_shape(a, t)) return onnx_refuse(x, n, "operands of different shapes");
    if (!a) {
      a = t;
      sum = t->view.value;
      continue;
    }
    f = onnx_float_add(x, n, TETRA_FLOAT_ADD, sum, t->view.value, left);
    if (!tetra_float_shape(x->floats, f)) return onnx_broken(x, n, "its operands do not fit");
    sum = f->out;
  }
  if (f) return onnx_float_finish(x, n, f, a->rank);
  onnx_inherit(onnx_out(x, n, 0), a);
  return TETRA_OK;
}

/* The tensors' sum, then the constants'. */
static int sum_with_constants(struct onnx_reader *x, const struct onnx_node *n) {
  int rc = sum_of(x, n, 1);
  if (rc) return rc;
  const struct onnx_tensor t = *onnx_out(x, n, 0);
  double *gain = fill(x, &t, 1), *shift = fill(x, &t, 0), *v;
  struct tetra_float_node *f = identity(x, n, &t, 0);
  if (!gain || !shift || !f) return tetra_arena_failed(x->arena);
  for (int i = 0; i < n->n_in; i++) {
    if (onnx_in(x, n, i)->kind != ONNX_CONSTANT) continue;
    if ((rc = onnx_per_channel(x, n, onnx_in(x, n, i), &t, &v))) return rc;
    for (int c = 0; c < t.c_; c++) shift[c] += v[c];
  }
  scale(f, gain, shift);
  rc = onnx_float_finite(x, n, f);
  return rc ? rc : onnx_float_finish(x, n, f, t.rank);
}

/* One after another. */
int onnx_float_sum(struct onnx_reader *x, const struct onnx_node *n) {
  int constants = 0;
  for (int i = 0; i < n->n_in; i++) {
    if (!onnx_in(x, n, i)) return onnx_broken(x, n, "input %d is missing", i);
    constants += onnx_in(x, n, i)->kind == ONNX_CONSTANT;
  }
  if (n->n_in == 2 && constants == 1) return add_const(x, n, 1);
  if (constants == n->n_in) return onnx_refuse(x, n, "calculates with constants only");
  return constants ? sum_with_constants(x, n) : sum_of(x, n, 0);
}

int onnx_float_sub(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *a = onnx_in(x, n, 0), *b = onnx_in(x, n, 1);
  if ((a->kind == ONNX_CONSTANT) != (b->kind == ONNX_CONSTANT)) return add_const(x, n, -1);
  int rc = onnx_float_need(x, n, a);
  if (rc || (rc = onnx_float_need(x, n, b))) return rc;
  if (!same_shape(a, b)) return onnx_refuse(x, n, "operands of different shapes");
  struct tetra_float_node *minus = identity(x, n, b, 1);
  if (!minus) return tetra_arena_failed(x->arena);
  for (int c = 0; c < b->c_; c++) minus->w[c] = -1;
  tetra_float_shape(x->floats, minus);
  return onnx_float_finish(x, n, onnx_float_add(x, n, TETRA_FLOAT_ADD, a->view.value, minus->out, 0), a->rank);
}

static int multiply(struct onnx_reader *x, const struct onnx_node *n, int divide) {
  const struct onnx_tensor *a = onnx_in(x, n, 0), *b = onnx_in(x, n, 1);
  const int const_first = a->kind == ONNX_CONSTANT;
  if (const_first == (b->kind == ONNX_CONSTANT))
    return onnx_refuse(x, n, "%s of its operands are constants; exactly one must be", const_first ? "both" : "none");
  if (const_first && divide) return onnx_refuse(x, n, "divides a constant");
  const struct onnx_tensor *t = const_first ? b : a;
  double *gain, *shift;
  if (waits(x, t, const_first ? a : b))
    return onnx_input_step(x, n, t, const_first ? a : b, divide ? TETRA_STEP_DIV : TETRA_STEP_MUL, onnx_out(x, n, 0));
  int rc = onnx_float_need(x, n, t);
  if (rc || (rc = onnx_per_channel(x, n, const_first ? a : b, t, &gain))) return rc;
  for (int i = 0; divide && i < t->c_; i++) gain[i] = 1 / gain[i];
  shift = fill(x, t, 0);
  return shift ? affine(x, n, t, gain, shift) : tetra_arena_failed(x->arena);
}

int onnx_float_mul(struct onnx_reader *x, const struct onnx_node *n) { return multiply(x, n, 0); }
int onnx_float_div(struct onnx_reader *x, const struct onnx_node *n) { return multiply(x, n, 1); }

int onnx_float_neg(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  const int rc = onnx_float_need(x, n, t);
  if (rc) return rc;
  double *gain = fill(x, t, -1), *shift = fill(x, t, 0);
  return gain && shift ? affine(x, n, t, gain, shift) : tetra_arena_failed(x->arena);
}

static int clamp(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t, double lo, double hi) {
  const int rc = onnx_float_need(x, n, t);
  if (rc) return rc;
  struct tetra_float_node *f = onnx_float_add(x, n, TETRA_FLOAT_CLAMP, t->view.value, -1, 0);
  f->lo = lo;
  f->hi = hi;
  return onnx_float_finish(x, n, f, t->rank);
}

int onnx_float_relu(struct onnx_reader *x, const struct onnx_node *n) {
  return clamp(x, n, onnx_in(x, n, 0), 0, INFINITY);
}

int onnx_float_clip(struct onnx_reader *x, const struct onnx_node *n) {
  double bound[2];
  const int rc = onnx_clip_bounds(x, n, bound);
  return rc ? rc : clamp(x, n, onnx_in(x, n, 0), bound[0], bound[1]);
}

static int extreme(struct onnx_reader *x, const struct onnx_node *n, int sign) {
  const struct onnx_tensor *t;
  double bound;
  const int rc = onnx_extreme_bound(x, n, sign, &t, &bound);
  return rc ? rc : clamp(x, n, t, sign > 0 ? bound : -INFINITY, sign > 0 ? INFINITY : bound);
}

int onnx_float_min(struct onnx_reader *x, const struct onnx_node *n) { return extreme(x, n, -1); }
int onnx_float_max(struct onnx_reader *x, const struct onnx_node *n) { return extreme(x, n, 1); }
