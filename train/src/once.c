/* Once-QAT: one set of parameters, of which every subnet has the first channels. A subnet is a network of its own,
 * whose parameters are copied out of the supernet's before it is used and whose gradients are added to the supernet's.
 */
#include "once.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "step/pass.h"
#include "step/points.h"

/* Wider first, more bits first. */
static double bits_of(enum tetra_precision p) {
  const struct tetra_precision_bits b = tetra_bits_of_precision(p);
  return 1000 * (b.weights + b.acts) + b.outer_weights + b.outer_acts;
}
static int by_size(const void *a, const void *b) {
  const struct tetra_subnet *x = a, *y = b;
  const double of_x[] = {x->width, bits_of(x->precision)}, of_y[] = {y->width, bits_of(y->precision)};
  for (int k = 0; k < 2; k++)
    if (of_x[k] != of_y[k]) return of_x[k] > of_y[k] ? -1 : 1;
  return 0;
}

static int check(const struct tetra_train_options *o, struct tetra_error *err) {
  if (o->n_widths < 1 || o->n_widths > TETRA_SUPERNET_WIDTHS)
    return tetra_fail(err, TETRA_EINVAL, "a supernet of %d widths: 1 to %d are accepted", o->n_widths,
                      TETRA_SUPERNET_WIDTHS);
  if (o->n_precisions < 1 || o->n_precisions > TETRA_PRECISION_COUNT)
    return tetra_fail(err, TETRA_EINVAL, "a supernet of %d precisions: 1 to %d are accepted", o->n_precisions,
                      TETRA_PRECISION_COUNT);
  for (int i = 0; i < o->n_widths; i++)
    for (int k = 0; k < i; k++)
      if (o->widths[i] == o->widths[k])
        return tetra_fail(err, TETRA_EINVAL, "width %g twice; each once is accepted", o->widths[i]);
  for (int i = 0; i < o->n_precisions; i++)
    for (int k = 0; k < i; k++)
      if (o->precisions[i] == o->precisions[k])
        return tetra_fail(err, TETRA_EINVAL, "precision %s twice; each once is accepted",
                          tetra_precision_name(o->precisions[i]));
  return TETRA_OK;
}

int train_once_new(struct train_once **once, const struct tetra_train_resnet *r, const struct tetra_train_options *o,
                   struct tetra_error *err) {
  *once = NULL;
  const int rc = check(o, err);
  if (rc) return rc;
  /* Option A's zeros stand in front of channels, too, and how many there are depends on the width: slices of it are not
   * what smaller networks are. */
  if (!r->projection || r->photos)
    return tetra_fail(err, TETRA_EINVAL,
                      "a supernet has convolutions as shortcuts (option B) and reads small images; other networks "
                      "cannot be sliced");
  struct train_once *s = calloc(1, sizeof *s);
  const size_t n = (size_t)o->n_widths * (size_t)o->n_precisions;
  if (s) {
    s->resnet = *r;
    s->n = (int)n;
    s->n_widths = o->n_widths;
    s->subnets = calloc(n, sizeof *s->subnets);
    s->net = calloc(n, sizeof(struct tetra_train *));
    s->said = calloc((size_t)o->batch * (size_t)r->classes, sizeof *s->said);
  }
  if (!s || !s->subnets || !s->net || !s->said) {
    train_once_free(s);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for a supernet");
  }
  for (int i = 0; i < o->n_widths; i++)
    for (int k = 0; k < o->n_precisions; k++)
      s->subnets[i * o->n_precisions + k] = (struct tetra_subnet){o->widths[i], o->precisions[k]};
  qsort(s->subnets, n, sizeof *s->subnets, by_size);
  *once = s;
  return TETRA_OK;
}

void train_once_free(struct train_once *once) {
  if (!once) return;
  free(once->subnets);
  free(once->net);
  free(once->said);
  free(once);
}

/* The fewest bits that any subnet reads value v with. */
static int fewest_bits(const struct tetra_train *t, int v) {
  int fewest = TRAIN_MOST_BITS;
  for (int k = 0; k < t->once->n; k++) {
    for (int p = 0; p < TETRA_PLAN_POINTS; p++) {
      const struct tetra_plan_point *point = &t->once->net[k]->plan.points[v][p];
      if (point->used && tetra_fmt_bits(point->fmt) < fewest) fewest = tetra_fmt_bits(point->fmt);
    }
  }
  return fewest;
}

static void first_weight_step(struct tetra_train *t, int i) {
  const struct train_layer *l = &t->layer[i];
  int fewest = TRAIN_MOST_BITS;
  double sum = 0;
  for (int k = 0; k < t->once->n; k++)
    if (t->once->net[k]->layer[i].bits < fewest) fewest = t->once->net[k]->layer[i].bits;
  for (size_t j = 0; j < l->w.n; j++) sum += fabs((double)t->param[l->w.at + j]);
  t->param[l->steps.at] = train_first_step(sum / (double)l->w.n, tetra_fmt_of(fewest, 1));
}

