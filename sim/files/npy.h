/* .npy headers of open files. */
#ifndef TETRA_SIM_NPY_H
#define TETRA_SIM_NPY_H

#include <stdio.h>

#include "tetra/npy.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads the header from the file's beginning; the array follows at the file's position, and nothing behind it. NULL, or
 * what is wrong with the file, as the end of a sentence that begins with its name. */
const char *sim_npy_read_header(FILE *f, struct tetra_npy *a);

#ifdef __cplusplus
}
#endif
#endif
