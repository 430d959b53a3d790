/* Element by element: sums, factors, batch norms, clamps. */
#include <math.h>

#include "onnx/file/const.h"
#include "onnx/refused/deferred.h"
#include "onnx/emit.h"
#include "onnx/node.h"
#include "onnx/ops/pointwise.h"
#include "onnx/ops/quant.h"
#include "onnx/settle.h"
#include "onnx/steps.h"
#include "onnx/file/view.h"

/* A constant that broadcasts to one number per channel of t, as t->c_ numbers. */
int onnx_per_channel(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *c,
                     const struct onnx_tensor *t, double **v) {
  const struct onnx_shape *s = &c->c->shape;
  const int channel = s->rank - t->rank + (t->rank == 1 ? 0 : 1); /* of the constant's dimensions */
  int scalar = c->c->count == 1;
  for (int k = 0; k < s->rank; k++)
    if (s->dim[k] != 1 && (k != channel || s->dim[k] != t->c_ || t->flat))
      return onnx_refuse(x, n, "its constant must be one number, or one per channel");
  if (!c->c->count || c->c_transposed) return onnx_refuse(x, n, "its constant must be one number, or one per channel");
  *v = tetra_arena_alloc(x->arena, (size_t)t->c_, sizeof **v);
  if (!*v) return tetra_arena_failed(x->arena);
  for (int i = 0; i < t->c_; i++) (*v)[i] = onnx_tensor_real(c, scalar ? 0 : (size_t)i);
  return TETRA_OK;
}

/* Codes that only factors and constants of their channels are applied to. */
static int is_scaled(const struct onnx_reader *x, const struct onnx_tensor *t) {
  const struct onnx_deferred *p = t->deferred;
  return p && p->kind == ONNX_COPY && !p->has_res && !t->pool && isinf(t->lo) && isinf(t->hi) &&
         onnx_view_is_whole(x, &p->in);
}

/* Channels with a factor below 0. */
static int negative_factors(const struct onnx_tensor *t) {
  int count = 0;
  for (int c = 0; c < t->c_; c++) count += t->deferred->mult[c] < 0;
  return count;
}

/* Residuals enter one op beside its own sum. Which of two operands is the op: one that is not quantized yet, else one
 * that must be copied anyhow. */
static int rank_as_op(const struct onnx_reader *x, const struct onnx_tensor *t) {
  if (!t->deferred) return !onnx_view_is_whole(x, &t->view);
  return !is_scaled(x, t) ? 4 : negative_factors(t) ? 3 : 2;
}

/* *v = the codes of which t is factors below 0, the other way round: the same numbers with the sign changed, exactly.
 */
static int negate(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t, struct onnx_view *v) {
  const struct onnx_view *in = &t->deferred->in;
  struct onnx_deferred *p = onnx_deferred_clone(x, n, t->deferred);
  if (!p) return tetra_arena_failed(x->arena);
  const enum tetra_fmt fmt = x->m->graph.values[in->value].d.fmt;
  const struct onnx_q q = onnx_all_codes(fmt, in->scale, tetra_fmt_min(fmt) + tetra_fmt_max(fmt) - in->zp);
  int value;
  for (int c = 0; c < p->c; c++) {
    p->mult[c] = -in->scale;
    p->offset[c] = 0;
  }
  p->suffix = ".minus";
  const int rc = onnx_emit(x, n, p, &q, -INFINITY, INFINITY, t->name, &value);
  if (rc == TETRA_OK) onnx_view_whole(x, v, value);
  return rc;
}

/* Operand t as a residual: *v, times *mult for each channel, plus *offset (or NULL). */
static int need_residual(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t, struct onnx_view *v,
                         double **mult, const double **offset) {
  const int scaled = is_scaled(x, t), negative = scaled ? negative_factors(t) : 0;
  int rc = scaled ? TETRA_OK : onnx_need_view(x, n, t, ONNX_REAL, 0);
  if (rc) return rc;
  if (negative && negative < t->c_)
    return onnx_refuse(x, n,
                       "what is added has factors of both signs: insert a QuantizeLinear and a DequantizeLinear "
                       "behind them");
  *mult = tetra_arena_alloc(x->arena, (size_t)t->c_, sizeof **mult);
  if (!*mult) return tetra_arena_failed(x->arena);
  for (int c = 0; c < t->c_; c++) (*mult)[c] = scaled ? fabs(t->deferred->mult[c]) : t->view.scale;
  *offset = scaled ? t->deferred->offset : NULL;
  *v = scaled ? t->deferred->in : t->view;
  return negative ? negate(x, n, t, v) : TETRA_OK;
}

