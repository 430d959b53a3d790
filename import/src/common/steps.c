/* A float input on its way to the first quantization. */
#include "tetra/import.h"

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
