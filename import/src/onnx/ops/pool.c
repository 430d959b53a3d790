/* Pools. */
#include <math.h>
#include <string.h>

#include "onnx/node.h"
#include "onnx/refused/deferred.h"
#include "onnx/ops/pool.h"
#include "onnx/ops/quant.h"
#include "onnx/settle.h"
#include "onnx/ops/shape.h"
#include "onnx/file/view.h"

/* A pool over the view of t; its real result is `gain` times the sum or maximum of what t's codes mean. */
static int start_pool(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                      enum onnx_deferred_kind kind, const struct tetra_window *win, const int out[2], double gain,
                      struct onnx_deferred **p) {
  *p = onnx_deferred_new(x, n, kind, &t->view, t->c_);
  if (!*p) return tetra_arena_failed(x->arena);
  (*p)->win = *win;
  (*p)->n = t->n;
  (*p)->h = out[0];
  (*p)->w = out[1];
  for (int c = 0; c < t->c_; c++) (*p)->mult[c] = t->view.scale * gain;
  return TETRA_OK;
}

static int need_plane(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t) {
  if (t->kind == ONNX_CONSTANT) return onnx_refuse(x, n, "its input is a constant");
  return t->rank == 4 ? TETRA_OK : onnx_refuse(x, n, "input of rank %d, must be 4", t->rank);
}

/* A max-pool of what is not quantized yet waits for the quantization: rounding never changes the order of two numbers.
 */
static int pool_deferred(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                         const struct tetra_window *win, const int out[2], struct onnx_tensor *y) {
  if (t->pool) return onnx_refuse(x, n, "a second max-pool before a quantization");
  struct tetra_window *w = tetra_arena_alloc(x->arena, 1, sizeof *w);
  if (!w) return tetra_arena_failed(x->arena);
  *w = *win;
  onnx_inherit(y, t);
  y->pool = w;
  y->h = out[0];
  y->w = out[1];
  return TETRA_OK;
}

/* Codes are pooled to the same codes at once; a clamp before is as good as one after. */
static int pool_now(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t,
                    const struct tetra_window *win, const int out[2], struct onnx_tensor *y) {
  struct onnx_tensor whole = *t;
  whole.lo = -INFINITY;
  whole.hi = INFINITY;
  struct onnx_deferred *p;
  int rc = onnx_need_view(x, n, &whole, t->kind, 0);
  if (rc || (rc = start_pool(x, n, &whole, ONNX_MAXPOOL, win, out, 1.0, &p))) return rc;
  if (t->kind == ONNX_REAL) {
    onnx_set_deferred(y, p, 4);
    y->lo = t->lo;
    y->hi = t->hi;
    return TETRA_OK;
  }
  const enum tetra_fmt fmt = x->m->graph.values[whole.view.value].d.fmt;
  const struct onnx_q q = onnx_all_codes(fmt, whole.view.scale, whole.view.zp);
  return onnx_finish(x, n, p, 4, &q, y);
}

int onnx_need_maximum(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                      struct tetra_window *win, int out[2]) {
  struct tetra_pads asked;
  const int rc = onnx_need_window(x, n, t->h, t->w, 0, 0, win, &asked, out);
  if (rc) return rc;
  if (asked.top >= win->kh || asked.bottom >= win->kh || asked.left >= win->kw || asked.right >= win->kw)
    return onnx_broken(x, n, "pads %d, %d, %d, %d must be smaller than the %dx%d kernel", asked.top, asked.left,
                       asked.bottom, asked.right, win->kh, win->kw);
  return TETRA_OK;
}

int onnx_maxpool(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_tensor *t = onnx_in(x, n, 0), *y = onnx_out(x, n, 0);
  const struct onnx_tensor *indices = onnx_out(x, n, 1);
  struct tetra_window win;
  int rc = need_plane(x, n, t), out[2];
  if (rc) return rc;
  if (indices && indices->n_uses) return onnx_refuse(x, n, "its second output, Indices, is used");
  if ((rc = onnx_need_maximum(x, n, t, &win, out)) || (rc = onnx_settle_pool(x, n, t))) return rc;
  return t->kind == ONNX_REAL && t->deferred ? pool_deferred(x, n, t, &win, out, y) : pool_now(x, n, t, &win, out, y);
}

/* Over the whole plane; its result has that rank. */
static int global_maximum(struct onnx_reader *x, const struct onnx_node *n, int rank) {
  struct onnx_tensor *t = onnx_in(x, n, 0), *y = onnx_out(x, n, 0);
  int rc = need_plane(x, n, t);
  const int out[2] = {1, 1};
  if (rc) return rc;
  if (t->h > TETRA_WINDOW_MAX || t->w > TETRA_WINDOW_MAX)
    return onnx_refuse(x, n, "a %dx%d window; sides must be at most %d", t->h, t->w, TETRA_WINDOW_MAX);
  const struct tetra_window win = {t->h, t->w, 1, 1, 1, 1, {0, 0, 0, 0}};
  if ((rc = onnx_settle_pool(x, n, t))) return rc;
  rc = t->kind == ONNX_REAL && t->deferred ? pool_deferred(x, n, t, &win, out, y) : pool_now(x, n, t, &win, out, y);
  if (!rc) y->rank = rank;
  return rc;
}

int onnx_global_maxpool(struct onnx_reader *x, const struct onnx_node *n) { return global_maximum(x, n, 4); }

int onnx_reduce_max(struct onnx_reader *x, const struct onnx_node *n) {
  if (!onnx_is_plane_axes(x, n)) return onnx_refuse(x, n, "its axes must be height and width");
  return global_maximum(x, n, onnx_attr_int(n, "keepdims", 1) ? 4 : 2);
}

