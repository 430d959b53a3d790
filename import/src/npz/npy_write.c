/* Writes the header of a .npy file into memory. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tetra/npy.h"
#include "tetra/ceil_div.h"

enum { PREFIX = 10, ALIGNMENT = 64 }; /* magic, version and length; of the array */

/* "(2, 10)"; a tuple of one has its comma, "(2,)". */
static void write_shape(const struct tetra_npy *a, char *text, size_t size) {
  size_t used = (size_t)snprintf(text, size, "(");
  for (int i = 0; i < a->rank; i++) {
    used += (size_t)snprintf(text + used, size - used, "%s%" PRIu64, i == 0 ? "" : ", ", a->dims[i]);
  }
  snprintf(text + used, size - used, a->rank == 1 ? ",)" : ")");
}

size_t tetra_npy_header(const struct tetra_npy *a, uint8_t header[TETRA_NPY_HEADER_MAX]) {
  char shape[24 * TETRA_NPY_RANK + 8], text[TETRA_NPY_HEADER_MAX - PREFIX];
  write_shape(a, shape, sizeof shape);
  const char order = a->type[1] == '1' ? '|' : '<'; /* of bytes: there is none where a number is one byte */
  const int n =
      snprintf(text, sizeof text, "{'descr': '%c%s', 'fortran_order': False, 'shape': %s, }", order, a->type, shape);
  const size_t length = tetra_round_up((size_t)PREFIX + (size_t)n + 1, ALIGNMENT);
  static const uint8_t magic_and_version[8] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  memset(header, ' ', length);
  memcpy(header, magic_and_version, sizeof magic_and_version);
  header[8] = (uint8_t)((length - PREFIX) & 255);
  header[9] = (uint8_t)((length - PREFIX) >> 8);
  memcpy(header + PREFIX, text, (size_t)n);
  header[length - 1] = '\n';
  return length;
}