void train_once_begin(struct tetra_train *t) {
  for (int i = 0; i < t->g.n_nodes; i++)
    if (t->layer[i].steps.n) first_weight_step(t, i);
  for (int v = 0; v < t->g.n_values; v++) {
    t->value[v].fewest_bits = fewest_bits(t, v);
    if (t->value[v].step[0].n) t->param[t->value[v].step[0].at] = 1; /* until the first batch says */
  }
}

/* A span's first numbers, out of the supernet's parameters or added to its gradients. */
static void move(struct tetra_train *t, struct tetra_train *sub, struct train_span large, struct train_span small,
                 int back) {
  if (!back)
    memcpy(sub->param + small.at, t->param + large.at, small.n * sizeof(float));
  else
    for (size_t j = 0; j < small.n; j++) t->grad[large.at + j] += sub->grad[small.at + j];
}

/* The kernels between the first input and the first output channels, [cout][taps][cin]. */
static void move_layer(struct tetra_train *t, struct tetra_train *sub, int i, int back) {
  const struct train_layer *large = &t->layer[i], *small = &sub->layer[i];
  const size_t taps = (size_t)small->geo.taps.n, cout = (size_t)small->geo.cout;
  const size_t cin = (size_t)small->geo.cin, all = (size_t)large->geo.cin;
  for (size_t k = 0; k < cout * taps; k++)
    move(t, sub, (struct train_span){large->w.at + k * all, cin}, (struct train_span){small->w.at + k * cin, cin},
         back);
  move(t, sub, large->bias, small->bias, back);
  move(t, sub, large->gamma, small->gamma, back);
  move(t, sub, large->steps, small->steps, back);
}

static void move_all(struct tetra_train *t, struct tetra_train *sub, int back) {
  for (int i = 0; i < t->g.n_nodes; i++)
    if (t->layer[i].w.n) move_layer(t, sub, i, back);
  for (int v = 0; v < t->g.n_values; v++) move(t, sub, t->value[v].step[0], sub->value[v].step[0], back);
}

struct tetra_train *tetra_supernet_slice(struct tetra_train *t, int k) {
  struct tetra_train *sub = t->once->net[k];
  move_all(t, sub, 0);
  sub->frozen = t->frozen;
  for (int v = 0; v < t->g.n_values; v++)
    for (int p = 0; p < TETRA_PLAN_POINTS; p++) sub->value[v].point[p].on = t->frozen;
  return sub;
}

/* Subnet k's part of the step. */
static int one_of_them(struct tetra_train *t, int k, const struct tetra_train_batch *b, struct tetra_error *err) {
  struct tetra_train *sub = tetra_supernet_slice(t, k);
  struct tetra_train_batch batch = *b;
  struct tetra_train_result found;
  batch.teacher = t->once->said;
  const int rc = train_gradients(sub, &batch, &found, err);
  if (!rc) move_all(t, sub, 1);
  return rc;
}

/* The sandwich: the largest learns from the labels, the smallest one and some by chance from it. */
int train_once_gradients(struct tetra_train *t, const struct tetra_train_batch *b, struct tetra_train_result *r,
                         struct tetra_error *err) {
  const int n = t->once->n;
  int rc = train_gradients(t, b, r, err);
  if (rc) return rc;
  memcpy(t->once->said, train_x(t, t->logits), train_image_size(t, t->logits) * (size_t)b->n * sizeof(float));
  if (n > 1) rc = one_of_them(t, n - 1, b, err);
  for (int k = 0; !rc && k < TRAIN_ONCE_OTHERS && n > 2; k++) {
    const uint64_t place = t->step * TRAIN_ONCE_OTHERS + (uint64_t)k;
    rc = one_of_them(t, 1 + (int)(train_bits(~t->o.seed, place) % (uint64_t)(n - 2)), b, err);
  }
  return rc;
}

int tetra_supernet_count(const struct tetra_train *t) { return t->once ? t->once->n : 0; }

struct tetra_subnet tetra_supernet_subnet(const struct tetra_train *t, int k) {
  return t->once->subnets[k];
}

void tetra_supernet_calibrate(struct tetra_train *subnet, const float *images, int n, int batch) {
  const double before = subnet->fresh;
  subnet->fresh = 1.0 / (batch + 1);
  subnet->n_global = n;
  memcpy(train_x(subnet, subnet->g.input), images,
         tetra_float_size(&subnet->g.values[subnet->g.input], n) * sizeof *images);
  train_forward(subnet, n, 1, 0);
  subnet->fresh = before;
}
