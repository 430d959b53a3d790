/* Tensors that only pick, pad or rename codes. */
#include <math.h>

#include "onnx/values.h"

static const struct tetra_desc *desc(const struct onnx_reader *x, int value) { return &x->m->graph.values[value].d; }

void onnx_view_whole(const struct onnx_reader *x, struct onnx_view *v, int value) {
  const struct tetra_desc *d = desc(x, value);
  *v = (struct onnx_view){
      .value = value, .scale = d->scale, .zp = d->zero_point, .y = {0, 1, d->h}, .x = {0, 1, d->w}, .c = {0, 1, d->c}};
}

static int all(const struct onnx_pick *p, int n) { return p->start == 0 && p->step == 1 && p->n == n; }

int onnx_view_is_padded(const struct onnx_reader *x, const struct onnx_view *v) {
  const struct tetra_desc *d = desc(x, v->value);
  return all(&v->y, d->h) && all(&v->x, d->w) && all(&v->c, d->c) && !v->c_before && !v->c_after;
}

int onnx_view_is_whole(const struct onnx_reader *x, const struct onnx_view *v) {
  return onnx_view_is_padded(x, v) && !v->pad[0] && !v->pad[1] && !v->pad[2] && !v->pad[3];
}

void onnx_set_view(struct onnx_tensor *t, enum onnx_kind kind, const struct onnx_view *v,
                   const struct onnx_tensor *like) {
  const struct onnx_tensor from = *like; /* may be t */
  t->kind = kind;
  t->rank = from.rank;
  t->n = from.n;
  t->h = from.h;
  t->w = from.w;
  t->c_ = from.c_;
  t->flat = from.flat;
  t->linear = from.linear && from.n_uses == 1;
  t->view = *v;
  t->pend = NULL;
  t->lo = -INFINITY;
  t->hi = INFINITY;
  t->pool = NULL;
}

int onnx_need_view(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t, enum onnx_kind kind,
                   int keep_padding) {
  if (t->kind == ONNX_INPUT || (t->kind == ONNX_REAL && t->pend))
    return onnx_refuse(x, n, "its input '%.60s' is not quantized", t->name);
  if (t->kind != kind)
    return onnx_refuse(x, n, "its input '%.60s' must be %s", t->name,
                       kind == ONNX_REAL ? "a dequantized tensor" : "a quantized tensor");
  const int clamped = t->kind == ONNX_REAL && (!isinf(t->lo) || !isinf(t->hi));
  if (!clamped && (keep_padding ? onnx_view_is_padded : onnx_view_is_whole)(x, &t->view)) return TETRA_OK;
  struct onnx_pend *p;
  int rc = onnx_pend_copy(x, n, t, &p), value;
  if (rc) return rc;
  if (t->producer >= 0) p->name = onnx_node_name(&x->nodes[t->producer]);
  const enum tetra_fmt fmt = desc(x, t->view.value)->fmt;
  const struct onnx_q q = {t->view.scale, t->view.zp, fmt, tetra_fmt_min(fmt), tetra_fmt_max(fmt), TETRA_HALF_EVEN};
  if ((rc = onnx_emit(x, n, p, &q, t->lo, t->hi, t->name, &value))) return rc;
  struct onnx_view v;
  onnx_view_whole(x, &v, value);
  onnx_set_view(t, kind, &v, t);
  return TETRA_OK;
}
