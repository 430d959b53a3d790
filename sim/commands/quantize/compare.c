/* The float and the quantized network over the same images. */
#include "commands/quantize/compare.h"
#include "tetra/divergence.h"
#include "tetra/exec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 16 /* images at once */

/* A network that is run image by image, batch by batch. */
struct quantized {
  struct tetra_model m;
  struct tetra_tensor *tensors;
  struct tetra_exec *exec;
};

static int open_quantized(struct quantized *q, const struct quantize_file *f, int batch, struct tetra_error *err) {
  struct tetra_import_options o;
  struct tetra_import_report refused;
  memset(q, 0, sizeof *q);
  tetra_import_defaults(&o);
  o.batch = batch;
  int rc = tetra_import_onnx(f->bytes, f->size, &o, &q->m, &refused, err);
  tetra_import_report_free(&refused);
  if (rc != TETRA_OK) return rc;
  const struct tetra_graph *g = &q->m.graph;
  q->tensors = calloc((size_t)g->n_values, sizeof *q->tensors);
  if (q->tensors == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d tensors", g->n_values);
  return tetra_tensor_init(&q->tensors[g->input], &g->values[g->input].d, err);
}

static void close_quantized(struct quantized *q) {
  for (int v = 0; q->tensors != NULL && v < q->m.graph.n_values; v++) tetra_tensor_free(&q->tensors[v]);
  free(q->tensors);
  tetra_exec_close(q->exec);
  tetra_model_free(&q->m);
}

/* As QuantizeLinear does it. */
static int code_of(float x, const struct tetra_desc *d) {
  const float q = nearbyintf(x / (float)d->scale) + (float)d->zero_point;
  const int lo = tetra_fmt_min(d->fmt), hi = tetra_fmt_max(d->fmt);
  return q < (float)lo ? lo : q > (float)hi ? hi : (int)q;
}

/* Slots past `count` keep what they have. */
static void fill(struct tetra_tensor *t, const float *x, int count) {
  for (int n = 0; n < count; n++) {
    for (int y = 0; y < t->d.h; y++) {
      for (int w = 0; w < t->d.w; w++) {
        for (int c = 0; c < t->d.c; c++) tetra_tensor_set(t, n, y, w, c, code_of(*x++, &t->d));
      }
    }
  }
}

static int code_at(const struct tetra_tensor *t, int n, int e) {
  const int c = t->d.c, w = t->d.w;
  return tetra_tensor_get(t, n, e / c / w, e / c % w, e % c);
}

/* Have both the same best class, the lower one first among equals? */
static int same_top1(const float *want, const struct tetra_tensor *got, int n, int classes) {
  int best = 0, best_got = 0;
  for (int e = 1; e < classes; e++) {
    if (want[e] > want[best]) best = e;
    if (code_at(got, n, e) > code_at(got, n, best_got)) best_got = e;
  }
  return best == best_got;
}

/* The logits that the quantized network gives for its image n. */
static void reals(const struct tetra_tensor *got, int n, int classes, float *out) {
  for (int e = 0; e < classes; e++) out[e] = (float)(code_at(got, n, e) * (double)got->d.scale);
}

/* row: room for an image's logits. */
static int run(struct quantized *q, const float *logits, int classes, float *row, const struct quantize_images *images,
               struct quantize_agreement *a, struct tetra_error *err) {
  const struct tetra_graph *g = &q->m.graph;
  struct tetra_tensor *input = &q->tensors[g->input];
  const struct tetra_desc *out = &g->values[g->output].d;
  const size_t item = (size_t)images->h * (size_t)images->w * (size_t)images->c;
  if (out->h * out->w * out->c != classes || (size_t)input->d.h * (size_t)input->d.w * (size_t)input->d.c != item) {
    return tetra_fail(err, TETRA_EINVAL, "the quantized network has another shape than the float one");
  }
  *a = (struct quantize_agreement){.n = images->n};
  int rc = tetra_exec_open(&q->exec, g, NULL, err);
  for (int first = 0; first < images->n && rc == TETRA_OK; first += input->d.n) {
    const int left = images->n - first, count = left < input->d.n ? left : input->d.n;
    fill(input, images->x + (size_t)first * item, count);
    rc = tetra_exec_run(q->exec, q->tensors, err);
    if (rc != TETRA_OK) return rc;
    for (int n = 0; n < count; n++) {
      const float *want = logits + (size_t)(first + n) * (size_t)classes;
      a->same_top1 += same_top1(want, &q->tensors[g->output], n, classes);
      reals(&q->tensors[g->output], n, classes, row);
      a->kl += tetra_softmax_divergence(want, row, 1, (size_t)classes) / images->n;
    }
  }
  return rc;
}

int quantize_compare(const struct quantize_file *real, const struct quantize_file *quantized,
                     const struct quantize_images *images, struct quantize_agreement *a, struct tetra_error *err) {
  struct tetra_import_report refused;
  struct quantized q;
  float *logits;
  int classes = 0;
  int rc = tetra_float_model_logits(real->bytes, real->size, images->x, images->n, &logits, &classes, &refused, err);
  tetra_import_report_free(&refused);
  if (rc != TETRA_OK) return rc;
  rc = open_quantized(&q, quantized, images->n < BATCH ? images->n : BATCH, err);
  float *row = malloc((size_t)classes * sizeof *row);
  if (rc == TETRA_OK && row == NULL && classes > 0) {
    rc = tetra_fail(err, TETRA_ENOMEM, "no memory for %d logits", classes);
  }
  if (rc == TETRA_OK) rc = run(&q, logits, classes, row, images, a, err);
  close_quantized(&q);
  free(row);
  free(logits);
  return rc;
}
