/* QuantizeLinear, DequantizeLinear, and QONNX's Quant, which is both. */
#include <math.h>
#include <string.h>

#include "common/steps.h"
#include "onnx/file/const.h"
#include "onnx/node.h"
#include "onnx/ops/quant.h"
#include "onnx/ops/rounding.h"
#include "onnx/refused/deferred.h"
#include "onnx/settle.h"
#include "onnx/file/view.h"

/* axis attribute as 0..rank-1. */
static int need_axis(struct onnx_reader *x, const struct onnx_node *n, int rank, int *axis) {
  const int64_t a = onnx_attr_int(n, "axis", 1), shifted = a < 0 ? a + rank : a;
  if (onnx_attr_int(n, "block_size", 0))
    return onnx_refuse(x, n, "scales per block of weights do not factor out of a sum");
  if (shifted < 0 || shifted >= rank) return onnx_broken(x, n, "axis %lld of a tensor of rank %d", (long long)a, rank);
  *axis = (int)shifted;
  return TETRA_OK;
}

/* Scales and zero points of a constant: one, or one per index of the axis. */
static int need_axis_q(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_const *c,
                       const struct onnx_const **scale, const struct onnx_const **zp, int *axis) {
  int rc = onnx_need_const(x, n, 1, scale);
  if (rc || (rc = onnx_need_weight_scale(x, n, *scale))) return rc;
  *zp = NULL;
  *axis = 0;
  if (onnx_in(x, n, 2) && (rc = onnx_need_const(x, n, 2, zp))) return rc;
  if (*zp && (*zp)->count != (*scale)->count)
    return onnx_broken(x, n, "%zu zero points for %zu scales", (*zp)->count, (*scale)->count);
  if ((*scale)->count == 1) return TETRA_OK;
  if ((rc = need_axis(x, n, c->shape.rank, axis))) return rc;
  if ((int64_t)(*scale)->count != c->shape.dim[*axis])
    return onnx_broken(x, n, "%zu scales for %lld channels", (*scale)->count, (long long)c->shape.dim[*axis]);
  return TETRA_OK;
}

static void set_const(struct onnx_tensor *t, const struct onnx_const *c, const struct onnx_const *scale,
                      const struct onnx_const *zp, int axis) {
  t->kind = ONNX_CONSTANT;
  t->c = c;
  t->c_scale = scale;
  t->c_zp = zp;
  t->c_axis = axis;
}

static int dequantize_const(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                            struct onnx_tensor *out) {
  const struct onnx_const *scale, *zp;
  int axis;
  if (t->c_scale) return onnx_broken(x, n, "its input is dequantized already");
  const int rc = need_axis_q(x, n, t->c, &scale, &zp, &axis);
  if (rc) return rc;
  if (!onnx_is_code_type(t->c->type) && t->c->type != ONNX_INT32)
    return onnx_refuse(x, n, "constants of element type %s; weights are (u)int8 or (u)int4, biases int32",
                       onnx_type_name(t->c->type));
  if (zp && zp->type != t->c->type)
    return onnx_broken(x, n, "zero point has element type %s, the codes %s", onnx_type_name(zp->type),
                       onnx_type_name(t->c->type));
  set_const(out, t->c, scale, zp, axis);
  return TETRA_OK;
}

/* An integer input has the scale and zero point that its first reader says; everything else has its quantizer's. */
static int agree(struct onnx_reader *x, const struct onnx_node *n, struct onnx_view *v, double scale, int zp) {
  struct tetra_graph *g = &x->m->graph;
  struct tetra_desc *d = &g->values[v->value].d;
  if (v->value == g->input && !x->m->input_is_float && !x->input_scale_known) {
    x->input_scale_known = 1;
    d->scale = scale;
    d->zero_point = zp;
  }
  if (d->zero_point != zp)
    return onnx_refuse(x, n, "zero point %d, but the tensor was quantized with %d", zp, d->zero_point);
  v->scale = scale;
  v->zp = zp;
  return TETRA_OK;
}

int onnx_agree(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t, const struct onnx_q *q) {
  if (t->kind != ONNX_CODES)
    return onnx_refuse(x, n, "its input '%s' is not a quantized tensor", import_name_end(t->name));
  const enum tetra_fmt fmt = x->m->graph.values[t->view.value].d.fmt;
  /* Codes that a Clip has left 4 bits of are still those of the file's 8-bit type. */
  const int narrowed = tetra_fmt_bits(fmt) == 4 && tetra_fmt_signed(fmt) == tetra_fmt_signed(q->fmt);
  if (fmt != q->fmt && !narrowed)
    return onnx_broken(x, n, "its zero point says %s, its input is %s", tetra_fmt_name(q->fmt), tetra_fmt_name(fmt));
  return agree(x, n, &t->view, q->scale, q->zp);
}

