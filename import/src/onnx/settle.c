/* What becomes of deferred ops and views: scaled by constants, quantized to codes, or given a value of their own. */
#include <math.h>
#include <stdio.h>

#include "onnx/emit.h"
#include "onnx/node.h"
#include "onnx/refused/deferred.h"
#include "onnx/settle.h"
#include "onnx/steps.h"
#include "onnx/file/view.h"

int onnx_settle_pool(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t) {
  struct onnx_deferred *p = t->kind == ONNX_REAL ? t->deferred : NULL;
  if (!p || p->kind != ONNX_MAXPOOL || p->has_res || t->pool) return TETRA_OK;
  for (int i = 0; i < p->c; i++)
    if (p->mult[i] != p->mult[0] || p->mult[0] <= 0 || p->offset[i] != 0) return TETRA_OK;
  const enum tetra_fmt fmt = x->m->graph.values[p->in.value].d.fmt;
  const struct onnx_q q = onnx_all_codes(fmt, p->mult[0], p->in.zp);
  struct onnx_view v;
  int value;
  const int rc = onnx_emit(x, n, p, &q, t->lo, t->hi, t->name, &value);
  if (rc) return rc;
  onnx_view_whole(x, &v, value);
  onnx_set_view(t, ONNX_REAL, &v, t);
  return TETRA_OK;
}

int onnx_need_view(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t, enum onnx_kind kind,
                   int keep_padding) {
  int rc = onnx_settle_pool(x, n, t), value;
  if (rc) return rc;
  if (t->kind == ONNX_INPUT || (t->kind == ONNX_REAL && t->deferred))
    return onnx_refuse(x, n, "its input '%s' is not quantized: insert a QuantizeLinear and a DequantizeLinear",
                       import_name_end(t->name));
  if (t->kind != kind)
    return onnx_refuse(x, n, "its input '%s' must be %s", import_name_end(t->name),
                       kind == ONNX_REAL ? "a dequantized tensor" : "a quantized tensor");
  const int clamped = t->kind == ONNX_REAL && (!isinf(t->lo) || !isinf(t->hi));
  if (!clamped && (keep_padding ? onnx_view_is_padded : onnx_view_is_whole)(x, &t->view)) return TETRA_OK;
  struct onnx_deferred *p;
  if ((rc = onnx_deferred_copy(x, n, t, &p))) return rc;
  if (t->producer >= 0) p->name = onnx_node_name(&x->nodes[t->producer]);
  const enum tetra_fmt fmt = x->m->graph.values[t->view.value].d.fmt;
  const struct onnx_q q = onnx_all_codes(fmt, t->view.scale, t->view.zp);
  if ((rc = onnx_emit(x, n, p, &q, t->lo, t->hi, t->name, &value))) return rc;
  struct onnx_view v;
  onnx_view_whole(x, &v, value);
  onnx_set_view(t, kind, &v, t);
  return TETRA_OK;
}

int onnx_output_value(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t, int *value) {
  const struct tetra_value *v = &x->m->graph.values[t->view.value];
  *value = t->view.value;
  if (v->producer >= 0 && v->d.scale == t->view.scale) return TETRA_OK;
  const struct onnx_q q = onnx_all_codes(v->d.fmt, t->view.scale, t->view.zp);
  struct onnx_deferred *p;
  const int rc = onnx_deferred_copy(x, n, t, &p);
  return rc ? rc : onnx_emit(x, n, p, &q, -INFINITY, INFINITY, t->name, value);
}

/* The one gain and shift of all channels, where there is one. */
static int uniform(const double *v, int c, double otherwise, double *value) {
  *value = v ? v[0] : otherwise;
  for (int i = 1; v && i < c; i++)
    if (v[i] != v[0]) return 0;
  return 1;
}

/* The same codes in other units. */
static void scale_view(struct onnx_tensor *out, const struct onnx_tensor *in, double gain) {
  struct onnx_view v = in->view;
  v.scale *= gain;
  onnx_set_view(out, ONNX_REAL, &v, in);
  out->lo = in->lo * gain;
  out->hi = in->hi * gain;
}

