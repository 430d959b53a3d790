/* What a quantized network is exported as: its codes, scales and biases. Batch norms go into scales and biases, channel
 * by channel: codes stay what was trained. */
#include "exported.h"

#include <math.h>
#include <string.h>

#include "place.h"
#include "step/layer.h"
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
static void layer(struct tetra_train *t, int i, struct tetra_plan_layer *out) {
  const struct train_layer *l = &t->layer[i];
  const size_t cout = (size_t)l->geo.cout, k = l->w.n / cout;
  train_layer_prepare(t, i);
  for (size_t c = 0; c < cout; c++) {
    double mult;
    norm_of(t, l, c, &mult, &out->bias[c]);
    const float scale = (float)(fabs(mult) * (double)l->unit[c]);
    const int sign = scale > 0 ? (mult < 0 ? -1 : 1) : 0;
    out->scale[c] = scale > 0 ? scale : 1;
    for (size_t j = 0; j < k; j++) out->codes[c * k + j] = (int8_t)(sign * (int)l->codes[c * k + j]);
  }
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

int train_exported_prepare(struct tetra_train *t) {
  struct tetra_plan *plan = &t->exported;
  *plan = t->plan;
  plan->points = tetra_arena_alloc(&t->arena, (size_t)t->g.n_values, sizeof *plan->points);
  plan->layers = tetra_arena_alloc(&t->arena, (size_t)t->g.n_nodes, sizeof *plan->layers);
  if (!plan->points || !plan->layers) return tetra_arena_failed(&t->arena);
  for (int v = 0; v < t->g.n_values; v++)
    for (int k = 0; k < TETRA_PLAN_POINTS; k++)
      if (t->plan.points[v][k].used &&
          !(t->value[v].fraction[k] = tetra_arena_alloc(&t->arena, (size_t)t->g.values[v].c, sizeof(double))))
        return tetra_arena_failed(&t->arena);
  memcpy(plan->points, t->plan.points, (size_t)t->g.n_values * sizeof *plan->points);
  for (int i = 0; i < t->g.n_nodes; i++) {
    const struct train_layer *l = &t->layer[i];
    struct tetra_plan_layer *out = &plan->layers[i];
    if (!l->w.n) continue;
    out->bits = l->bits;
    out->codes = tetra_arena_alloc(&t->arena, l->w.n, 1);
    out->scale = tetra_arena_alloc(&t->arena, (size_t)l->geo.cout, sizeof *out->scale);
    out->bias = tetra_arena_alloc(&t->arena, (size_t)l->geo.cout, sizeof *out->bias);
    if (!out->codes || !out->scale || !out->bias) return tetra_arena_failed(&t->arena);
  }
  return TETRA_OK;
}

void train_exported_fill(struct tetra_train *t) {
  struct tetra_plan *plan = &t->exported;
  if (train_learns_steps(t)) train_use_steps(t);
  for (int v = 0; v < t->g.n_values; v++)
    for (int k = 0; k < TETRA_PLAN_POINTS; k++) plan->points[v][k].scale = 1 / t->value[v].point[k].scale;
  for (int i = 0; i < t->g.n_nodes; i++)
    if (t->layer[i].w.n) layer(t, i, &plan->layers[i]);
  for (int v = 0; v < t->g.n_values; v++) take_shift(t, v, plan);
  for (int i = 0; i < t->g.n_nodes; i++)
    if (t->g.nodes[i].kind == TETRA_FLOAT_ADD) give_back(t, i, plan);
}
