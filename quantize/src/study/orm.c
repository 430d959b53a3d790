/* OMPQ's sensitivities: how alike the layers' outputs are. */
#include <cblas.h>
#include <math.h>
#include <stdlib.h>

#include "study/internal.h"

enum { ORM_IMAGES = 32 };

/* Centred Gram matrix [m][m] of m rows of `size` numbers. */
static void centred_gram(const float *x, size_t size, int m, double *g) {
  double *mean = g + (size_t)m * (size_t)m;
  for (int i = 0; i < m; i++)
    for (int j = 0; j < m; j++) {
      double sum = 0;
      for (size_t e = 0; e < size; e++) sum += (double)x[(size_t)i * size + e] * (double)x[(size_t)j * size + e];
      g[i * m + j] = sum;
    }
  double all = 0;
  for (int j = 0; j < m; j++) {
    mean[j] = 0;
    for (int i = 0; i < m; i++) mean[j] += g[i * m + j] / m;
    all += mean[j] / m;
  }
  for (int i = 0; i < m; i++)
    for (int j = 0; j < m; j++) g[i * m + j] -= mean[i] - all / 2 + mean[j] - all / 2;
}

static double product(const double *a, const double *b, int m) {
  double sum = 0;
  for (int i = 0; i < m * m; i++) sum += a[i] * b[i];
  return sum;
}

/* From centred Gram matrices, `stride` numbers apart. A set that is the same for all images is like no other. */
static void compare(const double *grams, size_t stride, int n, int m, double *matrix, double *gamma) {
  for (int i = 0; i < n; i++) {
    gamma[i] = 0;
    for (int j = 0; j < n; j++) {
      const double *a = grams + (size_t)i * stride, *b = grams + (size_t)j * stride;
      const double size = sqrt(product(a, a, m)) * sqrt(product(b, b, m));
      matrix[i * n + j] = size > 0 ? product(a, b, m) / size : i == j;
      if (i != j) gamma[i] += matrix[i * n + j];
    }
  }
}

int tetra_orm(const float *const *sets, const size_t *size, int n_sets, int images, double *matrix, double *gamma,
              struct tetra_error *err) {
  const size_t stride = (size_t)images * (size_t)(images + 1);
  double *grams = malloc((size_t)n_sets * stride * sizeof *grams);
  if (!grams) return tetra_fail(err, TETRA_ENOMEM, "no memory for the feature matrices of %d layers", n_sets);
  for (int i = 0; i < n_sets; i++) centred_gram(sets[i], size[i], images, grams + (size_t)i * stride);
  compare(grams, stride, n_sets, images, matrix, gamma);
  free(grams);
  return TETRA_OK;
}

/* One forward pass; a layer's matrix is all that is kept of its output. */
static int collect(const struct study_task *t, int m, size_t stride, double *grams) {
  const struct tetra_study *s = t->s;
  struct study_batch b;
  int rc = study_batch_open(&b, s, 0, m, t->err);
  for (int l = 0; !rc && l < s->n_layers; l++) {
    const int v = s->g.nodes[s->node[l]].out;
    centred_gram(b.real[v], tetra_float_size(&s->g.values[v], 1), m, grams + (size_t)l * stride);
    study_tell(t, (double)(l + 1) / s->n_layers);
  }
  study_batch_close(&b);
  return rc;
}

/* x bits of 8 are worth the mean of theta = exp(-10 gamma) from this layer on; gamma is taken over the other layers. */
static void give_values(const struct study_task *t, const double *gamma) {
  const int n = t->s->n_layers;
  double sum = 0;
  for (int l = n - 1; l >= 0; l--) {
    sum += exp(-10 * gamma[l] / (n > 1 ? n - 1 : 1));
    for (int c = 0; c < t->n_choices; c++)
      t->out[l * t->n_choices + c] = -(t->choices[c].weights + t->choices[c].acts) / 16.0 * sum / (n - l);
  }
}

int study_orm(const struct study_task *t) {
  const struct tetra_study *s = t->s;
  const int m = s->n < ORM_IMAGES ? s->n : ORM_IMAGES;
  const size_t n = (size_t)s->n_layers, stride = (size_t)m * (size_t)(m + 1);
  double *grams = malloc((n * stride + n * n + n) * sizeof *grams);
  if (!grams) return tetra_fail(t->err, TETRA_ENOMEM, "no memory for the feature matrices of %d layers", s->n_layers);
  const int rc = collect(t, m, stride, grams);
  if (!rc) {
    compare(grams, stride, s->n_layers, m, grams + n * stride, grams + n * stride + n * n);
    give_values(t, grams + n * stride + n * n);
  }
  free(grams);
  return rc;
}