int onnx_affine(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *a, const double *gain,
                const double *shift, struct onnx_tensor *out) {
  if (a->kind != ONNX_REAL) return onnx_refuse(x, n, "its input '%s' is not quantized", import_name_end(a->name));
  const struct onnx_tensor in = *a;
  double g, s;
  const int same = uniform(gain, in.c_, 1, &g) & uniform(shift, in.c_, 0, &s);
  const int clamped = !isinf(in.lo) || !isinf(in.hi);
  const int relu = in.lo == 0 && isinf(in.hi); /* which positive factors may come before */
  int positive = relu && !shift;
  for (int i = 0; gain && i < in.c_; i++) positive &= gain[i] > 0;
  if (clamped && !positive && (!same || g == 0))
    return onnx_refuse(x, n, "different factors per channel after a clamp that nothing quantizes");
  if (gain && !in.deferred && same && g > 0 && isfinite(g * in.view.scale) && g * in.view.scale > 0 && s == 0) {
    scale_view(out, &in, g);
    return TETRA_OK;
  }
  for (int i = 0; in.pool && gain && i < in.c_; i++)
    if (gain[i] < 0) return onnx_refuse(x, n, "a negative factor after a max-pool that nothing quantizes");
  struct onnx_deferred *p = NULL;
  int rc = TETRA_OK;
  if (in.deferred) {
    p = onnx_deferred_clone(x, n, in.deferred);
    if (!p) return tetra_arena_failed(x->arena);
  } else if ((rc = onnx_deferred_copy(x, n, a, &p))) {
    return rc;
  }
  for (int i = 0; i < p->c; i++) {
    const double gi = gain ? gain[i] : 1, si = shift ? shift[i] : 0;
    if (!isfinite(gi) || !isfinite(si)) return onnx_broken(x, n, "factor %g and constant %g must be finite", gi, si);
    p->mult[i] *= gi;
    p->offset[i] = p->offset[i] * gi + si;
    if (p->has_res) p->res_mult[i] *= gi;
  }
  onnx_set_deferred(out, p, in.rank);
  out->flat = in.flat;
  out->h = in.h; /* of the pool */
  out->w = in.w;
  out->pool = in.pool;
  if (clamped && positive) {
    out->lo = in.lo;
    out->hi = in.hi;
  } else if (clamped) {
    out->lo = (g > 0 ? in.lo : in.hi) * g + s;
    out->hi = (g > 0 ? in.hi : in.lo) * g + s;
  }
  return TETRA_OK;
}

/* The host quantizes to all codes of a format; a copy clamps them to fewer. */
static int quantize_input(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t,
                          const struct onnx_q *q, struct onnx_tensor *out) {
  struct tetra_graph *g = &x->m->graph;
  if (g->input >= 0) {
    const struct tetra_desc *d = &g->values[g->input].d;
    if (d->fmt != q->fmt || d->zero_point != q->zp || d->scale != q->scale || t->steps != x->input_steps ||
        x->m->input_round != q->host)
      return onnx_refuse(x, n, "the network's input is quantized in two ways");
  } else {
    const struct tetra_desc d = {t->n, t->h, t->w, t->c_, q->fmt, q->zp, q->scale};
    int rc = onnx_steps_finish(x, n, t);
    if (rc || (rc = onnx_add_value(x, out->name, &d, &g->input))) return rc;
    x->input_steps = t->steps;
    x->m->input_is_float = 1;
    x->m->input_round = q->host;
  }
  struct onnx_view v;
  onnx_view_whole(x, &v, g->input);
  onnx_set_view(out, ONNX_CODES, &v, t);
  if (q->lo == tetra_fmt_min(q->fmt) && q->hi == tetra_fmt_max(q->fmt)) return TETRA_OK;
  const int rank = t->rank;
  struct onnx_deferred *p;
  struct onnx_q exact = *q; /* whole numbers of codes */
  exact.round = TETRA_HALF_EVEN;
  exact.ahead = 0;
  const int rc = onnx_deferred_copy(x, n, out, &p);
  return rc ? rc : onnx_finish(x, n, p, rank, &exact, out);
}