static int join(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *a, struct onnx_tensor *b,
                struct onnx_tensor *out) {
  if (rank_as_op(x, a) > rank_as_op(x, b)) {
    struct onnx_tensor *const swap = a;
    a = b;
    b = swap;
  }
  /* b is the op, a the residual. */
  if (a->deferred && !is_scaled(x, a))
    return onnx_refuse(x, n,
                       "adds two results of which neither is quantized: insert a QuantizeLinear and a DequantizeLinear "
                       "behind one");
  struct onnx_view v;
  double *mult = NULL;
  const double *offset = NULL;
  int rc = need_residual(x, n, a, &v, &mult, &offset);
  if (rc) return rc;
  if (b->deferred && (!isinf(b->lo) || !isinf(b->hi) || b->pool || b->deferred->has_res))
    return onnx_refuse(x, n, "a clamp, max-pool or sum before it that nothing quantizes");
  if (!b->deferred && (!isinf(b->lo) || !isinf(b->hi)) && (rc = onnx_need_view(x, n, b, ONNX_REAL, 0))) return rc;
  if ((rc = onnx_affine(x, n, b, NULL, NULL, out))) return rc; /* an op of its own */
  struct onnx_deferred *p = out->deferred;
  if (p->kind == ONNX_COPY) p->name = onnx_node_name(n);
  p->has_res = 1;
  p->res = v;
  p->res_mult = mult;
  for (int i = 0; offset && i < p->c; i++) p->offset[i] += offset[i];
  return TETRA_OK;
}

static int same_shape(const struct onnx_tensor *a, const struct onnx_tensor *b) {
  return a->rank == b->rank && a->flat == b->flat && a->n == b->n && a->h == b->h && a->w == b->w && a->c_ == b->c_;
}

/* out = t * gain + shift. */
static int scale_all(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t, double gain,
                     const double *shift, struct onnx_tensor *out) {
  double *v = tetra_arena_alloc(x->arena, (size_t)t->c_, sizeof *v);
  if (!v) return tetra_arena_failed(x->arena);
  for (int i = 0; i < t->c_; i++) v[i] = gain;
  return onnx_affine(x, n, t, v, shift, out);
}

/* out = a + sign * b. */
static int add_operands(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *a, struct onnx_tensor *b,
                        double sign) {
  struct onnx_tensor *out = onnx_out(x, n, 0);
  const int a_const = a->kind == ONNX_CONSTANT, b_const = b->kind == ONNX_CONSTANT;
  if (a_const && b_const) return onnx_refuse(x, n, "calculates with constants only");
  if (!a_const && !b_const) {
    for (int i = 0; i < 2; i++) {
      const struct onnx_tensor *t = i ? b : a;
      if (t->kind != ONNX_REAL)
        return onnx_refuse(x, n, "its input '%s' must be a dequantized tensor", import_name_end(t->name));
    }
    if (!same_shape(a, b)) return onnx_refuse(x, n, "operands of different shapes");
    struct onnx_tensor minus = *b;
    const int rc = sign < 0 ? scale_all(x, n, b, -1, NULL, &minus) : TETRA_OK;
    if (rc) return rc;
    return join(x, n, a, sign < 0 ? &minus : b, out);
  }
  struct onnx_tensor *t = a_const ? b : a;
  double *shift;
  if (t->kind == ONNX_INPUT)
    return onnx_input_step(x, n, t, a_const ? a : b,
                           sign > 0  ? TETRA_STEP_ADD
                           : a_const ? TETRA_STEP_SUB_FROM
                                     : TETRA_STEP_SUB,
                           out);
  if (t->kind != ONNX_REAL)
    return onnx_refuse(x, n, "its input '%s' must be a dequantized tensor", import_name_end(t->name));
  const int rc = onnx_per_channel(x, n, a_const ? a : b, t, &shift);
  if (rc) return rc;
  if (a_const && sign < 0) return scale_all(x, n, t, -1, shift, out);
  for (int i = 0; i < t->c_; i++) shift[i] *= sign;
  return onnx_affine(x, n, t, NULL, shift, out);
}

static int add(struct onnx_reader *x, const struct onnx_node *n, double sign) {
  return add_operands(x, n, onnx_in(x, n, 0), onnx_in(x, n, 1), sign);
}

int onnx_add(struct onnx_reader *x, const struct onnx_node *n) { return add(x, n, 1); }
int onnx_sub(struct onnx_reader *x, const struct onnx_node *n) { return add(x, n, -1); }

