/* Dense layers: convolutions whose kernel is the whole plane. */
#include "onnx/file/const.h"
#include "onnx/ops/conv.h"
#include "onnx/ops/gemm.h"
#include "onnx/node.h"
#include "onnx/refused/deferred.h"
#include "onnx/ops/quant.h"
#include "onnx/settle.h"

/* p = a times the matrix w->codes, [out][in] with `rows_are_outputs`, else [in][out]. */
static int start_gemm(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *a, enum onnx_kind kind,
                      int rows_are_outputs, struct onnx_weights *w, struct onnx_deferred **p) {
  int rc = onnx_need_view(x, n, a, kind, 1);
  if (rc) return rc;
  const struct onnx_shape *s = &w->codes->shape;
  if (a->rank != 2 || s->rank != 2) return onnx_refuse(x, n, "operands of rank %d and %d, must be 2", a->rank, s->rank);
  const int64_t in = s->dim[rows_are_outputs ? 1 : 0], out = s->dim[rows_are_outputs ? 0 : 1];
  const int64_t have = (int64_t)a->c_ * a->h * a->w;
  if (in != have) return onnx_broken(x, n, "weights for %lld inputs, there are %lld", (long long)in, (long long)have);
  if (out < 1 || out > ONNX_DIM_MAX)
    return onnx_refuse(x, n, "%lld outputs, must be 1..%d", (long long)out, ONNX_DIM_MAX);
  w->transposed = !rows_are_outputs;
  w->kh = a->h;
  w->kw = a->w;
  w->cin = a->c_;
  w->cout = (int)out;
  if ((rc = onnx_check_weights(x, n, w))) return rc;
  *p = onnx_deferred_conv(x, n, a, w);
  return *p ? TETRA_OK : tetra_arena_failed(x->arena);
}

/* Gemm and MatMul: a quantized constant is the second operand. */
static int float_gemm(struct onnx_reader *x, const struct onnx_node *n, int trans_b, struct onnx_deferred **p) {
  const struct onnx_tensor *wt = onnx_in(x, n, 1);
  if (wt->kind != ONNX_CONSTANT) return onnx_refuse(x, n, "its second operand must be a constant");
  if (!wt->c_scale) return onnx_refuse(x, n, "its weights are not quantized");
  const int rows_are_outputs = trans_b ^ wt->c_transposed;
  if (wt->c_scale->count != 1 && wt->c_axis != (rows_are_outputs ? 0 : 1))
    return onnx_refuse(x, n, "weight scales along the inputs; one per output can be used");
  struct onnx_weights w = {.codes = wt->c, .scale = wt->c_scale, .zp = wt->c_zp};
  return start_gemm(x, n, onnx_in(x, n, 0), ONNX_REAL, rows_are_outputs, &w, p);
}

int onnx_gemm(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_deferred *p;
  if (onnx_attr_int(n, "transA", 0)) return onnx_refuse(x, n, "transA 1, must be 0");
  int rc = float_gemm(x, n, onnx_attr_int(n, "transB", 0) != 0, &p);
  if (rc) return rc;
  const double alpha = onnx_attr_real(n, "alpha", 1.0);
  if (alpha == 0) return onnx_refuse(x, n, "alpha 0, which leaves nothing of its input");
  if ((rc = onnx_add_bias(x, n, 2, onnx_attr_real(n, "beta", 1.0) / alpha, p))) return rc;
  onnx_set_deferred(onnx_out(x, n, 0), p, 2);
  if (alpha == 1.0) return TETRA_OK;
  double *gain = tetra_arena_alloc(x->arena, (size_t)p->c, sizeof *gain);
  if (!gain) return tetra_arena_failed(x->arena);
  for (int c = 0; c < p->c; c++) gain[c] = alpha;
  return onnx_affine(x, n, onnx_out(x, n, 0), gain, NULL, onnx_out(x, n, 0));
}

int onnx_matmul(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_deferred *p;
  const int rc = float_gemm(x, n, 0, &p);
  if (rc) return rc;
  onnx_set_deferred(onnx_out(x, n, 0), p, 2);
  return TETRA_OK;
}

int onnx_matmul_integer(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_weights w = {0};
  struct onnx_deferred *p;
  int rc = onnx_integer_operands(x, n, &w);
  if (rc || (rc = start_gemm(x, n, onnx_in(x, n, 0), ONNX_CODES, 0, &w, &p))) return rc;
  onnx_set_deferred(onnx_out(x, n, 0), p, 2);
  return TETRA_OK;
}

/* Operands a and b with scale and zero point each at inputs 0..5. */
static int qlinear_operands(struct onnx_reader *x, const struct onnx_node *n, struct onnx_weights *w) {
  struct onnx_q in;
  int rc;
  if ((rc = onnx_need_q(x, n, 1, 2, 0, &in)) || (rc = onnx_need_const(x, n, 3, &w->codes)) ||
      (rc = onnx_need_const(x, n, 4, &w->scale)) || (rc = onnx_need_weight_scale(x, n, w->scale)) ||
      (onnx_in(x, n, 5) && (rc = onnx_need_const(x, n, 5, &w->zp))))
    return rc;
  return onnx_agree(x, n, onnx_in(x, n, 0), &in);
}

int onnx_qlinear_matmul(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_weights w = {0};
  struct onnx_q q;
  struct onnx_deferred *p;
  int rc = qlinear_operands(x, n, &w);
  if (rc || (rc = onnx_need_q(x, n, 6, 7, 0, &q)) || (rc = start_gemm(x, n, onnx_in(x, n, 0), ONNX_CODES, 0, &w, &p)))
    return rc;
  return onnx_finish(x, n, p, 2, &q, onnx_out(x, n, 0));
}

/* com.microsoft QGemm: inputs 6 is an int32 bias in accumulator units, 7 and 8 the output's scale and zero point. */
int onnx_qgemm(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_weights w = {0};
  struct onnx_q q;
  struct onnx_deferred *p;
  if (onnx_attr_int(n, "transA", 0) || onnx_attr_real(n, "alpha", 1.0) != 1.0)
    return onnx_refuse(x, n, "transA must be 0 and alpha 1");
  if (!onnx_in(x, n, 7)) return onnx_refuse(x, n, "a float result; it must be quantized");
  int rc = qlinear_operands(x, n, &w);
  if (rc || (rc = onnx_need_q(x, n, 7, 8, 0, &q)) ||
      (rc = start_gemm(x, n, onnx_in(x, n, 0), ONNX_CODES, onnx_attr_int(n, "transB", 0) != 0, &w, &p)))
    return rc;
  const struct onnx_const *bias = NULL;
  if (onnx_in(x, n, 6) && (rc = onnx_need_const(x, n, 6, &bias))) return rc;
  if (bias && bias->count != 1 && bias->count != (size_t)p->c)
    return onnx_broken(x, n, "a bias of %zu numbers for %d outputs", bias->count, p->c);
  for (int c = 0; bias && c < p->c; c++)
    p->offset[c] = (double)onnx_const_int(bias, onnx_channel(bias, (size_t)c)) * p->mult[c];
  return onnx_finish(x, n, p, 2, &q, onnx_out(x, n, 0));
}