int onnx_dequantize_linear(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_tensor *t = onnx_in(x, n, 0), *out = onnx_out(x, n, 0);
  if (t->kind == ONNX_CONSTANT) return dequantize_const(x, n, t, out);
  if (t->kind == ONNX_SOFTMAX) {
    onnx_set_view(out, ONNX_SOFTMAX, &t->view, t);
    return TETRA_OK;
  }
  if (t->kind != ONNX_CODES)
    return onnx_broken(x, n, "its input '%s' is not an integer tensor", import_name_end(t->name));
  struct onnx_q q;
  const enum tetra_fmt fmt = x->m->graph.values[t->view.value].d.fmt;
  const int may_differ = onnx_in(x, n, 2) && tetra_fmt_bits(fmt) == 4; /* onnx_agree looks */
  int rc = onnx_need_q(x, n, 1, 2, may_differ ? 0 : (int)onnx_type_of(fmt), &q);
  if (rc || (rc = onnx_agree(x, n, t, &q))) return rc;
  onnx_set_view(out, ONNX_REAL, &t->view, t);
  return TETRA_OK;
}

/* Codes of a float constant, within lo..hi. */
static int quantize_const(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_const *c,
                          const struct onnx_const *scale, const struct onnx_const *zp, int axis,
                          enum tetra_input_round round, int lo, int hi, int type, const struct onnx_const **codes) {
  struct onnx_const *q = tetra_arena_alloc(x->arena, 1, sizeof *q);
  int64_t *data = tetra_arena_alloc(x->arena, c->count + 1, sizeof *data);
  if (!q || !data) return tetra_arena_failed(x->arena);
  size_t inner = 1;
  for (int k = axis + 1; k < c->shape.rank; k++) inner *= (size_t)c->shape.dim[k];
  for (size_t i = 0; i < scale->count; i++)
    if (onnx_const_real(scale, i) == 0) return onnx_broken(x, n, "scale 0 of what it quantizes");
  for (size_t i = 0; i < c->count; i++) {
    const size_t along = scale->count == 1 ? 0 : i / inner % scale->count;
    const float v = (float)onnx_const_real(c, i) / (float)onnx_const_real(scale, along);
    if (isnan(v)) return onnx_broken(x, n, "element %zu of its input is NaN", i);
    const double code = (double)import_round(round, v, zp ? (float)onnx_const_real(zp, onnx_channel(zp, along)) : 0.0F);
    data[i] = code < lo ? lo : code > hi ? hi : (int64_t)code;
  }
  *q = *c;
  q->type = type;
  q->storage = ONNX_FOLDED;
  q->data = data;
  *codes = q;
  return TETRA_OK;
}

static int quantize_linear_const(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                 struct onnx_tensor *out) {
  const struct onnx_const *scale, *zp, *codes;
  int axis;
  if (t->c_scale || (t->c->type != ONNX_FLOAT && t->c->type != ONNX_FLOAT16))
    return onnx_refuse(x, n, "quantizes a constant that is not float");
  int rc = need_axis_q(x, n, t->c, &scale, &zp, &axis);
  if (rc) return rc;
  const int type = zp ? zp->type : (int)onnx_attr_int(n, "output_dtype", ONNX_UINT8);
  if (!onnx_is_code_type(type))
    return onnx_refuse(x, n, "element type %s; weights are (u)int8 or (u)int4", onnx_type_name(type));
  const enum tetra_fmt f = onnx_fmt(type);
  rc = quantize_const(x, n, t->c, scale, zp, axis, TETRA_INPUT_OF_FORMAT, tetra_fmt_min(f), tetra_fmt_max(f), type,
                      &codes);
  if (!rc) set_const(out, codes, NULL, NULL, 0);
  return rc;
}

/* 1 where n is a Clip, Min or Max of its first input with constant bounds: *lo, *hi, cut to from..to. */
static int clip_codes(const struct onnx_reader *x, const struct onnx_node *n, int from, int to, int *lo, int *hi) {
  int64_t bound[2] = {from, to};
  if (strcmp(onnx_op_type(n), "Clip")) return 0;
  for (int i = 0; i < 2; i++) {
    const struct onnx_tensor *t = onnx_in(x, n, i + 1);
    if (!t) continue;
    if (t->kind != ONNX_CONSTANT || !t->c || t->c->count != 1 || t->c_scale) return 0;
    bound[i] = onnx_const_int(t->c, 0);
  }
  *lo = (int)(bound[0] < from ? from : bound[0] > to ? to : bound[0]);
  *hi = (int)(bound[1] < from ? from : bound[1] > to ? to : bound[1]);
  return bound[0] <= bound[1];
}

