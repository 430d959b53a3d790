/* Headers of NumPy's .npy format, versions 1 to 3: a Python dictionary as text. Only what we accept is parsed. */
#ifndef TETRA_SIM_NPY_H
#define TETRA_SIM_NPY_H

#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_NPY_RANK 4 /* most dimensions that we accept */

struct sim_npy {
  char type[4];   /* "u1", "i1", "i4", "f4", ...; little-endian */
  int item_bytes; /* 1, 2, 4 or 8 */
  int rank;
  uint64_t dims[SIM_NPY_RANK];
};

/* Reads the header from the file's beginning; the array follows at the file's position. NULL, or what is wrong with
 * the file, as the end of a sentence that begins with its name. */
const char *sim_npy_read_header(FILE *f, struct sim_npy *a);

#ifdef __cplusplus
}
#endif
#endif
