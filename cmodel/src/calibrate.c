/* Layers of the calibration walk: weights, a float run over codes, batch norm. */
#include "calibrate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synth.h"
#include "tetra/quantize.h"

void operand_free(struct operand *x) {
  ftensor_free(&x->codes);
  x->value = -1;
}

void pending_free(struct pending *p) {
  ftensor_free(&p->y);
  free(p->op.weights);
  free(p->mult);
  free(p->offset);
  free(p->acc_max);
  memset(p, 0, sizeof *p);
}

/* An op that reads `in`, with no window, padding or outputs yet. */
static int pending_init(struct builder *b, struct pending *p, const char *name, enum tetra_op_kind kind,
                        const struct operand *in, int cout) {
  memset(p, 0, sizeof *p);
  struct tetra_op *op = &p->op;
  snprintf(op->name, sizeof op->name, "%s", name);
  op->kind = kind;
  op->input = in->value;
  op->residual = -1;
  op->res_form = TETRA_RES_NONE;
  op->kh = op->kw = op->stride_y = op->stride_x = op->dilation_y = op->dilation_x = 1;
  op->cout = cout;
  p->mult = malloc((size_t)cout * sizeof *p->mult);
  p->offset = malloc((size_t)cout * sizeof *p->offset);
  p->acc_max = malloc((size_t)cout * sizeof *p->acc_max);
  if (p->mult && p->offset && p->acc_max) return TETRA_OK;
  pending_free(p);
  return tetra_fail(b->err, TETRA_ENOMEM, "no memory for %s", name);
}

static void set_window(struct tetra_op *op, const struct resnet_conv *c) {
  op->kh = op->kw = c->k;
  op->stride_y = op->stride_x = c->stride;
  op->pad_top = c->pad_top;
  op->pad_left = c->pad_left;
  op->pad_bottom = c->pad_bottom;
  op->pad_right = c->pad_right;
}

/* Seeded weights of one layer as codes in w (float32 for BLAS) and p->op.weights; unit[i] = real value of an
 * accumulator unit. He scaling (variance 2 / fan-in); the dense layer has no ReLU after it, hence 1. */
static void make_weights(struct builder *b, const struct resnet_conv *c, double in_scale, float *w, struct pending *p,
                         double *unit) {
  const size_t k = (size_t)c->k * (size_t)c->k * (size_t)c->cin;
  struct synth s = synth_open(b->o->seed, c->name);
  const float std = (float)sqrt((c->role == RESNET_DENSE ? 1.0 : 2.0) / (double)k);
  synth_weights(&s, std, k * (size_t)c->cout, w);
  for (int i = 0; i < c->cout; i++) {
    float *wi = w + (size_t)i * k;
    unit[i] = in_scale;
    if (!b->quantize) continue;
    int8_t *codes = p->op.weights + (size_t)i * k;
    unit[i] /= (double)tetra_aqt_quantize_weights(p->op.wbits, wi, k, codes);
    for (size_t j = 0; j < k; j++) wi[j] = (float)codes[j];
  }
}

/* Seeded gamma and beta: one gamma in ten is negative, and a block's last is small, so that dozens of residual
 * additions do not blow activations up. */
static void make_affine(struct synth *s, enum resnet_role role, struct tetra_bn *bn) {
  const float lo = role == RESNET_LAST ? 0.2f : 0.6f, hi = role == RESNET_LAST ? 0.5f : 1.4f;
  bn->gamma = synth_uniform(s, lo, hi) * (synth_next(s) % 10 == 0 ? -1.0f : 1.0f);
  bn->beta = synth_uniform(s, -0.3f, 0.3f);
}

/* p->mult (holding units) and p->offset: batch norm with the run's own statistics, or the dense layer's bias. */
static int fold_affine(struct builder *b, const struct resnet_conv *c, struct pending *p) {
  char name[TETRA_NAME_MAX + 4];
  snprintf(name, sizeof name, "%s.bn", c->name);
  struct synth s = synth_open(b->o->seed, name);
  if (c->role == RESNET_DENSE) {
    for (int i = 0; i < c->cout; i++) p->offset[i] = (double)synth_uniform(&s, -0.1f, 0.1f);
    return TETRA_OK;
  }
  double *mean = malloc(2 * (size_t)c->cout * sizeof *mean), *var = mean + c->cout;
  if (!mean) return tetra_fail(b->err, TETRA_ENOMEM, "no memory for %s", name);
  float_moments(&p->y, b->n_cal, mean, var);
  for (int i = 0; i < c->cout; i++) {
    const double unit = p->mult[i];
    struct tetra_bn bn;
    make_affine(&s, c->role, &bn);
    bn.mean = (float)(mean[i] * unit);
    bn.var = (float)(var[i] * unit * unit);
    tetra_bn_fold(&bn, &p->mult[i], &p->offset[i]);
    p->mult[i] *= unit;
  }
  free(mean);
  return TETRA_OK;
}

