/* Scales of weights: by the largest magnitude, or the exact optimum for nearest codes. */
#include <math.h>
#include <stdlib.h>

#include "methods/methods.h"
#include "tetra/quantize.h"

/* Channels from..to-1 get this scale, or as much as their biases need. */
static void give(const struct method_layer *l, int from, int to, float s, float *scale) {
  for (int o = from; o < to; o++) s = fmaxf(s, l->least[o]);
  for (int o = from; o < to; o++) scale[o] = s;
}

static int end_of_group(const struct method_layer *l, int from) {
  return from + l->share < l->cout ? from + l->share : l->cout;
}

/* AQT's, which makes a scale of zeros too. */
static float max_scale(const struct method_layer *l, int from, int to) {
  const size_t k = method_inputs(l);
  double max = 0;
  for (size_t i = (size_t)from * k; i < (size_t)to * k; i++) max = fmax(max, fabs(l->target[i]));
  return 1.0f / tetra_aqt_scale(l->top == 7 ? TETRA_S4 : TETRA_S8, (float)max);
}

void method_max_scales(const struct method_layer *l, float *scale) {
  for (int o = 0; o < l->cout; o = end_of_group(l, o)) {
    const int to = end_of_group(l, o);
    give(l, o, to, max_scale(l, o, to), scale);
  }
}

void method_gpfq_scales(const struct method_layer *l, float *scale) {
  for (int o = 0; o < l->cout; o = end_of_group(l, o)) {
    const int to = end_of_group(l, o);
    give(l, o, to, 1.16f * max_scale(l, o, to), scale);
  }
}

/* Below this scale a weight's code grows by one. */
struct step {
  double at, num, den; /* what the code's growth adds to sum(h |t| |q|) and sum(h q^2) */
};

static int falling(const void *a, const void *b) {
  const double x = ((const struct step *)a)->at, y = ((const struct step *)b)->at;
  return x < y ? 1 : x > y ? -1 : 0;
}

static size_t collect(const struct method_layer *l, int from, int to, const double *importance, struct step *steps) {
  const size_t k = method_inputs(l);
  size_t n = 0;
  for (size_t i = (size_t)from * k; i < (size_t)to * k; i++) {
    const double t = fabs(l->target[i]), h = importance ? importance[i % k] : 1;
    for (int m = 0; t > 0 && h > 0 && m < l->top; m++)
      steps[n++] = (struct step){t / (m + 0.5), h * t, h * (2 * m + 1)};
  }
  return n;
}

/* With codes q the best scale is num / den, and leaves the error sum(h t^2) - num^2 / den; between two steps the codes
 * do not change. So the largest num^2 / den over all steps is the optimum over all scales. 0 where nothing matters. */
static double sweep(struct step *steps, size_t n) {
  double num = 0, den = 0, most = 0, best = 0;
  qsort(steps, n, sizeof *steps, falling);
  for (size_t i = 0; i < n; i++) {
    num += steps[i].num;
    den += steps[i].den;
    if (num * num > most * den) {
      most = num * num / den;
      best = num / den;
    }
  }
  return best;
}

int method_best_scales(const struct method_layer *l, const double *importance, float *scale) {
  const size_t k = method_inputs(l), most = (size_t)l->share * k * (size_t)l->top;
  struct step *steps = malloc(most * sizeof *steps);
  if (steps == NULL) return TETRA_ENOMEM;
  for (int o = 0; o < l->cout; o = end_of_group(l, o)) {
    const int to = end_of_group(l, o);
    const double s = sweep(steps, collect(l, o, to, importance, steps));
    give(l, o, to, s > 0 ? (float)s : max_scale(l, o, to), scale);
  }
  free(steps);
  return TETRA_OK;
}
