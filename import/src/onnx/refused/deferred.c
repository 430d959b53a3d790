/* Deferred ops: made and copied. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "onnx/node.h"
#include "onnx/refused/deferred.h"

struct onnx_deferred *onnx_deferred_new(struct onnx_reader *x, const struct onnx_node *n, enum onnx_deferred_kind kind,
                                        const struct onnx_view *in, int c) {
  struct onnx_deferred *p = tetra_arena_alloc(x->arena, 1, sizeof *p);
  double *factors = tetra_arena_alloc(x->arena, 2 * (size_t)c, sizeof *factors);
  if (!p || !factors) return NULL;
  p->kind = kind;
  p->name = onnx_node_name(n);
  p->suffix = "";
  p->in = *in;
  p->win = tetra_window_pixel();
  p->c = c;
  p->groups = 1;
  p->mult = factors;
  p->offset = factors + c;
  p->op = -1;
  return p;
}

void onnx_set_deferred(struct onnx_tensor *t, struct onnx_deferred *p, int rank) {
  t->kind = ONNX_REAL;
  t->rank = rank;
  t->n = p->n;
  t->h = p->h;
  t->w = p->w;
  t->c_ = p->c;
  t->flat = 0;
  t->linear = 0;
  t->deferred = p;
  t->lo = -INFINITY;
  t->hi = INFINITY;
  t->pool = NULL;
}

int onnx_deferred_copy(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                       struct onnx_deferred **out) {
  struct onnx_deferred *p = onnx_deferred_new(x, n, ONNX_COPY, &t->view, t->c_);
  if (!p) return tetra_arena_failed(x->arena);
  p->n = t->n;
  p->h = t->h;
  p->w = t->w;
  for (int i = 0; i < p->c; i++) p->mult[i] = t->view.scale;
  *out = p;
  return TETRA_OK;
}

struct onnx_deferred *onnx_deferred_clone(struct onnx_reader *x, const struct onnx_node *n,
                                          const struct onnx_deferred *p) {
  struct onnx_deferred *q = onnx_deferred_new(x, n, p->kind, &p->in, p->c);
  double *res = p->has_res ? tetra_arena_alloc(x->arena, (size_t)p->c, sizeof *res) : NULL;
  if (!q || (p->has_res && !res)) return NULL;
  double *const mult = q->mult, *const offset = q->offset;
  memcpy(mult, p->mult, (size_t)p->c * sizeof *mult);
  memcpy(offset, p->offset, (size_t)p->c * sizeof *offset);
  if (res) memcpy(res, p->res_mult, (size_t)p->c * sizeof *res);
  *q = *p;
  q->mult = mult;
  q->offset = offset;
  q->res_mult = res;
  q->op = -1;
  q->n_out = 0;
  q->again = NULL;
  return q;
}
