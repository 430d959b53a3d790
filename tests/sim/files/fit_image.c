/* fit_image FILE SIDE: the picture as a network of SIDE x SIDE pixels gets it, RGB on standard output. For
 * pillow_test.py. */
#include <stdio.h>
#include <stdlib.h>

#include "files/image_read.h"

int main(int argc, char **argv) {
  const int size = argc == 3 ? atoi(argv[2]) : 0;
  struct sim_image image;
  struct tetra_error err = {0, ""};
  if (size < 1 || size > SIM_IMAGE_MAX_SIDE) {
    fprintf(stderr, "usage: fit_image FILE SIDE\n");
    return 2;
  }
  const size_t bytes = (size_t)size * (size_t)size * 3;
  uint8_t *rgb = malloc(bytes);
  int rc = rgb == NULL ? tetra_fail(&err, TETRA_ENOMEM, "no memory") : sim_image_read(argv[1], &image, &err);
  if (rc == TETRA_OK) {
    rc = sim_image_fit(&image, 0, size, rgb, &err);
    sim_image_free(&image);
  }
  if (rc == TETRA_OK && fwrite(rgb, 1, bytes, stdout) != bytes) rc = tetra_fail(&err, TETRA_EIO, "no output");
  if (rc != TETRA_OK) fprintf(stderr, "fit_image: %s\n", err.msg);
  free(rgb);
  return rc == TETRA_OK ? 0 : 1;
}
