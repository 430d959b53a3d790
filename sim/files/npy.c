/* The header of a .npy file: as many bytes as it has, so that a pipe is read no further. */
#define _POSIX_C_SOURCE 200809L
#include "files/npy.h"

#include <sys/stat.h>

/* Is there anything behind the array? Of a pipe nobody knows. */
static int has_more(FILE *f, const struct tetra_npy *a) {
  struct stat st;
  if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size < a->offset) return 0;
  const uint64_t room = (uint64_t)st.st_size - a->offset;
  uint64_t bytes = (uint64_t)a->item_bytes;
  for (int i = 0; i < a->rank; i++) {
    if (a->dims[i] != 0 && bytes > room / a->dims[i]) return 0; /* it is too short, which its reader finds */
    bytes *= a->dims[i];
  }
  return bytes < room;
}

const char *sim_npy_read_header(FILE *f, struct tetra_npy *a) {
  uint8_t bytes[TETRA_NPY_OFFSET_MAX];
  size_t size = fread(bytes, 1, TETRA_NPY_PREFIX, f);
  const size_t offset = size == TETRA_NPY_PREFIX ? tetra_npy_data_offset(bytes) : 0;
  if (offset > size) size += fread(bytes + size, 1, offset - size, f);
  const char *what = tetra_npy_parse(bytes, size, a);
  if (what != NULL) return what;
  return has_more(f, a) ? "goes on behind the array that its header describes" : NULL;
}
