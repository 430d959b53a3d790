/* Layers of the calibration walk: weights, a float run over codes, batch norm. */
#include "nets/calibrate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nets/calibrate_sums.h"
#include "nets/synth.h"
#include "tetra/quantize.h"

void operand_free(struct operand *x) { ftensor_free(&x->codes); }

void pending_free(struct pending *p) {
  ftensor_free(&p->acc);
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
  op->win = tetra_window_pixel();
  op->cout = cout;
  p->mult = malloc((size_t)cout * sizeof *p->mult);
  p->offset = malloc((size_t)cout * sizeof *p->offset);
  p->acc_max = malloc((size_t)cout * sizeof *p->acc_max);
  if (p->mult && p->offset && p->acc_max) return TETRA_OK;
  pending_free(p);
  return tetra_fail(b->err, TETRA_ENOMEM, "no memory for %s", name);
}

/* Seeded gammas and betas: one gamma in ten is negative, and a block's last are small, so that dozens of residual
 * additions do not blow activations up. The dense layer has only its bias, in beta. */
static void make_affine(struct builder *b, const struct resnet_conv *c, struct tetra_bn *bn) {
  char name[TETRA_NAME_MAX + 4];
  snprintf(name, sizeof name, "%s.bn", c->name);
  struct synth s = synth_open(b->o->seed, name);
  const float lo = c->role == RESNET_LAST ? 0.2f : 0.6f, hi = c->role == RESNET_LAST ? 0.5f : 1.4f;
  for (int i = 0; i < c->cout; i++) {
    bn[i] = (struct tetra_bn){.gamma = 1.0f};
    if (c->role == RESNET_DENSE) {
      bn[i].beta = synth_uniform(&s, -0.1f, 0.1f);
      continue;
    }
    bn[i].gamma = synth_uniform(&s, lo, hi) * (synth_next(&s) % 10 == 0 ? -1.0f : 1.0f);
    bn[i].beta = synth_uniform(&s, -0.3f, 0.3f);
  }
}

/* One channel's k weights as codes, in `codes` and (for BLAS) in w; a negative gamma goes into their sign. Returns the
 * real value of a code. */
static int quantize_channel(int bits, float *w, size_t k, struct tetra_bn *bn, int8_t *codes, double *unit,
                            struct tetra_error *err) {
  double gamma = (double)bn->gamma;
  *unit = 1.0 / (double)tetra_aqt_quantize_weights(bits, w, k, codes);
  const int rc = tetra_fold_sign(bits, &gamma, codes, k, err);
  bn->gamma = (float)gamma;
  for (size_t j = 0; j < k; j++) w[j] = (float)codes[j];
  return rc;
}

/* Weights 0, where only shapes matter. */
static void make_no_weights(const struct resnet_conv *c, double in_scale, struct pending *p) {
  memset(p->op.weights, 0, tetra_window_elements(&c->win, c->cin) * (size_t)c->cout);
  for (int i = 0; i < c->cout; i++) p->mult[i] = in_scale / 64;
}

/* Seeded weights of one layer in w, and if quantizing in p->op.weights; p->mult = the real value of an accumulator
 * unit. He scaling (variance 2 / fan-in); the dense layer has no ReLU after it, hence 1. */
static int make_weights(struct builder *b, const struct resnet_conv *c, double in_scale, struct tetra_bn *bn, float *w,
                        struct pending *p) {
  const size_t k = tetra_window_elements(&c->win, c->cin);
  struct synth s = synth_open(b->o->seed, c->name);
  synth_weights(&s, (float)sqrt((c->role == RESNET_DENSE ? 1.0 : 2.0) / (double)k), k * (size_t)c->cout, w);
  for (int i = 0; i < c->cout; i++) {
    double unit = 1.0;
    if (b->quantize) {
      int8_t *codes = p->op.weights + (size_t)i * k;
      const int rc = quantize_channel(p->op.wbits, w + (size_t)i * k, k, &bn[i], codes, &unit, b->err);
      if (rc != TETRA_OK) return rc;
    }
    p->mult[i] = in_scale * unit;
  }
  return TETRA_OK;
}

/* Turns p->mult from units into batch norm's multipliers, with the run's own statistics, and fills p->offset. */
static int fold_affine(struct builder *b, const struct resnet_conv *c, struct tetra_bn *bn, struct pending *p) {
  if (c->role == RESNET_DENSE) {
    for (int i = 0; i < c->cout; i++) p->offset[i] = (double)bn[i].beta;
    return TETRA_OK;
  }
  double *mean = malloc(2 * (size_t)c->cout * sizeof *mean);
  if (!mean) return tetra_fail(b->err, TETRA_ENOMEM, "no memory for %s", c->name);
  double *var = mean + c->cout;
  float_moments(&p->acc, b->n_cal, mean, var);
  for (int i = 0; i < c->cout; i++) {
    const double unit = p->mult[i];
    bn[i].mean = (float)(mean[i] * unit);
    bn[i].var = (float)(var[i] * unit * unit);
    tetra_bn_fold(&bn[i], &p->mult[i], &p->offset[i]);
    p->mult[i] *= unit;
  }
  free(mean);
  return TETRA_OK;
}

