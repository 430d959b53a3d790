/* The trained network as an ONNX file. Of a quantized one, batch norms go into scales and biases, channel by channel:
 * codes stay what was trained. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "once.h"
#include "step/layer.h"
#include "place.h"
#include "step/points.h"
#include "tetra/quantize.h"

/* A layer's batch norm as it is after training: y = mult * x + offset. */
static void norm_of(const struct tetra_train *t, const struct train_layer *l, size_t c, double *mult, double *offset) {
  *mult = 1;
  *offset = (double)t->param[l->bias.at + c];
  if (!l->gamma.n) return;
  const float *running = t->stats + l->running.at;
  const struct tetra_bn bn = {t->param[l->gamma.at + c], t->param[l->bias.at + c], running[c], running[l->gamma.n + c]};
  tetra_bn_fold(&bn, mult, offset);
}

/* Codes with the sign of the batch norm, positive scales; what a batch norm of 0 multiplies is nothing. */
static int quantized_layer(struct tetra_train *t, struct tetra_arena *arena, int i, struct tetra_plan_layer *out) {
  const struct train_layer *l = &t->layer[i];
  const size_t cout = (size_t)l->geo.cout, k = l->w.n / cout;
  out->bits = l->bits;
  out->codes = tetra_arena_alloc(arena, l->w.n, 1);
  out->scale = tetra_arena_alloc(arena, cout, sizeof *out->scale);
  out->bias = tetra_arena_alloc(arena, cout, sizeof *out->bias);
  if (!out->codes || !out->scale || !out->bias) return tetra_arena_failed(arena);
  train_layer_prepare(t, i);
  for (size_t c = 0; c < cout; c++) {
    double mult;
    norm_of(t, l, c, &mult, &out->bias[c]);
    const float scale = (float)(fabs(mult) * (double)l->unit[c]);
    const int sign = scale > 0 ? (mult < 0 ? -1 : 1) : 0;
    out->scale[c] = scale > 0 ? scale : 1;
    for (size_t j = 0; j < k; j++) out->codes[c * k + j] = (int8_t)(sign * (int)l->codes[c * k + j]);
  }
  return TETRA_OK;
}

/* Takes what AQT's rounding wants off the bias of the convolution that makes value v (place.c). */
static void take_shift(const struct tetra_train *t, int v, struct tetra_plan *plan) {
  const struct train_value *value = &t->value[v];
  int pooled;
  if (value->shifted_by != v || value->floored < 0) return;
  const int i = train_biased_by(t, v, &pooled);
  for (int c = 0; c < t->g.nodes[i].cout; c++) plan->layers[i].bias[c] -= (double)value->shift;
}

/* The node that makes the operand, a pick that nothing but this addition reads, or NULL. */
static const struct tetra_float_node *pick_of(const struct tetra_train *t, int v) {
  const int from = t->g.values[v].producer;
  return from >= 0 && t->g.nodes[from].kind == TETRA_FLOAT_PICK ? &t->g.nodes[from] : NULL;
}

/* Gives an addition's convolution what its residual lacks of the trained one. */
static void give_back(const struct tetra_train *t, int i, struct tetra_plan *plan) {
  const struct tetra_float_node *add = &t->g.nodes[i];
  for (int k = 0; k < 2; k++) {
    const struct tetra_float_node *pick = pick_of(t, add->in[k]);
    const struct train_quantizer *q =
        pick ? train_quantizer_of(t, (int)(pick - t->g.nodes), 0) : train_quantizer_of(t, i, k);
    const int conv = t->g.values[add->in[!k]].producer;
    if (!q || q->offset == 0 || conv < 0 || t->g.nodes[conv].kind != TETRA_FLOAT_CONV) continue;
    const int first = pick ? pick->c_before : 0, end = t->g.nodes[conv].cout - (pick ? pick->c_after : 0);
    for (int c = first; c < end; c++) plan->layers[conv].bias[c] += (double)q->offset;
  }
}

static int fill_plan(struct tetra_train *t, struct tetra_arena *arena, struct tetra_plan *plan) {
  *plan = t->plan;
  plan->points = tetra_arena_alloc(arena, (size_t)t->g.n_values, sizeof *plan->points);
  plan->layers = tetra_arena_alloc(arena, (size_t)t->g.n_nodes, sizeof *plan->layers);
  if (!plan->points || !plan->layers) return tetra_arena_failed(arena);
  for (int v = 0; v < t->g.n_values; v++) {
    for (int k = 0; k < TETRA_PLAN_POINTS; k++) {
      plan->points[v][k] = t->plan.points[v][k];
      plan->points[v][k].scale = 1 / t->value[v].point[k].scale;
    }
  }
  for (int i = 0; i < t->g.n_nodes; i++) {
    const int rc = t->layer[i].w.n ? quantized_layer(t, arena, i, &plan->layers[i]) : TETRA_OK;
    if (rc) return rc;
  }
  for (int v = 0; v < t->g.n_values; v++) take_shift(t, v, plan);
  for (int i = 0; i < t->g.n_nodes; i++)
    if (t->g.nodes[i].kind == TETRA_FLOAT_ADD) give_back(t, i, plan);
  return TETRA_OK;
}

/* A float network: weights and batch norms as they are. */
static int fill_float(struct tetra_train *t, struct tetra_arena *arena, struct tetra_bn **norms) {
  for (int i = 0; i < t->g.n_nodes; i++) {
    const struct train_layer *l = &t->layer[i];
    struct tetra_float_node *n = &t->g.nodes[i];
    if (!l->w.n) continue;
    n->w = t->param + l->w.at;
    n->bias = tetra_arena_alloc(arena, l->bias.n, sizeof *n->bias);
    if (!n->bias) return tetra_arena_failed(arena);
    for (size_t c = 0; c < l->bias.n; c++) n->bias[c] = (double)t->param[l->bias.at + c];
    if (!l->gamma.n) continue;
    const float *running = t->stats + l->running.at;
    norms[i] = tetra_arena_alloc(arena, l->gamma.n, sizeof **norms);
    if (!norms[i]) return tetra_arena_failed(arena);
    for (size_t c = 0; c < l->gamma.n; c++)
      norms[i][c] =
          (struct tetra_bn){t->param[l->gamma.at + c], t->param[l->bias.at + c], running[c], running[l->gamma.n + c]};
  }
  return TETRA_OK;
}

int tetra_train_export(struct tetra_train *t, uint8_t **bytes, size_t *size, struct tetra_error *err) {
  struct tetra_error own = {0, ""};
  struct tetra_arena arena = {.err = err ? err : &own, .budget = SIZE_MAX / 4};
  struct tetra_plan plan;
  int rc = TETRA_OK;
  *bytes = NULL;
  if (t->o.method == TETRA_TRAIN_AQT && !t->frozen)
    return tetra_fail(err, TETRA_EINVAL, "bounds of activations are not frozen yet: train further, or freeze earlier");
  if (t->once) return train_once_write(t, bytes, size, err);
  if (t->quantized) {
    rc = fill_plan(t, &arena, &plan);
    if (!rc) rc = tetra_plan_write(&arena, &plan, bytes, size);
  } else {
    struct tetra_bn **norms = tetra_arena_alloc(&arena, (size_t)t->g.n_nodes, sizeof(struct tetra_bn *));
    rc = norms ? fill_float(t, &arena, norms) : tetra_arena_failed(&arena);
    if (!rc) rc = tetra_float_write(&arena, &t->g, norms, bytes, size);
  }
  tetra_arena_free(&arena);
  return rc;
}
