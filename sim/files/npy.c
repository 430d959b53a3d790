/* The header of a .npy file: as many bytes as it has, so that a pipe is read no further. */
#include "files/npy.h"

const char *sim_npy_read_header(FILE *f, struct tetra_npy *a) {
  uint8_t bytes[TETRA_NPY_OFFSET_MAX];
  size_t size = fread(bytes, 1, TETRA_NPY_PREFIX, f);
  const size_t offset = size == TETRA_NPY_PREFIX ? tetra_npy_data_offset(bytes) : 0;
  if (offset > size) size += fread(bytes + size, 1, offset - size, f);
  return tetra_npy_parse(bytes, size, a);
}
