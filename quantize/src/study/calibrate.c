/* What the codes of each layer's input mean. */
#include <math.h>
#include <stdlib.h>

#include "study/internal.h"
#include "tetra/quantize.h"

enum { SAMPLE = 1 << 18 }; /* values of a tensor that tell its bounds, and its largest magnitude */

/* Every so many values of the tensor, an odd number, so that it meets all channels. */
static size_t take_sample(const float *x, size_t count, size_t stride, float *sample, size_t n) {
  float most = 0;
  for (size_t i = 0; i < count; i++) most = fmaxf(most, fabsf(x[i]));
  for (size_t i = 0; i < count && n < SAMPLE - 1; i += stride) sample[n++] = x[i];
  /* The largest one is the last one, always. */
  if (fabsf(sample[SAMPLE - 1]) < most) sample[SAMPLE - 1] = most;
  return n;
}

static void choose(struct tetra_study *s, int l, float *sample, size_t n) {
  sample[n] = sample[SAMPLE - 1];
  for (int k = 0; k < N_POINTS; k++) {
    struct quant_point *q = &s->inputs[l].point[k];
    q->bound = quant_bound(q->fmt, sample, n + 1, k == POINT_4);
    q->scale = 1.0f / tetra_aqt_scale(q->fmt, q->bound);
  }
}

static int choose_scales(struct tetra_study *s, struct tetra_error *err) {
  int rc = TETRA_OK;
  for (int l = 0; !rc && l < s->n_layers; l++) {
    const struct tetra_float_node *n = &s->g.nodes[s->node[l]];
    s->inputs[l].scale = tetra_arena_alloc(&s->arena, (size_t)n->cout, sizeof *s->inputs[l].scale);
    rc = s->inputs[l].scale ? study_scales(n, s->inputs[l].scale) : TETRA_ENOMEM;
  }
  return rc ? tetra_fail(err, rc, "no memory for the scales of %d layers", s->n_layers) : TETRA_OK;
}

int study_calibrate(struct tetra_study *s, struct tetra_error *err) {
  if (s->calibrated) return TETRA_OK;
  float *samples = calloc((size_t)s->n_layers * SAMPLE, sizeof *samples);
  size_t *n = calloc((size_t)s->n_layers, sizeof *n);
  int rc = samples && n ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory for samples of %d layers", s->n_layers);
  for (int first = 0; !rc && first < s->n; first += s->batch) {
    struct study_batch b;
    rc = study_batch_open(&b, s, first, s->n - first < s->batch ? s->n - first : s->batch, err);
    for (int l = 0; !rc && l < s->n_layers; l++) {
      const int v = s->g.nodes[s->node[l]].in[0];
      const size_t all = tetra_float_size(&s->g.values[v], s->n);
      n[l] = take_sample(b.real[v], tetra_float_size(&s->g.values[v], b.n), (all / SAMPLE + 1) | 1,
                         samples + (size_t)l * SAMPLE, n[l]);
    }
    study_batch_close(&b);
  }
  if (!rc) rc = choose_scales(s, err);
  for (int l = 0; !rc && l < s->n_layers; l++) choose(s, l, samples + (size_t)l * SAMPLE, n[l]);
  free(samples);
  free(n);
  s->calibrated = !rc;
  return rc;
}
