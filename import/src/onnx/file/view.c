/* Tensors that only pick, pad or rename codes. */
#include <math.h>

#include "onnx/file/view.h"

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
  return onnx_view_is_padded(x, v) && !v->pad.top && !v->pad.left && !v->pad.bottom && !v->pad.right;
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
  t->deferred = NULL;
  t->lo = -INFINITY;
  t->hi = INFINITY;
  t->pool = NULL;
}

void onnx_inherit(struct onnx_tensor *out, const struct onnx_tensor *t) {
  const struct onnx_tensor own = *out;
  *out = *t;
  out->name = own.name;
  out->producer = own.producer;
  out->n_uses = own.n_uses;
  out->reader = own.reader;
  out->init = NULL;
  out->linear = t->linear && t->n_uses == 1;
}