/* Makes multipliers positive and finds the accumulators' worst cases. */
static int fold_weights(struct builder *b, struct pending *p, size_t k, int in_max) {
  for (int i = 0; i < p->op.cout; i++) {
    int8_t *w = p->op.weights + (size_t)i * k;
    const int rc = tetra_fold_sign(p->op.wbits, &p->mult[i], w, k, b->err);
    if (rc != TETRA_OK) return rc;
    int sum = 0; /* k <= 36864, |w| <= 128 */
    for (size_t j = 0; j < k; j++) sum += w[j] < 0 ? -w[j] : w[j];
    p->acc_max[i] = (int64_t)sum * in_max;
  }
  return TETRA_OK;
}

static int run_conv(struct builder *b, const struct resnet_conv *c, const struct operand *in, struct pending *p) {
  const size_t k = (size_t)c->k * (size_t)c->k * (size_t)c->cin, n = k * (size_t)c->cout;
  p->op.wbits = resnet_wbits(b->fmts, c);
  p->op.weights = b->quantize ? malloc(n) : NULL;
  float *w = malloc(n * sizeof *w);
  if (!w || (b->quantize && !p->op.weights)) {
    free(w);
    return tetra_fail(b->err, TETRA_ENOMEM, "no memory for the weights of %s", c->name);
  }
  make_weights(b, c, in->scale, w, p, p->mult);
  int rc = float_conv(c, &in->codes, w, &p->y, b->err);
  free(w);
  if (rc == TETRA_OK) rc = fold_affine(b, c, p);
  if (rc != TETRA_OK) return rc;
  float_affine(&p->y, p->mult, p->offset);
  return b->quantize ? fold_weights(b, p, k, tetra_fmt_max(in->fmt)) : TETRA_OK;
}

int step_conv(struct builder *b, const struct resnet_conv *c, const struct operand *in, struct pending *p) {
  int rc = pending_init(b, p, c->name, TETRA_CONV, in, c->cout);
  if (rc != TETRA_OK) return rc;
  set_window(&p->op, c);
  rc = run_conv(b, c, in, p);
  if (rc != TETRA_OK) pending_free(p);
  return rc;
}

/* Values of a pool or addition are its accumulators times `mult`, the same in every channel. */
static void scale_uniformly(struct pending *p, double mult, int64_t acc_max) {
  for (int i = 0; i < p->op.cout; i++) {
    p->mult[i] = mult;
    p->offset[i] = 0;
    p->acc_max[i] = acc_max;
  }
  float_affine(&p->y, p->mult, p->offset);
}

int step_maxpool(struct builder *b, const struct operand *in, struct pending *p) {
  const struct resnet_conv *c = &b->net.maxpool;
  int rc = pending_init(b, p, c->name, TETRA_MAXPOOL, in, in->codes.c);
  if (rc != TETRA_OK) return rc;
  set_window(&p->op, c);
  rc = float_maxpool(c, &in->codes, &p->y, b->err);
  if (rc != TETRA_OK) {
    pending_free(p);
    return rc;
  }
  scale_uniformly(p, in->scale, tetra_fmt_max(in->fmt));
  return TETRA_OK;
}

int step_avgpool(struct builder *b, const struct operand *in, struct pending *p) {
  const int n = in->codes.h * in->codes.w;
  int rc = pending_init(b, p, "avgpool", TETRA_AVGPOOL, in, in->codes.c);
  if (rc != TETRA_OK) return rc;
  p->op.kh = in->codes.h;
  p->op.kw = in->codes.w;
  rc = float_plane_sum(&in->codes, &p->y, b->err);
  if (rc != TETRA_OK) {
    pending_free(p);
    return rc;
  }
  scale_uniformly(p, in->scale / n, (int64_t)tetra_fmt_max(in->fmt) * n);
  return TETRA_OK;
}

int step_add(struct builder *b, const char *name, const struct operand *in, struct pending *p) {
  const struct ftensor *t = &in->codes;
  int rc = pending_init(b, p, name, TETRA_ADD, in, t->c);
  if (rc != TETRA_OK) return rc;
  rc = ftensor_init(&p->y, t->n, t->h, t->w, t->c, b->err);
  if (rc != TETRA_OK) {
    pending_free(p);
    return rc;
  }
  memcpy(p->y.v, t->v, ftensor_size(t) * sizeof *t->v);
  scale_uniformly(p, in->scale, tetra_fmt_max(in->fmt));
  return TETRA_OK;
}
