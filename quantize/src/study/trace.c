/* HAWQ's sensitivities: curvature times squared error. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/internal.h"
#include "tetra/divergence.h"
#include "tetra/random.h"

/* A layer's weights or its input, changed along +-1. */
struct direction {
  const float *at; /* count numbers, of which the float network is made */
  size_t count;
  float *moved, *sign;
};

static double rms(const float *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
  return sqrt(sum / (double)n);
}

/* Mean divergence at +step and -step, the mean of both. */
static int divergence(const struct study_task *t, struct study_batch *b, int l, int is_input, struct direction *d,
                      double step, double *mean) {
  const struct tetra_study *s = t->s;
  *mean = 0;
  for (int side = -1; side <= 1; side += 2) {
    const float *out;
    for (size_t i = 0; i < d->count; i++) d->moved[i] = d->at[i] + (float)(side * step) * d->sign[i];
    const int rc = study_batch_change(b, s->node[l], is_input ? d->moved : NULL, is_input ? NULL : d->moved, 0, &out,
                                      NULL, t->err);
    if (rc) return rc;
    *mean +=
        tetra_softmax_divergence(b->real[s->last], out, b->n, tetra_float_size(&s->g.values[s->last], 1)) / (2 * b->n);
  }
  return TETRA_OK;
}

/* v'Hv, mean over the images: the divergence is step^2/2 of it. Steps are kept where float32 sees the difference and
 * the third order is small. `step` is where the last sample was. */
static int sample(const struct study_task *t, struct study_batch *b, int l, int is_input, struct direction *d,
                  uint64_t *random, double *step, double *curvature) {
  for (size_t i = 0; i < d->count; i++) d->sign[i] = tetra_random(random) >> 63 ? 1.0f : -1.0f;
  double mean = 0;
  for (int tries = 0; tries < 12; tries++) {
    const int rc = divergence(t, b, l, is_input, d, *step, &mean);
    if (rc) return rc;
    if (mean > 1e-2)
      *step /= mean > 1 ? 8 : 2;
    else if (mean < 1e-5)
      *step *= 3;
    else
      break;
  }
  *curvature = 2 * mean / (*step * *step);
  return TETRA_OK;
}

/* Mean curvature of one element. */
static int curvature(const struct study_task *t, struct study_batch *b, int l, int is_input, double *mean) {
  const struct tetra_study *s = t->s;
  const struct tetra_float_node *n = &s->g.nodes[s->node[l]];
  const size_t weights = tetra_window_elements(&n->win, n->cin) * (size_t)n->cout;
  struct direction d = {is_input ? b->real[n->in[0]] : n->w,
                        is_input ? tetra_float_size(&s->g.values[n->in[0]], b->n) : weights, NULL, NULL};
  uint64_t random = t->seed * 2 + (uint64_t)is_input + ((uint64_t)l << 32);
  double step = 0.02 * rms(d.at, d.count), sum = 0;
  if (!(step > 0)) step = 1e-3;
  d.moved = malloc(d.count * sizeof *d.moved);
  d.sign = malloc(d.count * sizeof *d.sign);
  int rc = d.moved && d.sign ? TETRA_OK : tetra_fail(t->err, TETRA_ENOMEM, "no memory for '%s'", n->name);
  for (int i = 0; !rc && i < t->samples; i++) {
    double c = 0;
    rc = sample(t, b, l, is_input, &d, &random, &step, &c);
    sum += c / t->samples;
  }
  free(d.moved);
  free(d.sign);
  *mean = sum / (double)(is_input ? d.count / (size_t)b->n : d.count);
  return rc;
}

/* Squared errors of 8 and 4 bits, of the weights and, an image, of the input. */
static int errors(const struct study_task *t, const struct study_batch *b, int l, double of[2][N_POINTS]) {
  const struct tetra_study *s = t->s;
  const struct tetra_float_node *n = &s->g.nodes[s->node[l]];
  const size_t weights = tetra_window_elements(&n->win, n->cin) * (size_t)n->cout,
               inputs = tetra_float_size(&s->g.values[n->in[0]], b->n);
  float *q = malloc((weights > inputs ? weights : inputs) * sizeof *q);
  int rc = q ? TETRA_OK : tetra_fail(t->err, TETRA_ENOMEM, "no memory for '%s'", n->name);
  for (int p = 0; !rc && p < N_POINTS; p++) {
    rc = study_weights(n, p == POINT_8 ? 8 : 4, s->inputs[l].scale, q);
    of[0][p] = of[1][p] = 0;
    for (size_t i = 0; !rc && i < weights; i++) of[0][p] += pow((double)q[i] - (double)n->w[i], 2);
    quant_fake(&s->inputs[l].point[p], b->real[n->in[0]], inputs, q);
    for (size_t i = 0; i < inputs; i++) of[1][p] += pow((double)q[i] - (double)b->real[n->in[0]][i], 2) / b->n;
  }
  free(q);
  return rc;
}

static int measure_layer(const struct study_task *t, struct study_batch *b, int l, double weight) {
  double mean[2] = {0, 0}, error[2][N_POINTS];
  int rc = errors(t, b, l, error);
  for (int input = 0; !rc && input < 2; input++) rc = curvature(t, b, l, input, &mean[input]);
  for (int c = 0; !rc && c < t->n_choices; c++)
    t->out[l * t->n_choices + c] += weight / 2 *
                                    (mean[0] * error[0][t->choices[c].weights == 8 ? POINT_8 : POINT_4] +
                                     mean[1] * error[1][t->choices[c].acts == 8 ? POINT_8 : POINT_4]);
  return rc;
}

int study_trace(const struct study_task *t) {
  const struct tetra_study *s = t->s;
  int rc = study_calibrate(t->s, t->err);
  for (int first = 0; !rc && first < s->n; first += s->batch) {
    struct study_batch b;
    rc = study_batch_open(&b, s, first, s->n - first < s->batch ? s->n - first : s->batch, t->err);
    for (int l = 0; !rc && l < s->n_layers; l++) {
      rc = measure_layer(t, &b, l, (double)b.n / s->n);
      study_tell(t, ((double)first + (double)b.n * (l + 1) / s->n_layers) / s->n);
    }
    study_batch_close(&b);
  }
  return rc;
}
