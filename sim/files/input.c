/* Pictures into the input tensor of a built-in network. */
#include "files/input.h"

#include <stdlib.h>

#include "tetra/network.h"

int sim_input_fill(const struct sim_image *images, uint64_t seed, struct tetra_tensor *input, struct tetra_error *err) {
  const int size = input->d.h, batch = input->d.n;
  if (images != NULL && images->n != 1 && images->n != batch) {
    return tetra_fail(err, TETRA_EINVAL, "the image file holds %d pictures; 1 or the batch, %d, is accepted", images->n,
                      batch);
  }
  uint8_t *rgb = malloc((size_t)size * (size_t)size * 3);
  if (rgb == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for an image of %d x %d", size, size);
  int rc = TETRA_OK;
  for (int i = 0; i < batch && rc == TETRA_OK; i++) {
    if (images != NULL) {
      rc = sim_image_fit(images, images->n == 1 ? 0 : i, size, rgb, err);
    } else {
      tetra_synthetic_image(seed + (uint64_t)i, size, rgb);
    }
    if (rc == TETRA_OK) rc = tetra_quantize_image(rgb, input, i, err);
  }
  free(rgb);
  return rc;
}