/* Constants, which are added up, and one tensor or two. */
static int sum_of_many(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_tensor *t[2], *out = onnx_out(x, n, 0);
  double *shift = NULL;
  int tensors = 0, rc = TETRA_OK;
  for (int i = 0; i < n->n_in; i++) {
    struct onnx_tensor *in = onnx_in(x, n, i);
    if (!in) return onnx_broken(x, n, "input %d is missing", i);
    if (in->kind == ONNX_CONSTANT) continue;
    if (in->kind != ONNX_REAL)
      return onnx_refuse(x, n, "its input '%s' must be a dequantized tensor", import_name_end(in->name));
    if (tensors == 2)
      return onnx_refuse(
          x, n, "adds more than two tensors: insert a QuantizeLinear and a DequantizeLinear behind the sum of two");
    t[tensors++] = in;
  }
  if (!tensors) return onnx_refuse(x, n, "calculates with constants only");
  for (int i = 0; i < n->n_in; i++) {
    double *v;
    if (onnx_in(x, n, i)->kind != ONNX_CONSTANT) continue;
    if ((rc = onnx_per_channel(x, n, onnx_in(x, n, i), t[0], &v))) return rc;
    for (int c = 0; shift && c < t[0]->c_; c++) v[c] += shift[c];
    shift = v;
  }
  if (tensors == 1) return onnx_affine(x, n, t[0], NULL, shift, out);
  if (!same_shape(t[0], t[1])) return onnx_refuse(x, n, "operands of different shapes");
  if ((rc = join(x, n, t[0], t[1], out)) || !shift) return rc;
  return onnx_affine(x, n, out, NULL, shift, out);
}

int onnx_sum(struct onnx_reader *x, const struct onnx_node *n) {
  if (n->n_in > 2) return sum_of_many(x, n);
  if (n->n_in == 2) return onnx_in(x, n, 1) ? add(x, n, 1) : onnx_broken(x, n, "input 1 is missing");
  onnx_inherit(onnx_out(x, n, 0), onnx_in(x, n, 0));
  return TETRA_OK;
}

int onnx_neg(struct onnx_reader *x, const struct onnx_node *n) {
  static const double minus = -1;
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  if (t->kind == ONNX_INPUT) return onnx_input_step_of(x, n, t, &minus, 1, TETRA_STEP_MUL, 0, onnx_out(x, n, 0));
  if (t->kind != ONNX_REAL)
    return onnx_refuse(x, n, "its input '%s' must be a dequantized tensor", import_name_end(t->name));
  return scale_all(x, n, t, -1, NULL, onnx_out(x, n, 0));
}

/* out = a * b, or a / b. */
static int multiply(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *a, struct onnx_tensor *b,
                    int divide) {
  const int a_const = a->kind == ONNX_CONSTANT;
  if (a_const && divide) return onnx_refuse(x, n, "divides a constant");
  if (a_const == (b->kind == ONNX_CONSTANT))
    return onnx_refuse(x, n, "%s of its operands are constants; exactly one must be", a_const ? "both" : "none");
  struct onnx_tensor *t = a_const ? b : a;
  double *gain;
  if (t->kind == ONNX_INPUT)
    return onnx_input_step(x, n, t, a_const ? a : b, divide ? TETRA_STEP_DIV : TETRA_STEP_MUL, onnx_out(x, n, 0));
  if (t->kind != ONNX_REAL)
    return onnx_refuse(x, n, "its input '%s' must be a dequantized tensor", import_name_end(t->name));
  const int rc = onnx_per_channel(x, n, a_const ? a : b, t, &gain);
  if (rc) return rc;
  for (int i = 0; divide && i < t->c_; i++) gain[i] = 1 / gain[i];
  return onnx_affine(x, n, t, gain, NULL, onnx_out(x, n, 0));
}

int onnx_mul(struct onnx_reader *x, const struct onnx_node *n) {
  return multiply(x, n, onnx_in(x, n, 0), onnx_in(x, n, 1), 0);
}
int onnx_div(struct onnx_reader *x, const struct onnx_node *n) {
  return multiply(x, n, onnx_in(x, n, 0), onnx_in(x, n, 1), 1);
}

