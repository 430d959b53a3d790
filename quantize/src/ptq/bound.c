/* Bounds of activation tensors. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "ptq/quantizer.h"
#include "tetra/divergence.h"
#include "tetra/quantize.h"

/* What QuantizeLinear and DequantizeLinear make of x. */
static float fake(float x, float scale, float lo, float hi) {
  const float code = nearbyintf(x / scale);
  return (code < lo ? lo : code > hi ? hi : code) * scale;
}

static double squared_error(enum tetra_fmt fmt, float bound, const float *x, size_t n) {
  const float scale = 1.0f / tetra_aqt_scale(fmt, bound), lo = (float)tetra_fmt_min(fmt),
              hi = (float)tetra_fmt_max(fmt);
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    const float e = x[i] - fake(x[i], scale, lo, hi);
    sum += (double)(e * e);
  }
  return sum;
}

float quant_bound(enum tetra_fmt fmt, const float *x, size_t n, int search) {
  enum { tries = 40, sample = 1 << 20 };
  float max = 0;
  for (size_t i = 0; i < n; i++) max = fmaxf(max, fabsf(x[i]));
  if (!(max > QUANT_SMALLEST_BOUND)) return QUANT_SMALLEST_BOUND;
  if (!search) return max;
  const size_t step = n / sample + 1; /* a million values tell a bound well enough; an odd step meets all channels */
  const size_t stride = step | 1;
  float best = max;
  double least = -1;
  for (int t = tries; t >= 4; t--) {
    const float bound = max * (float)t / tries;
    double sum = 0;
    if (stride == 1) {
      sum = squared_error(fmt, bound, x, n);
    } else {
      for (size_t i = 0; i < n; i += stride) sum += squared_error(fmt, bound, x + i, 1);
    }
    if (least < 0 || sum < least) {
      least = sum;
      best = bound;
    }
  }
  return best;
}

size_t quant_fake(const struct quant_point *p, const float *x, size_t n, float *y) {
  const float lo = (float)tetra_fmt_min(p->fmt), hi = (float)tetra_fmt_max(p->fmt);
  size_t beyond = 0;
  for (size_t i = 0; i < n; i++) {
    const float code = nearbyintf(x[i] / p->scale);
    beyond += code < lo || code > hi;
    y[i] = (code < lo ? lo : code > hi ? hi : code) * p->scale;
  }
  return beyond;
}

/* *kl: how far the float network's answers move where n images alone, of count values in all, are quantized to q. */
static int try_image(const struct tetra_float_graph *g, struct quant_point *q, float bound, const float *images, int n,
                     size_t count, const float *logits, float *scratch, double *kl, struct tetra_error *err) {
  const struct tetra_float_node *last = &g->nodes[g->values[g->output].producer];
  const int v = last->kind == TETRA_FLOAT_SOFTMAX ? last->in[0] : g->output;
  float *got = NULL;
  q->bound = bound;
  q->scale = 1.0f / tetra_aqt_scale(q->fmt, bound);
  quant_fake(q, images, count, scratch);
  const int rc = tetra_float_run_graph(g, scratch, n, &got, err);
  if (!rc) *kl = tetra_softmax_divergence(logits, got, n, tetra_float_size(&g->values[v], 1)) / n;
  free(got);
  return rc;
}

int quant_image_bound(const struct tetra_float_graph *g, struct quant_point *q, const float *images, int n,
                      float *bound, struct tetra_error *err) {
  enum { most_images = 128, from = 9, to = 20 }; /* of 20 */
  if (n > most_images) n = most_images;
  const size_t count = tetra_float_size(&g->values[g->input], n);
  if (count == 0 || count > SIZE_MAX / sizeof(float)) return tetra_fail(err, TETRA_EINVAL, "%d images of no size", n);
  const float max = quant_bound(q->fmt, images, count, 0);
  float *scratch = malloc(count * sizeof *scratch), *logits = NULL;
  double least = INFINITY;
  int rc = scratch ? tetra_float_run_graph(g, images, n, &logits, err)
                   : tetra_fail(err, TETRA_ENOMEM, "no memory for %d images", n);
  for (int t = to; !rc && t >= from; t--) {
    double kl = INFINITY;
    rc = try_image(g, q, max * (float)t / to, images, n, count, logits, scratch, &kl, err);
    if (kl < least) {
      least = kl;
      *bound = q->bound;
    }
  }
  free(scratch);
  free(logits);
  return rc;
}
