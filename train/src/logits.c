/* Logits of images, as training computes them or, of a quantized network, as it is exported. */
#include <string.h>

#include "step/exact.h"
#include "step/pass.h"

/* As training computes them. */
static void float_logits(struct tetra_train *t, const float *images, int n, int quantized_logits, float *logits) {
  const size_t count = tetra_float_size(&t->g.values[t->logits], n);
  memcpy(train_x(t, t->g.input), images, tetra_float_size(&t->g.values[t->g.input], n) * sizeof *images);
  train_forward(t, n, 0, 0);
  const struct train_quantizer *q = &t->value[t->logits].point[TETRA_PLAN_8];
  memcpy(logits, train_x(t, t->logits), count * sizeof *logits);
  if (!quantized_logits || !t->quantized || !q->on) return;
  train_quantize(q, logits, count, logits);
  for (size_t i = 0; i < count; i++) logits[i] = logits[i] / q->scale;
}

void tetra_train_logits(struct tetra_train *t, const float *images, int n, int quantized_logits, float *logits) {
  if (t->quantized && (t->frozen || t->o.method == TETRA_TRAIN_LSQ))
    train_exact_logits(t, images, n, quantized_logits, logits);
  else
    float_logits(t, images, n, quantized_logits, logits);
}
