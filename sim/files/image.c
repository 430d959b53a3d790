/* Decoded pictures: their memory and its limits. */
#include "files/image.h"

#include <stdlib.h>
#include <string.h>

int sim_image_alloc(const char *path, uint64_t n, uint64_t h, uint64_t w, struct sim_image *image,
                    struct tetra_error *err) {
  if (n < 1 || h < 1 || w < 1 || h > SIM_IMAGE_MAX_SIDE || w > SIM_IMAGE_MAX_SIDE || n > SIM_IMAGE_MAX_BYTES ||
      n * h * w > SIM_IMAGE_MAX_BYTES / 3) {
    return tetra_fail(err, TETRA_EINVAL,
                      "image '%s' has %llu x %llu x %llu pixels; sides of 1..%d and %u MiB in all are accepted", path,
                      (unsigned long long)n, (unsigned long long)h, (unsigned long long)w, SIM_IMAGE_MAX_SIDE,
                      SIM_IMAGE_MAX_BYTES >> 20);
  }
  image->n = (int)n;
  image->h = (int)h;
  image->w = (int)w;
  image->rgb = malloc((size_t)(n * h * w * 3));
  if (image->rgb == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for image '%s'", path);
  return TETRA_OK;
}

void sim_image_free(struct sim_image *image) {
  free(image->rgb);
  memset(image, 0, sizeof *image);
}