/* y = gamma * (x - mean) / sqrt(var + epsilon) + beta. */
int onnx_batchnorm_factors(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t, double **gain,
                           double **shift) {
  const struct onnx_const *c[4];
  int rc;
  if (onnx_attr_int(n, "training_mode", 0)) return onnx_refuse(x, n, "training_mode 1, must be 0");
  if (t->flat || t->rank == 1) return onnx_refuse(x, n, "its input has no channels");
  for (int i = 0; i < 4; i++) {
    if ((rc = onnx_need_const(x, n, i + 1, &c[i]))) return rc;
    if (c[i]->count != (size_t)t->c_)
      return onnx_broken(x, n, "input %d has %zu numbers for %d channels", i + 1, c[i]->count, t->c_);
  }
  *gain = tetra_arena_alloc(x->arena, (size_t)t->c_, sizeof **gain);
  *shift = tetra_arena_alloc(x->arena, (size_t)t->c_, sizeof **shift);
  if (!*gain || !*shift) return tetra_arena_failed(x->arena);
  const double epsilon = onnx_attr_real(n, "epsilon", 1e-5);
  for (int i = 0; i < t->c_; i++) {
    const size_t k = (size_t)i;
    const double variance = onnx_const_real(c[3], k) + epsilon;
    if (!(variance > 0))
      return onnx_broken(x, n, "variance plus epsilon of channel %d is %g, must be positive", i, variance);
    (*gain)[i] = onnx_const_real(c[0], k) / sqrt(variance);
    (*shift)[i] = onnx_const_real(c[1], k) - onnx_const_real(c[2], k) * (*gain)[i];
  }
  return TETRA_OK;
}

int onnx_batchnorm(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  struct onnx_tensor *out = onnx_out(x, n, 0), scaled;
  double *gain, *shift;
  if (t->kind != ONNX_REAL && t->kind != ONNX_INPUT)
    return onnx_refuse(x, n, "its input '%s' is not quantized", import_name_end(t->name));
  int rc = onnx_batchnorm_factors(x, n, t, &gain, &shift);
  if (rc) return rc;
  if (t->kind == ONNX_REAL) return onnx_affine(x, n, t, gain, shift, out);
  scaled = *t;
  rc = onnx_input_step_of(x, n, t, gain, (size_t)t->c_, TETRA_STEP_MUL, 1, &scaled);
  return rc ? rc : onnx_input_step_of(x, n, &scaled, shift, (size_t)t->c_, TETRA_STEP_ADD, 1, out);
}

/* Operand at input i with its scale and zero point behind it, dequantized: a tensor, or a constant with one scale. */
static int dequantized(struct onnx_reader *x, const struct onnx_node *n, int i, struct onnx_tensor *real) {
  const struct onnx_tensor *t = onnx_in(x, n, i);
  struct onnx_q q;
  const int rc = onnx_need_q(x, n, i + 1, i + 2, 0, &q);
  if (rc) return rc;
  *real = *t;
  if (t->kind == ONNX_CONSTANT && t->c_scale) return onnx_refuse(x, n, "its constant is dequantized already");
  if (t->kind == ONNX_CONSTANT && (!onnx_is_code_type(t->c->type) || onnx_fmt(t->c->type) != q.fmt))
    return onnx_broken(x, n, "its constant has element type %s, the zero point another", onnx_type_name(t->c->type));
  if (t->kind == ONNX_CONSTANT) {
    real->c_scale = onnx_in(x, n, i + 1)->c;
    real->c_zp = onnx_in(x, n, i + 2) ? onnx_in(x, n, i + 2)->c : NULL;
    real->c_axis = 0;
    return TETRA_OK;
  }
  const int agreed = onnx_agree(x, n, real, &q);
  if (!agreed) onnx_set_view(real, ONNX_REAL, &real->view, real);
  return agreed;
}

/* com.microsoft: a and b with scale and zero point each, then the result's. */
static int qlinear(struct onnx_reader *x, const struct onnx_node *n, int is_product) {
  struct onnx_tensor a, b, *out = onnx_out(x, n, 0);
  struct onnx_q q;
  int rc;
  if ((rc = onnx_need_q(x, n, 6, 7, 0, &q)) || (rc = dequantized(x, n, 0, &a)) || (rc = dequantized(x, n, 3, &b)))
    return rc;
  rc = is_product ? multiply(x, n, &a, &b, 0) : add_operands(x, n, &a, &b, 1);
  return rc ? rc : onnx_quantize(x, n, out, &q, out);
}

int onnx_qlinear_add(struct onnx_reader *x, const struct onnx_node *n) { return qlinear(x, n, 0); }
int onnx_qlinear_mul(struct onnx_reader *x, const struct onnx_node *n) { return qlinear(x, n, 1); }