int onnx_quantize_linear(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_tensor *t = onnx_in(x, n, 0), *out = onnx_out(x, n, 0);
  if (t->kind == ONNX_CONSTANT) return quantize_linear_const(x, n, t, out);
  struct onnx_q q;
  int rc = onnx_need_q(x, n, 1, 2, (int)onnx_attr_int(n, "output_dtype", 0), &q), lo, hi;
  if (rc) return rc;
  if (t->kind != ONNX_SOFTMAX && out->n_uses == 1 && out->reader >= 0 &&
      clip_codes(x, &x->nodes[out->reader], q.lo, q.hi, &lo, &hi) && (rc = onnx_narrow(x, n, lo, hi, &q)))
    return rc;
  return onnx_quantize(x, n, t, &q, out);
}

/* Why clip_codes says no to a Clip. */
static int refuse_clip(struct onnx_reader *x, const struct onnx_node *n) {
  for (int i = 1; i < 3; i++) {
    const struct onnx_tensor *t = onnx_in(x, n, i);
    if (t && (t->kind != ONNX_CONSTANT || !t->c || t->c->count != 1 || t->c_scale))
      return onnx_refuse(x, n, "its bounds must be constant numbers");
  }
  return onnx_refuse(x, n, "its lower bound is above its upper one");
}

/* QCDQ: a Clip of codes is what says that there are fewer than 8 bits. Codes that their quantizer has narrowed already
 * stay what they are. */
int onnx_clip_codes(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_tensor *t = onnx_in(x, n, 0), *out = onnx_out(x, n, 0);
  int from, to, lo, hi;
  onnx_code_range(x, t->view.value, &from, &to);
  if (!clip_codes(x, n, from, to, &lo, &hi)) return refuse_clip(x, n);
  if (lo <= from && hi >= to) {
    onnx_inherit(out, t);
    return TETRA_OK;
  }
  const int rank = t->rank;
  struct onnx_deferred *p;
  struct onnx_q q = onnx_all_codes(x->m->graph.values[t->view.value].d.fmt, t->view.scale, t->view.zp);
  int rc = onnx_narrow(x, n, lo, hi, &q);
  if (rc || (rc = onnx_deferred_copy(x, n, t, &p))) return rc;
  if (t->flat) return onnx_refuse(x, n, "clips a flattened plane");
  return onnx_finish(x, n, p, rank, &q, out);
}

/* The same of constant codes, or of any constant. */
int onnx_clip_const(struct onnx_reader *x, const struct onnx_node *n) {
  const struct onnx_tensor *t = onnx_in(x, n, 0);
  int lo, hi;
  if (t->c_scale || t->c_transposed || !onnx_is_code_type(t->c->type))
    return onnx_refuse(x, n, "clips a constant that is no codes");
  if (!clip_codes(x, n, -128, 255, &lo, &hi)) return refuse_clip(x, n);
  struct onnx_const *c = tetra_arena_alloc(x->arena, 1, sizeof *c);
  int64_t *data = tetra_arena_alloc(x->arena, t->c->count + 1, sizeof *data);
  if (!c || !data) return tetra_arena_failed(x->arena);
  for (size_t i = 0; i < t->c->count; i++) {
    const int64_t code = onnx_const_int(t->c, i);
    data[i] = code < lo ? lo : code > hi ? hi : code;
  }
  *c = *t->c;
  c->storage = ONNX_FOLDED;
  c->data = data;
  set_const(onnx_out(x, n, 0), c, NULL, NULL, 0);
  return TETRA_OK;
}

/* Bit width and zero point of a Quant node are float tensors. */
static int need_whole(struct onnx_reader *x, const struct onnx_node *n, int i, int min, int max, int *v) {
  const struct onnx_const *c;
  const int rc = onnx_need_const(x, n, i, &c);
  if (rc) return rc;
  if (c->count != 1) return onnx_refuse(x, n, "input %d has %zu numbers, must be one", i, c->count);
  const double d = onnx_const_real(c, 0);
  if (d != nearbyint(d) || isnan(d)) return onnx_broken(x, n, "input %d is %g, must be a whole number", i, d);
  if (d < min || d > max) return onnx_refuse(x, n, "input %d is %g, must be %d..%d", i, d, min, max);
  *v = (int)d;
  return TETRA_OK;
}

/* Formula of the codes: QONNX's Quant, round(x / scale + zero point) between the bounds of `bits`, signed and narrow.
 */
