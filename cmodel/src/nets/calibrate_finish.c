/* The other end of a layer: residual, ReLU, output scales, requantization parameters, the op itself. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nets/calibrate.h"
#include "fast/fast.h"
#include "nets/calibrate_sums.h"
#include "tetra/quantize.h"

float calibrate_bound(const struct ftensor *y, int n_cal, enum tetra_fmt fmt) {
  /* In 8 bits the largest value. In 4 bits clipping the tail is worth more than representing it: factors 2 to 9 were
   * tried on three networks and three seeds, and logits were nearest to the float network's here. An all-zero tensor
   * may have any bound. */
  float max, rms;
  float_range(y, n_cal, &max, &rms);
  const float clipped = (fmt == TETRA_U4 ? 4.5f : 4.0f) * rms;
  const float bound = tetra_fmt_bits(fmt) == 4 && clipped < max ? clipped : max;
  return bound > 0.0009765625f ? bound : 0.0009765625f;
}

/* Adds output i's value to the graph: "<op>" where it is the only one, "<op>:u4" where there are two. */
static int add_output(struct builder *b, struct pending *p, int i, enum tetra_fmt fmt, int n_outputs, double scale) {
  const struct ftensor *y = &p->acc;
  const struct tetra_desc d = {b->o->batch, y->h, y->w, y->c, fmt, 0, scale};
  char name[TETRA_NAME_MAX + 4];
  if ((double)d.n * d.h * d.w * d.c > 2147483647.0) {
    return tetra_fail(b->err, TETRA_ERANGE, "%s: %dx%dx%dx%d has more than 2^31 - 1 elements; use a smaller batch",
                      p->op.name, d.n, d.h, d.w, d.c);
  }
  snprintf(name, sizeof name, n_outputs > 1 ? "%.60s:%s" : "%.60s", p->op.name, tetra_fmt_name(fmt));
  p->op.output[i] = tetra_graph_add_value(b->g, name, &d);
  if (p->op.output[i] < 0) return tetra_fail(b->err, TETRA_ENOMEM, "no memory for %s", name);
  return TETRA_OK;
}

/* Complete parameters of output i. AQT: unsigned codes are floored, signed ones rounded half-up to -B..B. */
static int fit_output(struct builder *b, struct pending *p, int i, const struct finish *f, double scale) {
  const enum tetra_fmt fmt = f->fmt[i];
  const int top = tetra_fmt_max(fmt), is_signed = tetra_fmt_signed(fmt);
  struct tetra_requant *rq = &p->op.rq[i];
  rq->round = is_signed ? TETRA_HALF_UP : TETRA_FLOOR;
  rq->zp = 0;
  rq->lo = is_signed && !f->relu ? -top : 0;
  rq->hi = top;
  rq->ch = malloc((size_t)p->op.cout * sizeof *rq->ch);
  if (!rq->ch) return tetra_fail(b->err, TETRA_ENOMEM, "no memory for %s", p->op.name);
  struct tetra_fit fit = {.out_scale = scale, .whole_bias = 1}; /* as integer-only exporters have it */
  if (f->residual) {
    const enum tetra_fmt rf = f->residual->fmt;
    fit.res_scale = f->residual->scale;
    fit.res_max = tetra_fmt_signed(rf) ? -tetra_fmt_min(rf) : tetra_fmt_max(rf);
  }
  for (int c = 0; c < p->op.cout; c++) {
    struct tetra_error why;
    fit.mult = p->mult[c];
    fit.offset = p->offset[c];
    fit.acc_max = p->acc_max[c];
    const int rc = tetra_fit_channel(&fit, &rq->ch[c], &why);
    if (rc != TETRA_OK) return tetra_fail(b->err, rc, "%s, channel %d: %.150s", p->op.name, c, why.msg);
  }
  return TETRA_OK;
}

static void to_int(const float *v, int n, int32_t *out) {
  for (int i = 0; i < n; i++) out[i] = (int32_t)v[i];
}

struct requantizing {
  const struct builder *b;
  const struct pending *p;
  const struct operand *res;
  struct operand *out;
  struct tetra_table table;
};