static int clamp(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t, double lo, double hi) {
  struct onnx_tensor *out = onnx_out(x, n, 0);
  if (t->kind != ONNX_REAL)
    return onnx_refuse(x, n, "its input '%s' must be a dequantized tensor", import_name_end(t->name));
  onnx_inherit(out, t);
  out->lo = fmin(fmax(t->lo, lo), hi);
  out->hi = fmin(fmax(t->hi, lo), hi);
  return TETRA_OK;
}

int onnx_relu(struct onnx_reader *x, const struct onnx_node *n) { return clamp(x, n, onnx_in(x, n, 0), 0, INFINITY); }

int onnx_clip_bounds(struct onnx_reader *x, const struct onnx_node *n, double bound[2]) {
  bound[0] = onnx_attr_real(n, "min", -INFINITY);
  bound[1] = onnx_attr_real(n, "max", INFINITY);
  for (int i = 0; i < 2; i++) {
    const struct onnx_tensor *t = onnx_in(x, n, i + 1);
    if (!t) continue;
    if (t->kind != ONNX_CONSTANT || t->c->count != 1) return onnx_refuse(x, n, "its bounds must be constant numbers");
    bound[i] = onnx_tensor_real(t, 0);
  }
  return bound[0] <= bound[1] ? TETRA_OK : onnx_broken(x, n, "clips to %g..%g", bound[0], bound[1]);
}

int onnx_extreme_bound(struct onnx_reader *x, const struct onnx_node *n, int sign, const struct onnx_tensor **t,
                       double *bound) {
  *t = NULL;
  *bound = -sign * INFINITY;
  for (int i = 0; i < n->n_in; i++) {
    const struct onnx_tensor *in = onnx_in(x, n, i);
    if (!in) return onnx_broken(x, n, "input %d is missing", i);
    if (in->kind != ONNX_CONSTANT && *t) return onnx_refuse(x, n, "compares two tensors; one and numbers are accepted");
    if (in->kind != ONNX_CONSTANT) {
      *t = in;
      continue;
    }
    if (in->c->count != 1) return onnx_refuse(x, n, "its constants must be numbers");
    const double v = onnx_tensor_real(in, 0);
    if (isnan(v)) return onnx_broken(x, n, "input %d is NaN", i);
    *bound = sign > 0 ? fmax(*bound, v) : fmin(*bound, v);
  }
  return *t ? TETRA_OK : onnx_refuse(x, n, "calculates with constants only");
}

/* Min and Max with constant numbers are clamps of what is no constant. */
static int extreme(struct onnx_reader *x, const struct onnx_node *n, int sign) {
  const struct onnx_tensor *t;
  double bound;
  const int rc = onnx_extreme_bound(x, n, sign, &t, &bound);
  return rc ? rc : clamp(x, n, t, sign > 0 ? bound : -INFINITY, sign > 0 ? INFINITY : bound);
}

int onnx_min(struct onnx_reader *x, const struct onnx_node *n) { return extreme(x, n, -1); }
int onnx_max(struct onnx_reader *x, const struct onnx_node *n) { return extreme(x, n, 1); }

int onnx_clip(struct onnx_reader *x, const struct onnx_node *n) {
  double bound[2];
  if (onnx_in(x, n, 0)->kind == ONNX_CONSTANT) return onnx_clip_const(x, n);
  if (onnx_in(x, n, 0)->kind == ONNX_CODES) return onnx_clip_codes(x, n);
  const int rc = onnx_clip_bounds(x, n, bound);
  return rc ? rc : clamp(x, n, onnx_in(x, n, 0), bound[0], bound[1]);
}

/* Accumulators (of ConvInteger) and reals stay what they are; codes become the numbers they are. */
int onnx_cast(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_tensor *t = onnx_in(x, n, 0), *out = onnx_out(x, n, 0);
  const int64_t to = onnx_attr_int(n, "to", 0);
  if (to != ONNX_FLOAT && to != ONNX_FLOAT16 && !(to == ONNX_INT32 && t->kind == ONNX_CODES))
    return onnx_refuse(x, n, "casts to element type %s, must be float or float16", onnx_type_name(to));
  if (t->kind != ONNX_CODES) {
    onnx_inherit(out, t);
    return TETRA_OK;
  }
  const struct onnx_q q = onnx_all_codes(x->m->graph.values[t->view.value].d.fmt, 1.0, 0);
  struct onnx_tensor codes = *t;
  const int rc = onnx_agree(x, n, &codes, &q);
  if (!rc) onnx_set_view(out, ONNX_REAL, &codes.view, t);
  return rc;
}