/* Worst cases of the accumulators, from the weights. */
static void find_acc_max(struct pending *p, size_t k, int in_max) {
  for (int i = 0; i < p->op.cout; i++) {
    const int8_t *w = p->op.weights + (size_t)i * k;
    int sum = 0; /* k <= 36864, |w| <= 128 */
    for (size_t j = 0; j < k; j++) sum += w[j] < 0 ? -w[j] : w[j];
    p->acc_max[i] = (int64_t)sum * in_max;
  }
}

/* Weights, product and batch norm with the given room for weights and channels. */
static int run_conv_in(struct builder *b, const struct resnet_conv *c, const struct operand *in, float *w,
                       struct tetra_bn *bn, struct pending *p) {
  make_affine(b, c, bn);
  int rc = TETRA_OK;
  if (b->n_cal == 0) {
    make_no_weights(c, in->scale, p);
  } else {
    rc = make_weights(b, c, in->scale, bn, w, p);
  }
  if (rc == TETRA_OK && b->quantize && b->n_cal != 0 && b->kernel->tile)
    rc = calibrate_sums(b, &p->op, in, c, &p->acc);
  else if (rc == TETRA_OK)
    rc = float_conv(&c->win, c->cout, &in->codes, w, &p->acc, b->err);
  if (rc == TETRA_OK) rc = fold_affine(b, c, bn, p);
  return rc;
}

static int run_conv(struct builder *b, const struct resnet_conv *c, const struct operand *in, struct pending *p) {
  const size_t k = tetra_window_elements(&c->win, c->cin), n = k * (size_t)c->cout;
  float *w = malloc(n * sizeof *w);
  struct tetra_bn *bn = malloc((size_t)c->cout * sizeof *bn);
  int rc;
  p->op.wbits = resnet_wbits(&b->fmts, c);
  if (b->quantize) p->op.weights = malloc(n);
  if (w && bn && (!b->quantize || p->op.weights)) {
    rc = run_conv_in(b, c, in, w, bn, p);
  } else {
    rc = tetra_fail(b->err, TETRA_ENOMEM, "no memory for the weights of %s", c->name);
  }
  if (rc == TETRA_OK && b->quantize) find_acc_max(p, k, tetra_fmt_max(in->fmt));
  free(w);
  free(bn);
  return rc;
}

int step_conv(struct builder *b, const struct resnet_conv *c, const struct operand *in, struct pending *p) {
  int rc = pending_init(b, p, c->name, TETRA_CONV, in, c->cout);
  if (rc != TETRA_OK) return rc;
  p->op.win = c->win;
  p->op.groups = 1;
  rc = run_conv(b, c, in, p);
  if (rc != TETRA_OK) pending_free(p);
  return rc;
}

int step_stem_pool(struct builder *b, const struct operand *in, struct pending *p) {
  const struct resnet_conv *pool = &b->net.maxpool;
  struct ftensor pooled;
  int rc = step_conv(b, &b->net.stem, in, p);
  if (rc != TETRA_OK) return rc;
  rc = float_maxpool(&pool->win, &p->acc, &pooled, b->err);
  if (rc != TETRA_OK) {
    pending_free(p);
    return rc;
  }
  ftensor_free(&p->acc);
  p->acc = pooled;
  snprintf(p->op.name, sizeof p->op.name, "%.30s+%.30s", b->net.stem.name, pool->name);
  p->op.pool = 1;
  p->op.pool_pad_top = pool->win.pad.top;
  p->op.pool_pad_left = pool->win.pad.left;
  return TETRA_OK;
}

/* A pool or addition: the same multiplier in every channel, no offset. */
static void scale_uniformly(struct pending *p, double mult, int64_t acc_max) {
  for (int i = 0; i < p->op.cout; i++) {
    p->mult[i] = mult;
    p->offset[i] = 0;
    p->acc_max[i] = acc_max;
  }
}

int step_maxpool(struct builder *b, const struct operand *in, struct pending *p) {
  const struct resnet_conv *c = &b->net.maxpool;
  int rc = pending_init(b, p, c->name, TETRA_MAXPOOL, in, in->codes.c);
  if (rc != TETRA_OK) return rc;
  p->op.win = c->win;
  rc = float_maxpool(&c->win, &in->codes, &p->acc, b->err);
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
  p->op.win.kh = in->codes.h;
  p->op.win.kw = in->codes.w;
  rc = float_plane_sum(&in->codes, &p->acc, b->err);
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
  rc = ftensor_init(&p->acc, t->n, t->h, t->w, t->c, b->err);
  if (rc != TETRA_OK) {
    pending_free(p);
    return rc;
  }
  memcpy(p->acc.v, t->v, ftensor_size(t) * sizeof *t->v);
  scale_uniformly(p, in->scale, tetra_fmt_max(in->fmt));
  return TETRA_OK;
}
