/* NumPy's .npy format, versions 1 and 2 and 3: a Python dictionary as text, then the array. Only what we accept is
 * parsed. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

#define HEADER_MAX 4096
#define NPY_ACCEPTED "uint8 [h][w][3] or [n][h][w][3] in C order is accepted"

static int bad(const char *path, const char *what, struct tetra_error *err) {
  return tetra_fail(err, TETRA_EINVAL, "image '%.100s' %s; " NPY_ACCEPTED, path, what);
}

/* Text after `'key':` in the header, NULL if it is not there. */
static const char *value_of(const char *header, const char *key) {
  const char *p = strstr(header, key);
  if (p == NULL || (p = strchr(p, ':')) == NULL) return NULL;
  p++;
  while (*p == ' ') p++;
  return p;
}

/* Up to four dimensions of a tuple; their number, or -1. */
static int parse_shape(const char *p, uint64_t dims[4]) {
  if (p == NULL || *p++ != '(') return -1;
  int n = 0;
  for (;;) {
    while (*p == ' ' || *p == ',') p++;
    if (*p == ')') return n;
    if (!isdigit((unsigned char)*p) || n == 4) return -1;
    char *end;
    dims[n++] = strtoull(p, &end, 10);
    p = end;
  }
}

static int read_header(FILE *f, char header[HEADER_MAX + 1]) {
  unsigned char b[12];
  if (fread(b, 1, 8, f) != 8) return -1;
  const size_t length_bytes = b[6] == 1 ? 2 : 4;
  if (b[6] < 1 || b[6] > 3 || fread(b + 8, 1, length_bytes, f) != length_bytes) return -1;
  size_t length = (size_t)b[8] | (size_t)b[9] << 8;
  if (length_bytes == 4) length |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
  if (length > HEADER_MAX || fread(header, 1, length, f) != length) return -1;
  header[length] = '\0';
  return 0;
}

int sim_image_read_npy(FILE *f, const char *path, struct sim_image *image, struct tetra_error *err) {
  char header[HEADER_MAX + 1];
  if (read_header(f, header) != 0) return bad(path, "has a damaged .npy header", err);
  const char *type = value_of(header, "'descr'"), *order = value_of(header, "'fortran_order'");
  if (type == NULL || (strncmp(type, "'|u1'", 5) != 0 && strncmp(type, "'<u1'", 5) != 0)) {
    return bad(path, "is not an array of uint8", err);
  }
  if (order == NULL || strncmp(order, "False", 5) != 0) return bad(path, "is in Fortran order", err);
  uint64_t d[4];
  const int rank = parse_shape(value_of(header, "'shape'"), d);
  if (rank < 3 || d[rank - 1] != 3) return bad(path, "has another shape", err);
  const int rc = sim_image_alloc(path, rank == 4 ? d[0] : 1, d[rank - 3], d[rank - 2], image, err);
  if (rc != TETRA_OK) return rc;
  const size_t bytes = (size_t)image->n * (size_t)image->h * (size_t)image->w * 3;
  if (fread(image->rgb, 1, bytes, f) != bytes) return bad(path, "ends before its array does", err);
  return TETRA_OK;
}
