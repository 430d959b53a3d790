/* Images from batch norms' statistics, by gradient descent on their pixels. */
#include "synthesize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "step/pass.h"
#include "math/random.h"
#include "tetra/synthesize.h"

static const double kEps = 1e-6; /* under every root, as there */

/* Adds the loss of value v's channels; its gradient becomes the value's. The Kullback-Leibler divergence of a normal
 * distribution from another one does not change when both are scaled and moved alike, so it may be taken behind the
 * batch norm, where its mean is beta and its deviation |gamma|. */
static double value_loss(struct tetra_train *t, int v, int n) {
  const struct tetra_float_value *value = &t->g.values[v];
  const size_t channels = (size_t)value->c, count = tetra_float_size(value, n);
  const float *x = train_x(t, v);
  float *g = train_grad(t, v);
  const size_t pixels = count / channels;
  const double m = (double)pixels;
  double loss = 0;
  for (size_t c = 0; c < channels; c++) {
    double sum = 0, squares = 0;
    for (size_t i = c; i < count; i += channels) sum += (double)x[i];
    const double mean = sum / m;
    for (size_t i = c; i < count; i += channels) squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    const double var = squares / m + kEps, wanted = value->sd[c] * value->sd[c] + kEps;
    const double off = value->mean[c] - mean, apart = wanted + off * off;
    loss += 0.5 * log(var / wanted) - 0.5 + apart / (2 * var);
    const double by_mean = -off / var, by_var = 1 / (2 * var) - apart / (2 * var * var);
    const double scale = 1 / (m * (double)channels);
    for (size_t i = c; i < count; i += channels) g[i] = (float)(scale * (by_mean + 2 * by_var * ((double)x[i] - mean)));
  }
  t->value[v].has_grad = 1;
  return loss / (double)channels;
}

double train_statistics_loss(struct tetra_train *t, int n) {
  double loss = 0;
  t->n_global = n;
  for (int v = 0; v < t->g.n_values; v++) t->value[v].has_grad = 0;
  train_forward(t, n, 0, 0);
  for (int v = 0; v < t->g.n_values; v++)
    if (t->g.values[v].mean) loss += value_loss(t, v, n);
  train_backward(t, n, 0);
  return loss;
}

/* Adam, with PyTorch's rule for a loss that no longer falls. */
struct adam {
  float *mean, *square;
  double rate, best;
  int step, patience;
};

static void update(struct adam *a, float *x, const float *g, size_t n) {
  const double b1 = 0.9, b2 = 0.999, c1 = 1 - pow(b1, ++a->step), c2 = 1 - pow(b2, a->step);
  for (size_t i = 0; i < n; i++) {
    const double d = (double)g[i], m = b1 * (double)a->mean[i] + (1 - b1) * d;
    const double s = b2 * (double)a->square[i] + (1 - b2) * d * d;
    a->mean[i] = (float)m;
    a->square[i] = (float)s;
    x[i] -= (float)(a->rate * (m / c1) / (sqrt(s / c2) + 1e-8));
  }
}

static void watch(struct adam *a, double loss) {
  enum { PATIENCE = 25 };
  const double least = 1e-4;
  if (loss < a->best * (1 - 1e-4)) {
    a->best = loss;
    a->patience = 0;
  } else if (++a->patience > PATIENCE) {
    a->rate = fmax(a->rate / 10, least);
    a->patience = 0;
  }
}

/* `count` images from number `first` on. */
static int do_batch(struct tetra_train *t, const struct tetra_synthesis *o, int first, int count, float *images,
                    double *from, double *to, struct tetra_error *err) {
  const size_t size = tetra_float_size(&t->g.values[t->g.input], count);
  struct adam a = {calloc(size, sizeof(float)), calloc(size, sizeof(float)), o->rate, INFINITY, 0, 0};
  if (!a.mean || !a.square) {
    free(a.mean);
    free(a.square);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for %d images", count);
  }
  const size_t place = size / (size_t)count * (size_t)first;
  for (size_t i = 0; i < size; i++)
    images[i] = (float)(0.6 * ((double)(train_bits(o->seed, place + i) >> 11) * 0x1p-53 - 0.5));
  for (int step = 0;; step++) {
    memcpy(train_x(t, t->g.input), images, size * sizeof *images);
    const double loss = train_statistics_loss(t, count);
    if (step == 0) *from = loss;
    *to = loss;
    if (o->progress) o->progress(o->context, first, step, loss);
    if (step == o->steps) break;
    update(&a, images, train_grad(t, t->g.input), size);
    watch(&a, loss);
  }
  free(a.mean);
  free(a.square);
  return TETRA_OK;
}

static int check(const struct tetra_train *t, const struct tetra_synthesis *o, struct tetra_error *err) {
  int norms = 0;
  for (int v = 0; v < t->g.n_values; v++) norms += t->g.values[v].mean != NULL;
  if (norms == 0)
    return tetra_fail(err, TETRA_EINVAL,
                      "has no batch norms, whose statistics images are made of; an export with them "
                      "is accepted (of PyTorch: training=TrainingMode.PRESERVE, no constant folding)");
  if (o->images < 1 || o->batch < 1 || o->steps < 1)
    return tetra_fail(err, TETRA_EINVAL, "%d images, batches of %d, %d steps: at least 1 of each is accepted",
                      o->images, o->batch, o->steps);
  return TETRA_OK;
}

static int synthesize(struct tetra_train *t, const struct tetra_synthesis *o, struct tetra_synthesized *s,
                      struct tetra_error *err) {
  const struct tetra_float_value *in = &t->g.values[t->g.input];
  const size_t size = tetra_float_size(in, 1);
  int rc = check(t, o, err);
  if (rc) return rc;
  s->h = in->h;
  s->w = in->w;
  s->c = in->c;
  s->images = malloc(size * (size_t)o->images * sizeof *s->images);
  if (!s->images) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d images", o->images);
  for (int first = 0; !rc && first < o->images; first += o->batch) {
    const int count = o->images - first < o->batch ? o->images - first : o->batch;
    double from = 0, to = 0;
    rc = do_batch(t, o, first, count, s->images + (size_t)first * size, &from, &to, err);
    s->first_loss += from * count / o->images;
    s->last_loss += to * count / o->images;
  }
  return rc;
}

void tetra_synthesis_defaults(struct tetra_synthesis *o) {
  *o = (struct tetra_synthesis){.images = 64, .batch = 64, .steps = 200, .rate = 0.05, .seed = 1};
}

void tetra_synthesized_free(struct tetra_synthesized *s) {
  free(s->images);
  memset(s, 0, sizeof *s);
}

int tetra_synthesize(const uint8_t *bytes, size_t size, const struct tetra_synthesis *o, struct tetra_synthesized *s,
                     struct tetra_import_report *refused, struct tetra_error *err) {
  struct tetra_train_options how;
  struct tetra_train *t = NULL;
  memset(s, 0, sizeof *s);
  tetra_train_defaults(&how);
  how.batch = o->batch < o->images ? o->batch : o->images;
  how.threads = o->threads;
  how.images_learn = 1;
  int rc = tetra_train_model_open(&t, bytes, size, &how, refused, err);
  if (!rc) rc = synthesize(t, o, s, err);
  if (rc) tetra_synthesized_free(s);
  tetra_train_close(t);
  return rc;
}
