/* Deferred ops into the graph: structure first, then a set of parameters for each way the result is quantized. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/stride.h"
#include "onnx/emit.h"
#include "onnx/node.h"
#include "onnx/refused/deferred.h"
#include "onnx/file/view.h"
#include "onnx/weights.h"
#include "tetra/quantize.h"

int onnx_add_value(struct onnx_reader *x, const char *name, const struct tetra_desc *d, int *value) {
  char safe[TETRA_NAME_MAX];
  import_name(safe, name);
  *value = tetra_graph_add_value(&x->m->graph, safe, d);
  return *value < 0 ? tetra_fail(x->arena->err, TETRA_ENOMEM, "no memory for tensor '%s'", safe) : TETRA_OK;
}

int onnx_add_op(struct onnx_reader *x, struct tetra_op *op, int *index) {
  import_trim_window(op, &x->m->graph.values[op->input].d);
  *index = tetra_graph_add_op(&x->m->graph, op);
  if (*index >= 0) return TETRA_OK;
  free(op->weights);
  return tetra_fail(x->arena->err, TETRA_ENOMEM, "no memory for op '%s'", op->name);
}

/* One dimension of a picking conv: stride `step`, and a kernel whose tap `start` alone is not zero, as long as it takes
 * for n outputs. Padding before comes in whole steps. */
static void pick_window(const struct onnx_pick *p, int in, int *k, int *stride) {
  const int k_for_n = in - p->n * p->step + 1;
  *stride = p->step;
  *k = p->start + 1 > k_for_n ? p->start + 1 : k_for_n;
}

/* Copies: an add or a 1x1 max-pool where every code meets one factor; else a conv whose weights pick. A constant is
 * added to 64 units of the accumulator per code, so that its fraction is one of less than a code. */
static int start_copy(struct onnx_reader *x, const struct onnx_node *n, struct onnx_deferred *p, struct tetra_op *op) {
  const struct tetra_desc *d = &x->m->graph.values[p->in.value].d;
  int plain = onnx_view_is_whole(x, &p->in), shifted = 0;
  for (int c = 0; c < p->c; c++) {
    shifted |= p->offset[c] != 0;
    plain &= p->mult[c] >= 0 && p->offset[c] == 0;
  }
  if (plain) {
    op->kind = p->has_res ? TETRA_ADD : TETRA_MAXPOOL;
    for (int c = 0; c < p->c; c++) {
      p->fold[c] = -p->in.zp;
      p->acc_max[c] = 256;
    }
    return TETRA_OK;
  }
  const int weight = shifted ? 64 : 1;
  op->kind = TETRA_CONV;
  pick_window(&p->in.y, d->h, &op->win.kh, &op->win.stride_y);
  pick_window(&p->in.x, d->w, &op->win.kw, &op->win.stride_x);
  if (op->win.kh > TETRA_WINDOW_MAX || op->win.kw > TETRA_WINDOW_MAX || op->win.stride_y > TETRA_WINDOW_MAX ||
      op->win.stride_x > TETRA_WINDOW_MAX)
    return onnx_refuse(x, n, "picks rows or columns with steps or margins above %d", TETRA_WINDOW_MAX);
  for (int c = 0; c < p->c; c++) p->mult[c] /= weight;
  if (p->in.c.n == d->c && p->c == d->c) op->groups = d->c; /* channel by channel, nothing between */
  return onnx_copy_weights(x, p, weight, op);
}

/* Sums of codes or the largest one: the same for every channel. */
static int start_pool(struct onnx_deferred *p, struct tetra_op *op) {
  op->kind = p->kind == ONNX_AVGPOOL ? TETRA_AVGPOOL : TETRA_MAXPOOL;
  const int64_t codes = p->kind == ONNX_AVGPOOL ? (int64_t)tetra_window_elements(&p->win, 1) : 1;
  for (int c = 0; c < p->c; c++) {
    p->fold[c] = -p->in.zp * codes;
    p->acc_max[c] = 256 * codes;
  }
  return TETRA_OK;
}

/* The op, one for each part of an average, without outputs. */
static int add_ops(struct onnx_reader *x, struct onnx_deferred *p, struct tetra_op *op) {
  if (!p->parts) return onnx_add_op(x, op, &p->op);
  for (int part = 0; part < import_n_parts(p->parts); part++) {
    struct tetra_op one = *op;
    int index;
    import_set_part(p->parts, part, &one);
    if (part) import_name_part(one.name, op->name, part);
    const int rc = onnx_add_op(x, &one, &index);
    if (rc) return rc;
    if (!part) p->op = index;
  }
  return TETRA_OK;
}

