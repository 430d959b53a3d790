/* A float input on its way to its codes. */
#include <math.h>

#include "common/steps.h"

static void step_all(const struct tetra_input_step *s, int c, int n, float *x) {
  const float v = s->v[s->per_channel ? c : 0];
  switch (s->kind) {
    case TETRA_STEP_ADD:
      for (int i = 0; i < n; i++) x[i] += v;
      break;
    case TETRA_STEP_SUB:
      for (int i = 0; i < n; i++) x[i] -= v;
      break;
    case TETRA_STEP_SUB_FROM:
      for (int i = 0; i < n; i++) x[i] = v - x[i];
      break;
    case TETRA_STEP_MUL:
      for (int i = 0; i < n; i++) x[i] *= v;
      break;
    default:
      for (int i = 0; i < n; i++) x[i] /= v;
  }
}

float tetra_input_real(const struct tetra_model *m, float x, int c) {
  for (int i = 0; i < m->n_steps; i++) step_all(&m->steps[i], c, 1, &x);
  return x;
}

float import_round(enum tetra_input_round round, float x, float zp) {
  const float sum = x + zp;
  switch (round) {
    case TETRA_INPUT_OF_FORMAT:
      return nearbyintf(x) + zp;
    case TETRA_INPUT_HALF_AWAY:
      return roundf(sum);
    case TETRA_INPUT_HALF_TOWARD:
      return copysignf(ceilf(fabsf(sum) - 0.5F), sum);
    case TETRA_INPUT_FLOOR:
      return floorf(sum);
    case TETRA_INPUT_CEIL:
      return ceilf(sum);
    case TETRA_INPUT_AWAY:
      return copysignf(ceilf(fabsf(sum)), sum);
    case TETRA_INPUT_TOWARD:
      return truncf(sum);
    default:
      return nearbyintf(sum);
  }
}

/* The usual rounding in a loop of its own, which compilers make vectors of. */
static void round_all(const struct tetra_model *m, float zp, int n, float *x) {
  if (m->format == TETRA_MODEL_TFLITE)
    for (int i = 0; i < n; i++) x[i] = roundf(x[i]) + zp;
  else if (m->input_round == TETRA_INPUT_OF_FORMAT)
    for (int i = 0; i < n; i++) x[i] = nearbyintf(x[i]) + zp;
  else
    for (int i = 0; i < n; i++) x[i] = import_round(m->input_round, x[i], zp);
}

void tetra_input_codes(const struct tetra_model *m, const struct tetra_desc *d, int c, int n, float *x, int *codes) {
  const float lo = (float)tetra_fmt_min(d->fmt), hi = (float)tetra_fmt_max(d->fmt), scale = (float)d->scale;
  for (int i = 0; i < m->n_steps; i++) step_all(&m->steps[i], c, n, x);
  for (int i = 0; i < n; i++) x[i] /= scale;
  round_all(m, (float)d->zero_point, n, x);
  for (int i = 0; i < n; i++) {
    const float q = x[i] > lo ? x[i] : lo; /* of NaN, too */
    codes[i] = (int)(q < hi ? q : hi);
  }
}

int tetra_input_code(const struct tetra_model *m, const struct tetra_desc *d, float x, int c) {
  int code;
  tetra_input_codes(m, d, c, 1, &x, &code);
  return code;
}