static int need_quant(struct onnx_reader *x, const struct onnx_node *n, enum onnx_kind what, int most_bits,
                      struct onnx_q *q) {
  int bits, rc;
  if ((rc = need_whole(x, n, 3, 1, most_bits, &bits)) || (rc = need_whole(x, n, 2, -128, 255, &q->zp))) return rc;
  const int is_signed = onnx_attr_int(n, "signed", 1) != 0, narrow = onnx_attr_int(n, "narrow", 0) != 0;
  if ((rc = onnx_need_rounding(x, n, is_signed, what, q))) return rc;
  if (is_signed && bits == 1) return onnx_refuse(x, n, "1 signed bit, which means -1 and 1");
  q->fmt = bits <= 4 ? (is_signed ? TETRA_S4 : TETRA_U4) : is_signed ? TETRA_S8 : TETRA_U8;
  const int64_t codes = (int64_t)1 << bits;
  q->lo = (int)(is_signed ? -codes / 2 + narrow : 0);
  q->hi = (int)(is_signed ? codes / 2 - 1 : codes - 1 - narrow);
  if (q->zp < tetra_fmt_min(q->fmt) || q->zp > tetra_fmt_max(q->fmt))
    return onnx_broken(x, n, "zero point %d is not a code of %d bits", q->zp, bits);
  return TETRA_OK;
}

/* Scale of a Quant node over weights: one, or one for each index of the only dimension that is not 1. */
static int quant_axis(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_const *c,
                      const struct onnx_const *scale, int *axis) {
  *axis = 0;
  if (scale->count == 1) return TETRA_OK;
  const int offset = c->shape.rank - scale->shape.rank;
  for (int k = 0; k < scale->shape.rank; k++) {
    if (scale->shape.dim[k] == 1) continue;
    if (k + offset >= 0 && (size_t)scale->shape.dim[k] == scale->count &&
        scale->shape.dim[k] == c->shape.dim[k + offset]) {
      *axis = k + offset;
      return TETRA_OK;
    }
  }
  return onnx_refuse(x, n, "its scale's shape is not one per channel");
}

static int quant_const(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                       const struct onnx_q *q, const struct onnx_const *scale, struct onnx_tensor *out) {
  const struct onnx_const *codes;
  int axis;
  if (t->c_scale || (t->c->type != ONNX_FLOAT && t->c->type != ONNX_FLOAT16))
    return onnx_refuse(x, n, "quantizes a constant that is not float");
  int rc = quant_axis(x, n, t->c, scale, &axis);
  if (rc) return rc;
  struct onnx_const *zp = tetra_arena_alloc(x->arena, 1, sizeof *zp);
  int64_t *value = tetra_arena_alloc(x->arena, 1, sizeof *value);
  if (!zp || !value) return tetra_arena_failed(x->arena);
  *value = q->zp;
  *zp = (struct onnx_const){.count = 1, .type = ONNX_INT32, .storage = ONNX_FOLDED, .data = value};
  /* More than 8 bits are a bias. */
  const int type = q->lo < -128 || q->hi > 255 ? ONNX_INT32 : q->lo < 0 ? ONNX_INT8 : ONNX_UINT8;
  rc = quantize_const(x, n, t->c, scale, zp, axis, q->host, q->lo, q->hi, type, &codes);
  if (!rc) set_const(out, codes, scale, zp, axis);
  return rc;
}

int onnx_quant(struct onnx_reader *x, const struct onnx_node *n) {
  struct onnx_tensor *t = onnx_in(x, n, 0), *out = onnx_out(x, n, 0);
  struct onnx_q q = {0};
  const struct onnx_const *scale;
  int rc = need_quant(x, n, t->kind, t->kind == ONNX_CONSTANT ? (onnx_attr_int(n, "signed", 1) ? 32 : 31) : 8, &q);
  if (rc || (rc = onnx_need_const(x, n, 1, &scale))) return rc;
  if (t->kind == ONNX_CONSTANT)
    return (rc = onnx_need_weight_scale(x, n, scale)) ? rc : quant_const(x, n, t, &q, scale, out);
  if ((rc = onnx_need_scale(x, n, scale))) return rc;
  if (scale->count != 1)
    return onnx_refuse(x, n, "%zu scales for one activation tensor; scales per channel do not factor out of a sum",
                       scale->count);
  q.scale = onnx_const_real(scale, 0);
  rc = onnx_quantize(x, n, t, &q, out);
  if (rc) return rc;
  if (out->kind == ONNX_CODES) out->kind = ONNX_REAL;
  return TETRA_OK;
}

int onnx_bipolar_quant(struct onnx_reader *x, const struct onnx_node *n) {
  return onnx_refuse(x, n, "has the codes -1 and 1 but no 0 between them; a signed Quant of 2 bits is accepted");
}
