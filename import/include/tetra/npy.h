/* The header of NumPy's .npy format, versions 1 to 3: a Python dictionary as text. The one reader for pictures, inputs,
 * labels and the arrays of an .npz, and the one writer. */
#ifndef TETRA_NPY_H
#define TETRA_NPY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TETRA_NPY_PREFIX = 12, /* first bytes of a file, from which tetra_npy_data_offset knows where its array begins */
  TETRA_NPY_OFFSET_MAX = 4108, /* most bytes in front of an array that are accepted */
  TETRA_NPY_HEADER_MAX = 256,  /* most bytes that tetra_npy_header writes */
  TETRA_NPY_RANK = 4           /* most dimensions */
};

/* An array in C order of little-endian numbers. */
struct tetra_npy {
  char type[3];   /* "u1", "i1", "i4", "f4", ...: u, i or f and the bytes of a number */
  int item_bytes; /* 1, 2, 4 or 8 */
  int rank;       /* 0..TETRA_NPY_RANK */
  uint64_t dims[TETRA_NPY_RANK];
  size_t offset; /* of the array's first byte in the file */
};

/* Offset of the array in the file that begins with these bytes; 0: no .npy, or its header is longer than is accepted.
 */
size_t tetra_npy_data_offset(const uint8_t prefix[TETRA_NPY_PREFIX]);
/* Reads the header at the beginning of `bytes`, of which `size` are there: the whole header, with or without the array.
 * NULL, or what is wrong with the file, as the end of a sentence that begins with its name. */
const char *tetra_npy_parse(const uint8_t *bytes, size_t size, struct tetra_npy *a);
/* Writes the header, version 1, of an array with a->type, a->rank and a->dims (the rest of *a is not read); the array
 * follows in C order, little-endian. Returns its length, a multiple of 64, as NumPy aligns arrays. */
size_t tetra_npy_header(const struct tetra_npy *a, uint8_t header[TETRA_NPY_HEADER_MAX]);

#ifdef __cplusplus
}
#endif
#endif
