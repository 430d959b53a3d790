/* Fuzzes the reader of .npy headers: any bytes give a type, a shape and an offset that can be trusted, or a reason. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tetra/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct tetra_npy a;
  const char *what = tetra_npy_parse(data, size, &a);
  if (what != NULL) {
    if (what[0] == '\0') abort();
    return 0;
  }
  if (strlen(a.type) != 2 || strspn(a.type, "uif") != 1 || a.type[1] - '0' != a.item_bytes) abort();
  if (a.item_bytes != 1 && a.item_bytes != 2 && a.item_bytes != 4 && a.item_bytes != 8) abort();
  if (a.rank < 0 || a.rank > TETRA_NPY_RANK) abort();
  if (a.offset < TETRA_NPY_PREFIX || a.offset > size || a.offset > TETRA_NPY_OFFSET_MAX) abort();
  return 0;
}