/* A worker's room: a pixel's accumulators, its residual's bytes, its output's. */
static void requant_pixels(void *arg, size_t first, size_t end, int worker) {
  const struct requantizing *r = arg;
  const struct tetra_kernel *k = r->b->kernel;
  const int c = r->p->op.cout, block = tetra_block_channels(k);
  const int res_bits = r->res ? tetra_fmt_bits(r->res->fmt) : 0, bits = tetra_fmt_bits(r->out->fmt);
  int32_t *acc = r->b->crew.room[worker];
  uint8_t *res = (uint8_t *)(acc + c + kTileChannels), *packed = res + c;
  for (size_t at = first * (size_t)c; at < end * (size_t)c; at += (size_t)c) {
    to_int(r->p->acc.v + at, c, acc);
    if (r->res) calibrate_pack(r->res->fmt, r->res->codes.v + at, c, res);
    for (int i = 0; i < c; i += block)
      k->requant(&r->table, i, c - i < block ? c - i : block, 1, acc + i, r->res ? res + i * res_bits / 8 : NULL, 0,
                 packed + i * bits / 8, 0);
    tetra_codes_f32(r->out->fmt, packed, c, r->out->codes.v + at);
  }
}

/* Output i's codes by the integer parameters themselves. */
static int run_requant(struct builder *b, const struct pending *p, const struct finish *f, int i, struct operand *out) {
  const size_t c = (size_t)p->op.cout;
  const struct tetra_desc res = {.fmt = f->residual ? f->residual->fmt : TETRA_U8};
  struct requantizing r = {.b = b, .p = p, .res = f->residual, .out = out};
  int rc = tetra_table_init(&r.table, &p->op, i, f->fmt[i], b->kernel->lanes, f->residual ? &res : NULL, p->acc_max);
  if (rc == TETRA_OK) rc = tetra_crew_need(&b->crew, (c + kTileChannels) * sizeof(int32_t) + 2 * c);
  if (rc == TETRA_OK) calibrate_share(b, ftensor_pixels(&p->acc), 64, requant_pixels, &r);
  tetra_table_free(&r.table);
  return rc == TETRA_OK ? rc : tetra_fail(b->err, rc, "no memory for %s", p->op.name);
}

/* The real values, with residual and ReLU: what bounds are taken from, and the float network's result. */
static int real_values(struct builder *b, const struct pending *p, const struct finish *f, struct ftensor *y) {
  const struct ftensor *acc = &p->acc;
  const int rc = ftensor_init(y, acc->n, acc->h, acc->w, acc->c, b->err);
  if (rc != TETRA_OK) return rc;
  float_affine(acc, p->mult, p->offset, y);
  if (f->residual) float_add(y, &f->residual->codes, (float)f->residual->scale);
  if (f->relu) float_relu(y);
  return TETRA_OK;
}

/* Output i from the real values y. */
static int make_output(struct builder *b, struct pending *p, const struct finish *f, int i, const struct ftensor *y,
                       struct operand *out) {
  *out = (struct operand){.fmt = f->fmt[i], .scale = 1.0, .value = -1};
  int rc = ftensor_init(&out->codes, y->n, y->h, y->w, y->c, b->err);
  if (rc != TETRA_OK) return rc;
  if (!b->quantize) {
    memcpy(out->codes.v, y->v, ftensor_size(y) * sizeof *y->v);
    return TETRA_OK;
  }
  const float bound = f->headroom * calibrate_bound(y, b->n_cal, f->fmt[i]);
  out->scale = 1.0 / (double)tetra_aqt_scale(f->fmt[i], bound);
  rc = add_output(b, p, i, f->fmt[i], f->n_outputs, out->scale);
  if (rc == TETRA_OK) rc = fit_output(b, p, i, f, out->scale);
  if (rc == TETRA_OK) rc = run_requant(b, p, f, i, out);
  out->value = p->op.output[i];
  return rc;
}

/* Hands the op over to the graph. */
static int emit(struct builder *b, struct pending *p) {
  if (tetra_graph_add_op(b->g, &p->op) < 0) {
    return tetra_fail(b->err, TETRA_ENOMEM, "no memory for %s", p->op.name);
  }
  p->op.weights = NULL;
  p->op.rq[0].ch = p->op.rq[1].ch = NULL;
  return TETRA_OK;
}

int step_finish(struct builder *b, struct pending *p, const struct finish *f, struct operand *out) {
  struct ftensor y;
  int made = 0, rc = real_values(b, p, f, &y);
  p->op.n_outputs = f->n_outputs;
  if (f->residual) {
    p->op.residual = f->residual->value;
    p->op.res_form = TETRA_RES_JOINT;
  }
  while (made < f->n_outputs && rc == TETRA_OK) {
    rc = make_output(b, p, f, made, &y, &out[made]);
    made++;
  }
  if (rc == TETRA_OK && b->quantize) rc = emit(b, p);
  if (rc != TETRA_OK) {
    while (made > 0) operand_free(&out[--made]);
  }
  ftensor_free(&y);
  free(p->op.rq[0].ch);
  free(p->op.rq[1].ch);
  pending_free(p);
  return rc;
}