void onnx_code_range(const struct onnx_reader *x, int value, int *lo, int *hi) {
  const struct tetra_value *v = &x->m->graph.values[value];
  *lo = tetra_fmt_min(v->d.fmt);
  *hi = tetra_fmt_max(v->d.fmt);
  if (v->producer < 0) return;
  const struct tetra_op *op = &x->m->graph.ops[v->producer];
  for (int i = 0; i < op->n_outputs; i++) {
    if (op->output[i] != value) continue;
    *lo = op->rq[i].lo;
    *hi = op->rq[i].hi;
  }
}

int onnx_narrow(struct onnx_reader *x, const struct onnx_node *n, int lo, int hi, struct onnx_q *q) {
  q->lo = q->lo > lo ? q->lo : lo;
  q->hi = q->hi < hi ? q->hi : hi;
  if (q->lo > q->hi) return onnx_broken(x, n, "clips to codes %d..%d, which leaves none", lo, hi);
  const enum tetra_fmt small = tetra_fmt_signed(q->fmt) ? TETRA_S4 : TETRA_U4;
  const int least = tetra_fmt_min(small), most = tetra_fmt_max(small);
  if (q->lo >= least && q->hi <= most && q->zp >= least && q->zp <= most) q->fmt = small;
  return TETRA_OK;
}

/* Does q say what the codes already are? A narrower range clamps them. */
static int is_same(const struct onnx_reader *x, const struct onnx_view *v, const struct onnx_q *q) {
  const struct tetra_desc *d = &x->m->graph.values[v->value].d;
  return d->fmt == q->fmt && v->zp == q->zp && v->scale == q->scale && d->scale == v->scale &&
         q->lo == tetra_fmt_min(q->fmt) && q->hi == tetra_fmt_max(q->fmt);
}

/* The max-pool after a quantization, over its codes. */
static int emit_pool(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                     const struct onnx_q *q, const char *name, int *value) {
  struct onnx_view v;
  onnx_view_whole(x, &v, *value);
  struct onnx_deferred *p = onnx_deferred_new(x, n, ONNX_MAXPOOL, &v, t->c_);
  if (!p) return tetra_arena_failed(x->arena);
  p->win = *t->pool;
  p->suffix = ".pool";
  p->n = t->n;
  p->h = t->h;
  p->w = t->w;
  for (int i = 0; i < p->c; i++) p->mult[i] = q->scale;
  return onnx_emit(x, n, p, q, -INFINITY, INFINITY, name, value);
}

int onnx_quantize(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t, const struct onnx_q *q,
                  struct onnx_tensor *out) {
  if (t->kind == ONNX_INPUT) return quantize_input(x, n, t, q, out);
  if (t->kind == ONNX_SOFTMAX) {
    onnx_set_view(out, ONNX_SOFTMAX, &t->view, t);
    return TETRA_OK;
  }
  if (t->kind != ONNX_REAL) return onnx_broken(x, n, "its input '%s' is not a float tensor", import_name_end(t->name));
  const int clamped = !isinf(t->lo) || !isinf(t->hi);
  if (!t->deferred && !clamped && is_same(x, &t->view, q)) {
    onnx_set_view(out, ONNX_CODES, &t->view, t);
    return TETRA_OK;
  }
  struct onnx_deferred *p = t->deferred;
  int rc = p ? TETRA_OK : onnx_deferred_copy(x, n, t, &p), value = -1;
  char name[TETRA_NAME_MAX + 8], safe[TETRA_NAME_MAX];
  import_name(safe, out->name);
  snprintf(name, sizeof name, "%s%s", safe, t->pool ? ".all" : "");
  if (!rc) rc = onnx_emit(x, n, p, q, t->lo, t->hi, name, &value);
  if (!rc && t->pool) rc = emit_pool(x, n, t, q, out->name, &value);
  if (rc) return rc;
  struct onnx_view v;
  onnx_view_whole(x, &v, value);
  const struct onnx_tensor like = *t;
  onnx_set_view(out, ONNX_CODES, &v, &like);
  return TETRA_OK;
}

int onnx_finish(struct onnx_reader *x, const struct onnx_node *n, struct onnx_deferred *p, int rank,
                const struct onnx_q *q, struct onnx_tensor *out) {
  onnx_set_deferred(out, p, rank);
  return onnx_quantize(x, n, out, q, out);
}
