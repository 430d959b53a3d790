/* The header of a .npy file. */
#include "files/npy.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_MAX 4096

/* Text after `'key':` in the header, NULL if it is not there. */
static const char *value_of(const char *header, const char *key) {
  const char *p = strstr(header, key);
  if (p == NULL || (p = strchr(p, ':')) == NULL) return NULL;
  p++;
  while (*p == ' ') p++;
  return p;
}

/* The dimensions of a tuple; their number, or -1. */
static int parse_shape(const char *p, uint64_t dims[SIM_NPY_RANK]) {
  if (p == NULL || *p++ != '(') return -1;
  int n = 0;
  for (;;) {
    while (*p == ' ' || *p == ',') p++;
    if (*p == ')') return n;
    if (!isdigit((unsigned char)*p) || n == SIM_NPY_RANK) return -1;
    char *end;
    dims[n++] = strtoull(p, &end, 10);
    p = end;
  }
}

/* '|u1', '<i8' and so on. */
static int parse_type(const char *p, struct sim_npy *a) {
  if (p == NULL || p[0] != '\'' || (p[1] != '|' && p[1] != '<') || strchr("uif", p[2]) == NULL || p[4] != '\'')
    return -1;
  if (strchr("1248", p[3]) == NULL) return -1;
  a->type[0] = p[2];
  a->type[1] = p[3];
  a->type[2] = '\0';
  a->item_bytes = p[3] - '0';
  return 0;
}

static int read_text(FILE *f, char header[HEADER_MAX + 1]) {
  unsigned char b[12];
  if (fread(b, 1, 8, f) != 8 || memcmp(b, "\x93NUMPY", 6) != 0) return -1;
  const size_t length_bytes = b[6] == 1 ? 2 : 4;
  if (b[6] < 1 || b[6] > 3 || fread(b + 8, 1, length_bytes, f) != length_bytes) return -1;
  size_t length = (size_t)b[8] | (size_t)b[9] << 8;
  if (length_bytes == 4) length |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
  if (length > HEADER_MAX || fread(header, 1, length, f) != length) return -1;
  header[length] = '\0';
  return 0;
}

const char *sim_npy_read_header(FILE *f, struct sim_npy *a) {
  char header[HEADER_MAX + 1];
  memset(a, 0, sizeof *a);
  if (read_text(f, header) != 0) return "has a damaged .npy header";
  const char *order = value_of(header, "'fortran_order'");
  if (parse_type(value_of(header, "'descr'"), a) != 0) return "is not an array of little-endian numbers";
  if (order == NULL || strncmp(order, "False", 5) != 0) return "is in Fortran order";
  a->rank = parse_shape(value_of(header, "'shape'"), a->dims);
  return a->rank < 0 ? "has another shape" : NULL;
}
