/* Which kind of picture a file is, by its first bytes. */
#define _POSIX_C_SOURCE 200809L
#include "files/image_read.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "files/image_kinds.h"

static int read_open(FILE *f, const char *path, struct sim_image *image, struct tetra_error *err) {
  struct stat st;
  if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
    return tetra_fail(err, TETRA_EIO, "image '%s' is a directory; a .jpg, .png or .npy file is accepted", path);
  }
  unsigned char magic[8] = {0};
  const size_t got = fread(magic, 1, sizeof magic, f);
  if (ferror(f)) return tetra_fail(err, TETRA_EIO, "cannot read image '%s': %s", path, strerror(errno));
  if (fseek(f, 0, SEEK_SET) != 0) {
    return tetra_fail(err, TETRA_EIO, "cannot go back to the start of image '%s': %s; a file is accepted, no pipe",
                      path, strerror(errno));
  }
  if (got >= 3 && memcmp(magic, "\xff\xd8\xff", 3) == 0) return sim_image_read_jpeg(f, path, image, err);
  if (got >= 8 && memcmp(magic, "\x89PNG\r\n\x1a\n", 8) == 0) return sim_image_read_png(f, path, image, err);
  if (got >= 6 && memcmp(magic, "\x93NUMPY", 6) == 0) return sim_image_read_npy(f, path, image, err);
  return tetra_fail(err, TETRA_EINVAL, "'%s' is not an image that is accepted: JPEG, PNG or .npy", path);
}

int sim_image_read(const char *path, struct sim_image *image, struct tetra_error *err) {
  memset(image, 0, sizeof *image);
  FILE *f = fopen(path, "rb");
  if (f == NULL) return tetra_fail(err, TETRA_EIO, "cannot open image '%s': %s", path, strerror(errno));
  const int rc = read_open(f, path, image, err);
  fclose(f);
  if (rc != TETRA_OK) sim_image_free(image);
  return rc;
}
