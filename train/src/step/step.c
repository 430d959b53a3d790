/* One step of training: gradients, then all parameters learn. */
#include <math.h>

#include "once.h"
#include "step/pass.h"

/* A step of LSQ learns by its logarithm, so that it stays positive, and by Adam: gradients of steps that a whole tensor
 * shares are orders of magnitude smaller than those of a channel's, and at one rate the former would not move. Slower
 * than weights: a step that changes turns the codes of all weights between two codes. */
static void learn_step(struct tetra_train *t, size_t i, double rate) {
  const double m = t->o.momentum, keep = 0.99, slower = 0.1, tiny = 1e-18, age = (double)(t->step + 1);
  const double s = fabs((double)t->param[i]), g = (double)t->grad[i] * s;
  t->velocity[i] = (float)(m * (double)t->velocity[i] + (1 - m) * g);
  t->square[i] = (float)(keep * (double)t->square[i] + (1 - keep) * g * g);
  const double mean = (double)t->velocity[i] / (1 - pow(m, age)), square = (double)t->square[i] / (1 - pow(keep, age));
  t->param[i] = (float)(s * exp(-slower * rate * mean / (sqrt(square) + tiny)));
}

static void descend(struct tetra_train *t, double rate) {
  const float m = (float)t->o.momentum, decay = (float)t->o.decay, r = (float)rate;
  for (size_t i = 0; i < t->n_params; i++) {
    if (t->kinds[i] == TRAIN_STEP) {
      learn_step(t, i, rate);
      continue;
    }
    const float g = t->grad[i] + (t->kinds[i] == TRAIN_KERNEL ? decay * t->param[i] : 0);
    t->velocity[i] = m * t->velocity[i] + g;
    t->param[i] -= r * (g + m * t->velocity[i]);
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
