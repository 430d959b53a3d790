/* A float input on its way to its codes. */
#include <math.h>

#include "common/steps.h"

float tetra_input_real(const struct tetra_model *m, float x, int c) {
  for (int i = 0; i < m->n_steps; i++) {
    const float v = m->steps[i].v[m->steps[i].per_channel ? c : 0];
    switch (m->steps[i].kind) {
      case TETRA_STEP_ADD:
        x += v;
        break;
      case TETRA_STEP_SUB:
        x -= v;
        break;
      case TETRA_STEP_SUB_FROM:
        x = v - x;
        break;
      case TETRA_STEP_MUL:
        x *= v;
        break;
      default:
        x /= v;
    }
  }
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

int tetra_input_code(const struct tetra_model *m, const struct tetra_desc *d, float x, int c) {
  const int lo = tetra_fmt_min(d->fmt), hi = tetra_fmt_max(d->fmt);
  const float real = tetra_input_real(m, x, c) / (float)d->scale, zp = (float)d->zero_point;
  const float q = m->format == TETRA_MODEL_TFLITE ? roundf(real) + zp : import_round(m->input_round, real, zp);
  if (!(q > (float)lo)) return lo; /* NaN too */
  return q > (float)hi ? hi : (int)q;
}