/* Where windows of the average over t change their size. */
static int find_parts(const struct onnx_tensor *t, const struct tetra_window *w, const struct tetra_pads *counted,
                      const int out[2], struct import_parts *parts) {
  return import_find_stretches(&parts->y, out[0], w->stride_y, w->pad.top, w->kh, w->dilation_y, -counted->top,
                               t->h + counted->bottom) &&
         import_find_stretches(&parts->x, out[1], w->stride_x, w->pad.left, w->kw, w->dilation_x, -counted->left,
                               t->w + counted->right);
}

/* Elements are those of the input and, with count_include_pad, of the padding that the node asks for; what ceil_mode
 * adds behind that is never one. */
int onnx_need_average(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                      struct tetra_window *win, struct tetra_pads *counted, int out[2]) {
  struct import_parts parts;
  int rc = need_plane(x, n, t);
  if (rc || (rc = onnx_need_window(x, n, t->h, t->w, 0, 0, win, counted, out))) return rc;
  if (!onnx_attr_int(n, "count_include_pad", 0)) memset(counted, 0, sizeof *counted);
  if (!find_parts(t, win, counted, out, &parts))
    return onnx_refuse(x, n, "windows without elements, or of more than %d sizes along a side", IMPORT_STRETCHES_MAX);
  return TETRA_OK;
}

/* An average over the view of t. */
static int start_average(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t, enum onnx_kind kind,
                         const struct tetra_window *win, const struct tetra_pads *counted, const int out[2],
                         struct onnx_deferred **p) {
  const int whole = !memcmp(&win->pad, counted, sizeof *counted);
  int rc = onnx_need_view(x, n, t, kind, 1);
  if (rc) return rc;
  if (whole) return start_pool(x, n, t, ONNX_AVGPOOL, win, out, 1.0 / ((double)win->kh * win->kw), p);
  struct import_parts *parts = tetra_arena_alloc(x->arena, 1, sizeof *parts);
  if (!parts) return tetra_arena_failed(x->arena);
  find_parts(t, win, counted, out, parts);
  if ((rc = start_pool(x, n, t, ONNX_AVGPOOL, win, out, 1.0, p))) return rc;
  (*p)->parts = parts;
  return TETRA_OK;
}

int onnx_avgpool(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_tensor *t = onnx_in(x, n, 0);
  struct tetra_window win;
  struct tetra_pads counted;
  struct onnx_deferred *p;
  int out[2], rc = onnx_need_average(x, n, t, &win, &counted, out);
  if (rc || (rc = start_average(x, n, t, ONNX_REAL, &win, &counted, out, &p))) return rc;
  onnx_set_deferred(onnx_out(x, n, 0), p, 4);
  return TETRA_OK;
}

static int start_global(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t, enum onnx_kind kind,
                        struct onnx_deferred **p) {
  const int rc = need_plane(x, n, t), out[2] = {1, 1};
  if (rc) return rc;
  if (t->h > TETRA_WINDOW_MAX || t->w > TETRA_WINDOW_MAX)
    return onnx_refuse(x, n, "a %dx%d window; sides must be at most %d", t->h, t->w, TETRA_WINDOW_MAX);
  const struct tetra_window win = {t->h, t->w, 1, 1, 1, 1, {0, 0, 0, 0}};
  return start_average(x, n, t, kind, &win, &win.pad, out, p);
}

int onnx_global_avgpool(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_deferred *p;
  const int rc = start_global(x, n, onnx_in(x, n, 0), ONNX_REAL, &p);
  if (rc) return rc;
  onnx_set_deferred(onnx_out(x, n, 0), p, 4);
  return TETRA_OK;
}

/* Over height and width it is a global average pool. */
int onnx_reduce_mean(struct onnx_reader *x, const struct onnx_node *n) {
  if (!onnx_is_plane_axes(x, n)) return onnx_refuse(x, n, "its axes must be height and width");
  struct onnx_deferred *p;
  const int rc = start_global(x, n, onnx_in(x, n, 0), ONNX_REAL, &p);
  if (rc) return rc;
  onnx_set_deferred(onnx_out(x, n, 0), p, onnx_attr_int(n, "keepdims", 1) ? 4 : 2);
  return TETRA_OK;
}

/* com.microsoft: x, scale, zero point, result's scale, zero point. */
static int qlinear(struct onnx_reader *x, const struct onnx_node *n, struct onnx_q *q) {
  struct onnx_q in;
  int rc;
  if (onnx_attr_int(n, "channels_last", 0)) return onnx_refuse(x, n, "channels_last 1, must be 0");
  if ((rc = onnx_need_q(x, n, 1, 2, 0, &in)) || (rc = onnx_need_q(x, n, 3, 4, 0, q))) return rc;
  return onnx_agree(x, n, onnx_in(x, n, 0), &in);
}

int onnx_qlinear_avgpool(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_q q;
  struct tetra_window win;
  struct tetra_pads counted;
  struct onnx_deferred *p;
  struct onnx_tensor *t = onnx_in(x, n, 0);
  int out[2], rc = qlinear(x, n, &q);
  if (rc || (rc = onnx_need_average(x, n, t, &win, &counted, out)) ||
      (rc = start_average(x, n, t, ONNX_CODES, &win, &counted, out, &p)))
    return rc;
  return onnx_finish(x, n, p, 4, &q, onnx_out(x, n, 0));
}

int onnx_qlinear_global_avgpool(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_q q;
  struct onnx_deferred *p;
  int rc = qlinear(x, n, &q);
  if (rc || (rc = start_global(x, n, onnx_in(x, n, 0), ONNX_CODES, &p))) return rc;
  return onnx_finish(x, n, p, 4, &q, onnx_out(x, n, 0));
}
