/* Convolutions. */
#include <math.h>

#include "onnx/file/const.h"
#include "onnx/ops/conv.h"
#include "onnx/node.h"
#include "onnx/refused/deferred.h"
#include "onnx/ops/quant.h"
#include "onnx/settle.h"

int onnx_check_weights(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_weights *w) {
  if (!onnx_is_code_type(w->codes->type))
    return onnx_refuse(x, n, "weights of element type %s, must be quantized to (u)int8 or (u)int4",
                       onnx_type_name(w->codes->type));
  if (w->kh < 1 || w->kw < 1 || w->kh > TETRA_WINDOW_MAX || w->kw > TETRA_WINDOW_MAX)
    return onnx_refuse(x, n, "a %dx%d kernel; sides must be 1..%d", w->kh, w->kw, TETRA_WINDOW_MAX);
  if (w->cin < 1 || w->cout < 1 || w->cout > ONNX_DIM_MAX)
    return onnx_refuse(x, n, "%d output channels of %d, must be 1..%d", w->cout, w->cin, ONNX_DIM_MAX);
  if (w->scale && w->scale->count != 1 && w->scale->count != (size_t)w->cout)
    return onnx_broken(x, n, "%zu weight scales for %d output channels", w->scale->count, w->cout);
  if (w->zp && w->zp->count != 1 && w->zp->count != (size_t)w->cout)
    return onnx_broken(x, n, "%zu weight zero points for %d output channels", w->zp->count, w->cout);
  for (size_t i = 0; w->zp && i < w->zp->count; i++) {
    const int64_t zp = onnx_const_int(w->zp, i);
    if (zp < -128 || zp > 255) return onnx_broken(x, n, "weight zero point %lld is no code of 8 bits", (long long)zp);
  }
  return TETRA_OK;
}

struct onnx_deferred *onnx_deferred_conv(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                         const struct onnx_weights *w) {
  struct onnx_deferred *p = onnx_deferred_new(x, n, ONNX_CONV, &t->view, w->cout);
  if (!p) return NULL;
  p->wt = w->codes;
  p->wt_zp = w->zp;
  p->wt_transposed = w->transposed;
  p->n = t->n;
  p->h = p->w = 1;
  p->win.kh = w->kh;
  p->win.kw = w->kw;
  for (int i = 0; i < p->c; i++)
    p->mult[i] = t->view.scale * (w->scale ? onnx_const_real(w->scale, onnx_channel(w->scale, (size_t)i)) : 1.0);
  return p;
}

int onnx_add_bias(struct onnx_reader *x, const struct onnx_node *n, int i, double beta, struct onnx_deferred *p) {
  const struct onnx_tensor *t = onnx_in(x, n, i);
  if (!t) return TETRA_OK;
  if (t->kind != ONNX_CONSTANT || t->c_transposed) return onnx_refuse(x, n, "its bias must be a constant");
  if (t->c->count != 1 && t->c->count != (size_t)p->c)
    return onnx_refuse(x, n, "a bias of %zu numbers for %d channels", t->c->count, p->c);
  for (int c = 0; c < p->c; c++) {
    const size_t k = onnx_channel(t->c, (size_t)c);
    double b = onnx_tensor_real(t, k);
    /* An integer bias in units of the accumulator, up to the rounding of its scale to float, is that integer. */
    if (t->c_scale && fabs(onnx_const_real(t->c_scale, onnx_channel(t->c_scale, k)) - p->mult[c]) < 1e-6 * p->mult[c])
      b = (double)(onnx_const_int(t->c, k) - (t->c_zp ? onnx_const_int(t->c_zp, onnx_channel(t->c_zp, k)) : 0)) *
          p->mult[c];
    if (!isfinite(b * beta)) return onnx_broken(x, n, "bias %g of channel %d must be finite", b, c);
    p->offset[c] += b * beta;
  }
  return TETRA_OK;
}

int onnx_need_groups(struct onnx_reader *x, const struct onnx_node *n, int cin, const int64_t *weight_dim,
                     int *groups) {
  const int64_t asked = onnx_attr_int(n, "group", 1);
  if (asked < 1 || asked > cin || cin % asked || weight_dim[0] % asked)
    return onnx_broken(x, n, "group %lld, must divide %d input and %lld output channels", (long long)asked, cin,
                       (long long)weight_dim[0]);
  if (weight_dim[1] != cin / asked)
    return onnx_broken(x, n, "weights for %lld input channels, a group of the input has %lld", (long long)weight_dim[1],
                       (long long)(cin / asked));
  *groups = (int)asked;
  return TETRA_OK;
}

/* Codes [co][ci][kh][kw] of a constant. */
static int conv_shape(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *a,
                      struct onnx_weights *w) {
  const struct onnx_shape *s = &w->codes->shape;
  if (a->rank != 4 || s->rank != 4)
    return onnx_refuse(x, n, "input of rank %d, weights of rank %d; only 2-D convolution", a->rank, s->rank);
  const int rc = onnx_need_groups(x, n, a->c_, s->dim, &w->groups);
  if (rc) return rc;
  for (int k = 0; k < 4; k++)
    if (s->dim[k] < 1 || s->dim[k] > ONNX_DIM_MAX)
      return onnx_refuse(x, n, "weight dimension %lld, must be 1..%d", (long long)s->dim[k], ONNX_DIM_MAX);
  w->cout = (int)s->dim[0];
  w->cin = (int)s->dim[1];
  w->kh = (int)s->dim[2];
  w->kw = (int)s->dim[3];
  return onnx_check_weights(x, n, w);
}

