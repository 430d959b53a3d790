/* How many answers of a network in training are right. */
#include "commands/train/accuracy.h"

#include <stdlib.h>

static int first_largest(const float *x, int n) {
  int best = 0;
  for (int k = 1; k < n; k++) best = x[k] > x[best] ? k : best;
  return best;
}

int train_count_right(struct tetra_train *t, const struct train_set *s, const struct sim_pixels *pixels, int first,
                      int end, int batch, int *right, struct tetra_error *err) {
  int h, w, c, classes, rc = TETRA_OK;
  tetra_train_shape(t, &h, &w, &c, &classes);
  const size_t size = (size_t)h * (size_t)w * (size_t)c, most = (size_t)batch;
  float *images = malloc(most * size * sizeof *images), *logits = malloc(most * (size_t)classes * sizeof *logits);
  *right = 0;
  if (images == NULL || logits == NULL) {
    free(images);
    free(logits);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for %d images", batch);
  }
  for (; rc == TETRA_OK && first < end; first += batch) {
    const int n = end - first < batch ? end - first : batch;
    for (int i = 0; i < n && rc == TETRA_OK; i++)
      rc = train_set_image(s, pixels, first + i, NULL, images + (size_t)i * size, err);
    if (rc != TETRA_OK) break;
    tetra_train_logits(t, images, n, 1, logits);
    for (int i = 0; i < n; i++)
      *right += first_largest(logits + (size_t)i * (size_t)classes, classes) == s->labels[first + i];
  }
  free(images);
  free(logits);
  return rc;
}
