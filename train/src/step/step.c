/* One step of training: gradients, then all parameters learn. */
#include <math.h>

#include "once.h"
#include "place.h"
#include "step/pass.h"

/* Of the rate, for what moves many codes at once. */
static const double kSlower = 0.3;

/* Adam at one step of training: how much averages keep, and what they are divided by, having begun with 0. */
struct adam {
  double m, keep, mean, square;
};
static struct adam adam_of(const struct tetra_train *t) {
  const double keep = 0.99, age = (double)(t->step + 1);
  return (struct adam){t->o.momentum, keep, 1 - pow(t->o.momentum, age), 1 - pow(keep, age)};
}

/* The direction for gradient g of parameter i: its mean over the root of the mean of its square. */
static double direction(struct tetra_train *t, const struct adam *a, size_t i, double g) {
  const double tiny = 1e-18;
  t->velocity[i] = (float)(a->m * (double)t->velocity[i] + (1 - a->m) * g);
  t->square[i] = (float)(a->keep * (double)t->square[i] + (1 - a->keep) * g * g);
  return (double)t->velocity[i] / a->mean / (sqrt((double)t->square[i] / a->square) + tiny);
}

/* A step of LSQ learns by its logarithm, so that it stays positive, and by Adam: gradients of steps that a whole tensor
 * shares are orders of magnitude smaller than those of a channel's, and at one rate the former would not move. Slower
 * than weights: a step that changes turns the codes of all weights between two codes. */
static void learn_step(struct tetra_train *t, const struct adam *a, size_t i, double rate) {
  const double s = fabs((double)t->param[i]), slower = t->o.adam ? kSlower : 0.1;
  t->param[i] = (float)(s * exp(-slower * rate * direction(t, a, i, (double)t->grad[i] * s)));
}

/* Weights by Adam in units of their step: what counts of a weight is its code, and where batch norms were folded,
 * channels differ in size, and their gradients the other way round, by more than any one rate fits. */
static void learn_codes(struct tetra_train *t, const struct adam *a, const struct train_layer *l, double rate) {
  const size_t k = l->w.n / l->steps.n;
  for (size_t j = 0; j < l->w.n; j++) {
    const size_t i = l->w.at + j;
    const double unit = fabs((double)t->param[l->steps.at + j / k]), w = (double)t->param[i];
    t->param[i] = (float)(w - rate * (unit * direction(t, a, i, (double)t->grad[i]) + t->o.decay * w));
  }
}

/* What a 15th of the range is, as of 4 bits, of the value that a convolution's sums become; 0: none is quantized. */
static double bias_unit(const struct tetra_train *t, int i) {
  for (int v = 0; v < t->g.n_values; v++) {
    for (int k = TETRA_PLAN_POINTS - 1; k >= 0; k--) {
      const struct train_quantizer *q = &t->value[v].point[k];
      if (t->plan.points[v][k].used && q->on && train_biased_by(t, v, NULL) == i)
        return (double)(q->hi / q->scale) / 15;
    }
  }
  return 0;
}

static void descend_one(struct tetra_train *t, size_t i, float m, float rate, float decay) {
  const float g = t->grad[i] + decay * t->param[i];
  t->velocity[i] = m * t->velocity[i] + g;
  t->param[i] -= rate * (g + m * t->velocity[i]);
}

/* Biases by Adam, too, in what codes are worth behind them. */
static void learn_biases(struct tetra_train *t, const struct adam *a, int layer, double rate) {
  const struct train_span *bias = &t->layer[layer].bias;
  const double unit = bias_unit(t, layer);
  for (size_t i = bias->at; i < bias->at + bias->n; i++) {
    if (unit > 0)
      t->param[i] -= (float)(kSlower * rate * unit * direction(t, a, i, (double)t->grad[i]));
    else
      descend_one(t, i, (float)t->o.momentum, (float)rate, 0);
  }
}

static void descend(struct tetra_train *t, double rate) {
  const struct adam a = adam_of(t);
  for (int i = 0; t->o.adam && i < t->g.n_nodes; i++) {
    if (!t->layer[i].steps.n) continue;
    learn_codes(t, &a, &t->layer[i], rate);
    learn_biases(t, &a, i, rate);
  }
  for (size_t i = 0; i < t->n_params; i++) {
    if (t->kinds[i] == TRAIN_STEP)
      learn_step(t, &a, i, rate);
    else if (!t->o.adam)
      descend_one(t, i, (float)t->o.momentum, (float)rate, t->kinds[i] == TRAIN_KERNEL ? (float)t->o.decay : 0);
  }
}

static int check_batch(const struct tetra_train *t, const struct tetra_train_batch *b, struct tetra_error *err) {
  const int classes = t->g.values[t->logits].c;
  if (b->n < 1 || b->n > t->batch)
    return tetra_fail(err, TETRA_EINVAL, "a batch of %d images, 1 to %d are accepted", b->n, t->batch);
  for (int i = 0; i < b->n; i++)
    if (b->labels[i] < 0 || b->labels[i] >= classes)
      return tetra_fail(err, TETRA_EINVAL, "label %d of image %d; 0 to %d are accepted", b->labels[i], i, classes - 1);
  if (b->freeze && (t->frozen || t->o.method != TETRA_TRAIN_AQT))
    return tetra_fail(err, TETRA_EINVAL, "bounds are frozen once, with AQT");
  return TETRA_OK;
}

int tetra_train_step(struct tetra_train *t, const struct tetra_train_batch *b, struct tetra_train_result *r,
                     struct tetra_error *err) {
  int rc = check_batch(t, b, err);
  if (!rc) rc = t->once ? train_once_gradients(t, b, r, err) : train_gradients(t, b, r, err);
  if (rc) return rc;
  if (t->comm.sum_float) t->comm.sum_float(t->comm.context, t->grad, t->n_params);
  if (b->rate != 0) descend(t, b->rate);
  t->step++;
  return TETRA_OK;
}
