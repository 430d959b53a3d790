/* Sensitivities by measurement: each layer quantized alone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/internal.h"
#include "tetra/divergence.h"

/* One layer's weights in 8 and 4 bits, and room for its input. */
struct scratch {
  float *weights[N_POINTS], *x;
};

static int open_scratch(struct scratch *c, const struct study_batch *b, int l, struct tetra_error *err) {
  const struct tetra_float_node *n = &b->s->g.nodes[b->s->node[l]];
  const size_t k = tetra_window_elements(&n->win, n->cin) * (size_t)n->cout;
  memset(c, 0, sizeof *c);
  c->x = malloc(tetra_float_size(&b->s->g.values[n->in[0]], b->n) * sizeof *c->x);
  int rc = c->x ? TETRA_OK : TETRA_ENOMEM;
  for (int p = 0; !rc && p < N_POINTS; p++) {
    c->weights[p] = malloc(k * sizeof(float));
    rc = c->weights[p] ? study_weights(n, p == POINT_8 ? 8 : 4, b->s->inputs[l].scale, c->weights[p]) : TETRA_ENOMEM;
  }
  return rc ? tetra_fail(err, TETRA_ENOMEM, "no memory to quantize '%s'", n->name) : TETRA_OK;
}

static void close_scratch(struct scratch *c) {
  for (int p = 0; p < N_POINTS; p++) free(c->weights[p]);
  free(c->x);
}

/* Layer l quantized alone: the logits (not where `mse`), and its own sums. */
static int quantize_alone(const struct study_task *t, struct study_batch *b, int l, int choice, int mse,
                          struct scratch *c, const float **out, const float **own) {
  const struct tetra_study *s = t->s;
  const struct tetra_float_node *n = &s->g.nodes[s->node[l]];
  const struct tetra_layer_bits *bits = &t->choices[choice];
  quant_fake(&s->inputs[l].point[bits->acts == 8 ? POINT_8 : POINT_4], b->real[n->in[0]],
             tetra_float_size(&s->g.values[n->in[0]], b->n), c->x);
  return study_batch_change(b, s->node[l], c->x, c->weights[bits->weights == 8 ? POINT_8 : POINT_4], 1,
                            mse ? NULL : out, own, t->err);
}

/* Sums over the batch: of the divergence, or of squared errors and squares of the layer's sums. */
static int measure_choice(const struct study_task *t, struct study_batch *b, int l, int choice, int mse,
                          struct scratch *c, double sums[2]) {
  const struct tetra_study *s = t->s;
  const struct tetra_float_node *n = &s->g.nodes[s->node[l]];
  const float *out = NULL, *own = NULL;
  const int rc = quantize_alone(t, b, l, choice, mse, c, &out, &own);
  if (rc) return rc;
  if (!mse) {
    sums[0] += tetra_softmax_divergence(b->real[s->last], out, b->n, tetra_float_size(&s->g.values[s->last], 1));
    return TETRA_OK;
  }
  const size_t count = tetra_float_size(&s->g.values[n->out], b->n);
  for (size_t i = 0; i < count; i++) {
    const double x = (double)b->real[n->out][i], e = (double)own[i] - x;
    sums[0] += e * e;
    sums[1] += x * x;
  }
  return TETRA_OK;
}

static int measure_batch(const struct study_task *t, int first, int mse, double (*sums)[2]) {
  const struct tetra_study *s = t->s;
  struct study_batch b;
  int rc = study_batch_open(&b, s, first, s->n - first < s->batch ? s->n - first : s->batch, t->err);
  for (int l = 0; !rc && l < s->n_layers; l++) {
    struct scratch c;
    rc = open_scratch(&c, &b, l, t->err);
    for (int k = 0; !rc && k < t->n_choices; k++) rc = measure_choice(t, &b, l, k, mse, &c, sums[l * t->n_choices + k]);
    close_scratch(&c);
    study_tell(t, ((double)first + (double)b.n * (l + 1) / s->n_layers) / s->n);
  }
  study_batch_close(&b);
  return rc;
}

int study_measure(const struct study_task *t, int mse) {
  const struct tetra_study *s = t->s;
  const int n = s->n_layers * t->n_choices;
  double(*sums)[2] = calloc((size_t)n, sizeof *sums);
  int rc = sums ? study_calibrate(t->s, t->err) : tetra_fail(t->err, TETRA_ENOMEM, "no memory for %d sums", n);
  for (int first = 0; !rc && first < s->n; first += s->batch) rc = measure_batch(t, first, mse, sums);
  for (int i = 0; !rc && i < n; i++)
    t->out[i] = mse ? (sums[i][1] > 0 ? sums[i][0] / sums[i][1] : 0) : sums[i][0] / s->n;
  free(sums);
  return rc;
}

/* Of class cls over the largest other one; 0 where there is no other. */
static double lead_of(const float *logits, size_t classes, int cls) {
  double most = -INFINITY;
  for (size_t c = 0; c < classes; c++)
    if (c != (size_t)cls) most = fmax(most, (double)logits[c]);
  return classes > 1 ? (double)logits[cls] - most : 0;
}

/* The batch's images are first.. of all. */
static int leads_of_layer(const struct study_task *t, struct study_batch *b, int l, const int *cls, const double *lead,
                          double *drop) {
  const struct tetra_study *s = t->s;
  const size_t classes = tetra_float_size(&s->g.values[s->last], 1);
  struct scratch c;
  int rc = open_scratch(&c, b, l, t->err);
  for (int k = 0; !rc && k < t->n_choices; k++) {
    const float *out = NULL, *own = NULL;
    rc = quantize_alone(t, b, l, k, 0, &c, &out, &own);
    for (int i = 0; !rc && i < b->n; i++) {
      const int image = b->first + i;
      drop[((size_t)image * (size_t)s->n_layers + (size_t)l) * (size_t)t->n_choices + (size_t)k] =
          lead[image] - lead_of(out + (size_t)i * classes, classes, cls[image]);
    }
  }
  close_scratch(&c);
  return rc;
}

int tetra_study_leads(struct tetra_study *s, const struct tetra_layer_bits *choices, int n_choices, const int *cls,
                      double *lead, double *drop, struct tetra_error *err) {
  const struct study_task t = {.s = s, .choices = choices, .n_choices = n_choices, .err = err};
  const size_t classes = tetra_float_size(&s->g.values[s->last], 1);
  int rc = study_calibrate(s, err);
  for (int first = 0; !rc && first < s->n; first += s->batch) {
    struct study_batch b;
    rc = study_batch_open(&b, s, first, s->n - first < s->batch ? s->n - first : s->batch, err);
    for (int i = 0; !rc && i < b.n; i++)
      lead[first + i] = lead_of(b.real[s->last] + (size_t)i * classes, classes, cls[first + i]);
    for (int l = 0; !rc && l < s->n_layers; l++) rc = leads_of_layer(&t, &b, l, cls, lead, drop);
    study_batch_close(&b);
  }
  return rc;
}