static int start(struct onnx_reader *x, const struct onnx_node *n, struct onnx_deferred *p) {
  struct tetra_op op;
  memset(&op, 0, sizeof op);
  char name[TETRA_NAME_MAX], whole[TETRA_NAME_MAX + 16];
  import_name(name, p->name);
  snprintf(whole, sizeof whole, "%s%s", name, p->suffix);
  import_name(op.name, whole);
  op.input = p->in.value;
  op.residual = p->has_res ? p->res.value : -1;
  op.res_form = p->has_res ? TETRA_RES_JOINT : TETRA_RES_NONE;
  op.win = p->win;
  op.win.pad.top += p->in.pad.top;
  op.win.pad.left += p->in.pad.left;
  op.win.pad.bottom += p->in.pad.bottom;
  op.win.pad.right += p->in.pad.right;
  op.pad_code = p->in.zp;
  op.cout = p->c;
  op.groups = p->groups;
  p->fold = tetra_arena_alloc(x->arena, 2 * (size_t)p->c, sizeof *p->fold);
  if (!p->fold) return tetra_arena_failed(x->arena);
  p->acc_max = p->fold + p->c;
  int rc = p->kind == ONNX_CONV   ? onnx_conv_weights(x, p, &op)
           : p->kind == ONNX_COPY ? start_copy(x, n, p, &op)
                                  : start_pool(p, &op);
  if (rc) {
    free(op.weights);
    return rc;
  }
  return add_ops(x, p, &op);
}

static int res_max(const struct onnx_reader *x, const struct onnx_deferred *p) {
  if (!p->has_res) return 0;
  const enum tetra_fmt fmt = x->m->graph.values[p->res.value].d.fmt;
  const int below = p->res.zp - tetra_fmt_min(fmt), above = tetra_fmt_max(fmt) - p->res.zp;
  return below > above ? below : above;
}

static double round_as(const struct onnx_q *q, double v) {
  if (q->ahead > 0) return ceil(v - (1 - q->ahead));
  return q->round == TETRA_FLOOR       ? floor(v)
         : q->round == TETRA_HALF_AWAY ? round(v)
         : q->round == TETRA_HALF_UP   ? floor(v + 0.5)
                                       : nearbyint(v);
}

/* The code of a real bound. Rounding is monotonic, so clamping codes is clamping reals. */
static int bound_code(const struct onnx_q *q, double bound) {
  const double code = round_as(q, bound / q->scale) + q->zp;
  return code < q->lo ? q->lo : code > q->hi ? q->hi : (int)code;
}

/* A pool's channel times 0, plus a constant: whatever the sum, M = 0 leaves F, which is a whole number of codes. */
static struct tetra_requant_channel constant_channel(const struct onnx_q *q, double offset) {
  const double code = round_as(q, offset / q->scale);
  const int most = 255, clipped = code > most ? most : code < -most ? -most : (int)code;
  return (struct tetra_requant_channel){.s = 7 + TETRA_FRAC_SHIFT, .frac = (int16_t)(clipped * 128)};
}

/* What rounding down needs on top, a real number: a result that is a whole number of codes must not come out as one
 * less because the factors M are a little less, or of a negative sum more, than what they stand for. Nor must one that
 * is rounded up come out as one more. An average's other sums are farther away from whole numbers of codes; elsewhere
 * this is as little as a constant can be told from none. A sum alone, times a factor, needs it only for rounding up: it
 * is such a result where it is 0, and then exact. */
static double floor_shift(const struct onnx_deferred *p, const struct onnx_q *q, int most, double unit, int c) {
  if (q->round != TETRA_FLOOR || (p->kind != ONNX_AVGPOOL && !p->has_res && q->ahead == 0)) return 0;
  const double res = p->has_res ? (double)most * p->res_mult[c] / unit : 0;
  const double margin = unit * (ldexp(1, -15) + ldexp((double)p->acc_max[c] + res, -31));
  return q->ahead > 0 ? q->ahead * q->scale - margin : margin;
}

/* Units so small that no sum of the channel, of at most acc_max, changes its code: then that code is all there is to
 * it. Rounding is monotonic, so the least and the largest sum tell; what doubles lose on the way counts as if it were
 * more of a sum, so that a constant in the middle between two codes, or next to it, is not one of these. */
static int is_dead(const struct onnx_deferred *p, const struct onnx_q *q, const struct tetra_fit *f, int c,
                   struct tetra_requant_channel *ch) {
  if ((p->kind != ONNX_CONV && p->kind != ONNX_COPY) || p->has_res) return 0;
  const double offset = p->offset[c];
  const double most = f->mult * (double)f->acc_max * (1 + 0x1p-40) + (fabs(offset) + q->scale) * 0x1p-40;
  if (!isfinite(offset) || !isfinite(most)) return 0;
  const int code = bound_code(q, offset - most);
  if (bound_code(q, offset + most) != code) return 0;
  *ch = constant_channel(q, (code - q->zp) * q->scale);
  return 1;
}