/* The convolution of tensor a's view, of kind `kind`. */
static int start_conv(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *a, enum onnx_kind kind,
                      struct onnx_weights *w, struct onnx_deferred **p) {
  int rc = onnx_need_view(x, n, a, kind, 1), out[2];
  struct tetra_window win;
  if (rc || (rc = conv_shape(x, n, a, w)) || (rc = onnx_need_window(x, n, a->h, a->w, w->kh, w->kw, &win, NULL, out)))
    return rc;
  *p = onnx_deferred_conv(x, n, a, w);
  if (!*p) return tetra_arena_failed(x->arena);
  (*p)->win = win;
  (*p)->groups = w->groups;
  (*p)->h = out[0];
  (*p)->w = out[1];
  return TETRA_OK;
}

int onnx_conv(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *wt = onnx_in(x, n, 1);
  if (wt->kind != ONNX_CONSTANT) return onnx_refuse(x, n, "its weights must be constants");
  if (!wt->c_scale) return onnx_refuse(x, n, "its weights are not quantized");
  if (wt->c_transposed || (wt->c_scale->count != 1 && wt->c_axis != 0))
    return onnx_refuse(x, n, "weight scales along axis %d; one per output channel can be used", wt->c_axis);
  struct onnx_weights w = {.codes = wt->c, .scale = wt->c_scale, .zp = wt->c_zp};
  struct onnx_deferred *p;
  int rc = start_conv(x, n, onnx_in(x, n, 0), ONNX_REAL, &w, &p);
  if (rc || (rc = onnx_add_bias(x, n, 2, 1.0, p))) return rc;
  onnx_set_deferred(onnx_out(x, n, 0), p, 4);
  return TETRA_OK;
}

int onnx_qlinear_conv(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_q in, q;
  struct onnx_weights w = {0};
  int rc;
  if ((rc = onnx_need_q(x, n, 1, 2, 0, &in)) || (rc = onnx_need_q(x, n, 6, 7, 0, &q)) ||
      (rc = onnx_need_const(x, n, 3, &w.codes)) || (rc = onnx_need_const(x, n, 4, &w.scale)) ||
      (rc = onnx_need_weight_scale(x, n, w.scale)) || (rc = onnx_need_const(x, n, 5, &w.zp)) ||
      (rc = onnx_agree(x, n, onnx_in(x, n, 0), &in)))
    return rc;
  struct onnx_deferred *p;
  if ((rc = start_conv(x, n, onnx_in(x, n, 0), ONNX_CODES, &w, &p))) return rc;
  const struct onnx_const *bias = NULL;
  if (onnx_in(x, n, 8) && (rc = onnx_need_const(x, n, 8, &bias))) return rc;
  if (bias && bias->count != (size_t)p->c)
    return onnx_broken(x, n, "a bias of %zu numbers for %d channels", bias->count, p->c);
  for (int c = 0; bias && c < p->c; c++) p->offset[c] = (double)onnx_const_int(bias, (size_t)c) * p->mult[c];
  return onnx_finish(x, n, p, 4, &q, onnx_out(x, n, 0));
}

int onnx_integer_operands(struct onnx_reader *x, const struct onnx_node *n, struct onnx_weights *w) {
  struct onnx_tensor *a = onnx_in(x, n, 0);
  const struct onnx_const *zp = NULL;
  int rc;
  if (a->kind != ONNX_CODES)
    return onnx_refuse(x, n, "its input '%s' is not a quantized tensor", import_name_end(a->name));
  if ((rc = onnx_need_const(x, n, 1, &w->codes)) || (onnx_in(x, n, 2) && (rc = onnx_need_const(x, n, 2, &zp))) ||
      (onnx_in(x, n, 3) && (rc = onnx_need_const(x, n, 3, &w->zp))))
    return rc;
  if (zp && zp->count != 1) return onnx_refuse(x, n, "%zu zero points for one activation tensor", zp->count);
  const enum tetra_fmt fmt = x->m->graph.values[a->view.value].d.fmt;
  const int64_t code = zp ? onnx_const_int(zp, 0) : 0;
  if (code < tetra_fmt_min(fmt) || code > tetra_fmt_max(fmt))
    return onnx_broken(x, n, "zero point %lld is not a code of %s", (long long)code, tetra_fmt_name(fmt));
  const struct onnx_q q = onnx_all_codes(fmt, 1.0, (int)code);
  return onnx_agree(x, n, a, &q);
}

int onnx_conv_integer(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_weights w = {0};
  struct onnx_deferred *p;
  int rc = onnx_integer_operands(x, n, &w);
  if (rc || (rc = start_conv(x, n, onnx_in(x, n, 0), ONNX_CODES, &w, &p))) return rc;
  onnx_set_deferred(onnx_out(x, n, 0), p, 4);
  return TETRA_OK;
}
