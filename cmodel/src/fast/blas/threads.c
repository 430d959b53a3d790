/* The threads of OpenBLAS. */
#include "tetra/threads.h"

#include <cblas.h>
#include <stdlib.h>

void tetra_blas_use_one_thread(void) {
  if (getenv("OPENBLAS_NUM_THREADS") == NULL) openblas_set_num_threads(1);
}