/* Parameters of one op; `part` counts where there are parts. */
static int fit(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_deferred *p, const struct onnx_q *q,
               int part, struct tetra_requant_channel *ch) {
  const int most = res_max(x, p);
  const double gain = p->parts ? 1.0 / import_part_count(p->parts, part) : 1.0;
  for (int c = 0; c < p->c; c++) {
    if (p->has_res && p->res_mult[c] < 0) return onnx_refuse(x, n, "subtracts the residual; it can only be added");
    const int pool = p->kind == ONNX_AVGPOOL || p->kind == ONNX_MAXPOOL;
    if (pool && (p->mult[c] < 0 || (p->mult[c] == 0 && p->has_res)))
      return onnx_refuse(x, n, "a factor of %g after a pool, before it is quantized", p->mult[c]);
    if (pool && p->mult[c] == 0) {
      ch[c] = constant_channel(q, p->offset[c]);
      continue;
    }
    const double unit = fabs(p->mult[c]) * gain;
    const int64_t fold = p->fold[c];
    const struct tetra_fit f = {
        unit,     p->offset[c] + floor_shift(p, q, most, unit, c), p->has_res ? p->res_mult[c] : 0,
        q->scale, p->acc_max[c] + (fold < 0 ? -fold : fold),       most,
        0};
    struct tetra_error e = {0};
    const int rc = tetra_fit_channel(&f, &ch[c], &e);
    const int64_t bias = ch[c].bias + fold;
    const int fits = !rc && bias >= INT32_MIN && bias <= INT32_MAX;
    if (!fits && is_dead(p, q, &f, c, &ch[c])) continue;
    if (rc) return onnx_refuse(x, n, "channel %d: %s", c, e.msg);
    if (!fits) return onnx_refuse(x, n, "channel %d: bias %lld does not fit int32", c, (long long)bias);
    ch[c].bias = (int32_t)bias;
  }
  return TETRA_OK;
}

/* Parameters of all ops that compute a result; nothing is left where it fails. */
static int fit_all(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_deferred *p,
                   const struct onnx_q *q, int n_ops, struct tetra_requant_channel *ch[IMPORT_PARTS_MAX]) {
  int rc = TETRA_OK, made = 0;
  while (rc == TETRA_OK && made < n_ops) {
    ch[made] = tetra_arena_calloc(x->arena, (size_t)p->c, sizeof **ch);
    if (!ch[made]) {
      rc = tetra_arena_failed(x->arena);
      break;
    }
    rc = fit(x, n, p, q, made, ch[made]);
    made++;
  }
  for (int i = 0; rc && i < made; i++) free(ch[i]);
  return rc;
}

/* Adds an output in codes q to the emitted op, or to all of its parts, the last of which is the value's producer. */
static int add_output(struct onnx_reader *x, const struct onnx_node *n, struct onnx_deferred *p, const struct onnx_q *q,
                      const char *name, int *value) {
  struct tetra_graph *g = &x->m->graph;
  struct tetra_requant_channel *ch[IMPORT_PARTS_MAX];
  const int n_ops = p->parts ? import_n_parts(p->parts) : 1;
  const struct tetra_desc *in = &g->values[g->ops[p->op].input].d;
  const struct tetra_desc d = {
      in->n,   tetra_op_out_h(&g->ops[p->op], in->h), tetra_op_out_w(&g->ops[p->op], in->w), p->c, q->fmt, q->zp,
      q->scale};
  int rc = fit_all(x, n, p, q, n_ops, ch);
  if (rc) return rc;
  rc = onnx_add_value(x, name, &d, value);
  for (int i = 0; rc && i < n_ops; i++) free(ch[i]);
  if (rc) return rc;
  for (int i = 0; i < n_ops; i++) {
    struct tetra_op *op = &g->ops[p->op + i];
    op->rq[op->n_outputs] = (struct tetra_requant){q->round, q->zp, q->lo, q->hi, ch[i]};
    op->output[op->n_outputs++] = *value;
  }
  g->values[*value].producer = p->op + n_ops - 1;
  p->q[p->n_out] = *q;
  p->value[p->n_out++] = *value;
  return TETRA_OK;
}

int onnx_emit(struct onnx_reader *x, const struct onnx_node *n, struct onnx_deferred *p, const struct onnx_q *q,
              double lo, double hi, const char *name, int *value) {
  struct onnx_q c = *q;
  c.lo = bound_code(q, lo);
  c.hi = bound_code(q, hi);
  for (int i = 0; i < p->n_out; i++) {
    const struct onnx_q *o = &p->q[i];
    if (o->scale == c.scale && o->zp == c.zp && o->fmt == c.fmt && o->lo == c.lo && o->hi == c.hi &&
        o->round == c.round && o->ahead == c.ahead) {
      *value = p->value[i];
      return TETRA_OK;
    }
  }
  /* An op has two outputs; for a third one it is calculated once more. */
  if (p->n_out == TETRA_MAX_OUTPUTS) return onnx_emit(x, n, p->again, q, lo, hi, name, value);
  if (p->op < 0) {
    p->again = onnx_deferred_clone(x, n, p);
    if (!p->again) return tetra_arena_failed(x->arena);
    p->again->suffix = ".again";
    const int rc = start(x, n, p);
    if (rc) return rc;
  }
  return add_output(x, n, p, &c, name, value);
}
