/* PNG through libpng's simplified interface. */
#include <png.h>
#include <string.h>

#include "files/image_kinds.h"

int sim_image_read_png(FILE *f, const char *path, struct sim_image *image, struct tetra_error *err) {
  png_image p;
  memset(&p, 0, sizeof p);
  p.version = PNG_IMAGE_VERSION;
  const png_color white = {255, 255, 255};
  int rc = TETRA_OK;
  if (png_image_begin_read_from_stdio(&p, f)) {
    p.format = PNG_FORMAT_RGB;
    rc = sim_image_alloc(path, 1, p.height, p.width, image, err);
    if (rc == TETRA_OK) png_image_finish_read(&p, &white, image->rgb, 0, NULL);
  }
  if (rc == TETRA_OK && PNG_IMAGE_FAILED(p)) {
    rc = tetra_fail(err, TETRA_EINVAL, "image '%s' is not a good PNG: %.64s", path, p.message);
  }
  png_image_free(&p);
  return rc;
}
