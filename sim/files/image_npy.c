/* Pictures in NumPy's .npy format. */
#include <string.h>

#include "files/image_kinds.h"
#include "files/npy.h"

#define NPY_ACCEPTED "uint8 [h][w][3] or [n][h][w][3] in C order is accepted"

static int bad(const char *path, const char *what, struct tetra_error *err) {
  return tetra_fail(err, TETRA_EINVAL, "image '%s' %s; " NPY_ACCEPTED, path, what);
}

int sim_image_read_npy(FILE *f, const char *path, struct sim_image *image, struct tetra_error *err) {
  struct tetra_npy a;
  const char *what = sim_npy_read_header(f, &a);
  if (what != NULL) return bad(path, what, err);
  if (strcmp(a.type, "u1") != 0) return bad(path, "is not an array of uint8", err);
  if (a.rank < 3 || a.dims[a.rank - 1] != 3) return bad(path, "has another shape", err);
  const int rc = sim_image_alloc(path, a.rank == 4 ? a.dims[0] : 1, a.dims[a.rank - 3], a.dims[a.rank - 2], image, err);
  if (rc != TETRA_OK) return rc;
  const size_t bytes = (size_t)image->n * (size_t)image->h * (size_t)image->w * 3;
  if (fread(image->rgb, 1, bytes, f) != bytes) return bad(path, "ends before its array does", err);
  return TETRA_OK;
}
