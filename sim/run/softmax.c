/* The softmax on the host: TensorFlow Lite's integer one bit for bit, otherwise in double. */
#include "run/softmax.h"

#include <math.h>

void sim_softmax(const struct tetra_model *m, int single, struct tetra_tensor *t, const struct sim_reals *r, int image,
                 double *p) {
  const int n = r->classes;
  double most = -1e300, sum = 0;
  if (m->host_softmax == TETRA_SOFTMAX_TFLITE) {
    int8_t *codes = (int8_t *)t->data + (size_t)image * t->pixel_bytes; /* s8, of one pixel */
    tetra_softmax_int8(codes, n, t->d.scale, m->softmax_beta, single, codes);
    for (int i = 0; i < n; i++) p[i] = (codes[i] + 128) / 256.0;
    return;
  }
  for (int i = 0; i < n; i++) {
    p[i] = r->v[(size_t)image * (size_t)n + (size_t)i];
    if (p[i] > most) most = p[i];
  }
  for (int i = 0; i < n; i++) sum += p[i] = exp(p[i] - most);
  for (int i = 0; i < n; i++) p[i] /= sum;
}
