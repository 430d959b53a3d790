/* The whole network forward and backward. */
#include "step/pass.h"

#include <math.h>
#include <string.h>

#include "step/layer.h"
#include "step/loss.h"
#include "step/ops.h"
#include "step/points.h"

/* Logits are followed to the end: nothing in training reads their codes, so bounds that were frozen while they still
 * grew would clip them. */
static void range(struct tetra_train *t, int v, int n, int training, int freeze) {
  const int last = t->quantized && v == t->logits;
  if (training && !last && t->o.method == TETRA_TRAIN_ONCE && !t->frozen) train_begin_step(t, v, n);
  if (!training || !(last || (t->o.method == TETRA_TRAIN_AQT && !t->frozen))) return;
  train_follow(t, v, n);
  if (freeze || (last && (t->frozen || train_learns_steps(t)))) train_set_bounds(t, v);
}

void train_forward(struct tetra_train *t, int n, int training, int freeze) {
  if (train_learns_steps(t)) train_use_steps(t);
  range(t, t->g.input, n, training, freeze);
  for (int i = 0; i < t->g.n_nodes; i++) {
    if (t->g.nodes[i].kind == TETRA_FLOAT_CONV) {
      train_layer_prepare(t, i);
      train_layer_forward(t, i, n, training);
    } else if (!train_is_done(t, i)) {
      train_op_forward(t, i, n);
    }
    /* A value whose clamp shares its memory is that clamp's. */
    if (t->fused[i] < 0 && t->g.nodes[i].kind != TETRA_FLOAT_SOFTMAX) range(t, t->g.nodes[i].out, n, training, freeze);
  }
  if (training && (freeze || t->o.method == TETRA_TRAIN_ONCE)) t->frozen = 1;
}

void train_backward(struct tetra_train *t, int n, int training) {
  memset(t->grad, 0, t->n_params * sizeof *t->grad);
  for (int i = t->g.n_nodes - 1; i >= 0; i--) {
    if (train_is_done(t, i) || !t->value[t->value[t->g.nodes[i].out].root].has_grad) continue;
    if (t->g.nodes[i].kind == TETRA_FLOAT_CONV)
      train_layer_backward(t, i, n, training);
    else
      train_op_backward(t, i, n);
  }
}

/* 1/2 decay times the kernels' squares, as the paper counts it into the loss. */
static double decay_loss(const struct tetra_train *t) {
  double sum = 0;
  for (size_t i = 0; i < t->n_params; i++)
    if (t->kinds[i] == TRAIN_KERNEL) sum += (double)t->param[i] * (double)t->param[i];
  return 0.5 * t->o.decay * sum;
}

int train_gradients(struct tetra_train *t, const struct tetra_train_batch *b, struct tetra_train_result *r,
                    struct tetra_error *err) {
  t->n_global = b->n_global;
  t->share = t->comm.size > 1 ? 1.0 / t->comm.size : 1;
  for (int v = 0; v < t->g.n_values; v++) t->value[v].has_grad = 0;
  memcpy(train_x(t, t->g.input), b->images, tetra_float_size(&t->g.values[t->g.input], b->n) * sizeof *b->images);
  train_forward(t, b->n, 1, b->freeze);
  double found[2];
  found[0] = train_loss(t, b, &r->correct);
  found[1] = r->correct;
  if (t->comm.sum_double) t->comm.sum_double(t->comm.context, found, 2);
  r->loss = found[0] / t->n_global + decay_loss(t);
  r->correct = (int)found[1];
  if (!isfinite(r->loss)) return tetra_fail(err, TETRA_ERANGE, "the loss is %g", r->loss);
  train_backward(t, b->n, 1);
  return TETRA_OK;
}
