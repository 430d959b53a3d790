/* Fuzzes the ONNX reader and the reader of float networks (ONNX, .npz): any bytes give a graph that is proven to run,
 * or a float network, or an error with a message. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "tetra/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct tetra_import_options o;
  struct tetra_model m;
  struct tetra_import_report report;
  struct tetra_error err = {0};
  tetra_import_defaults(&o);
  if (size > 0) o.batch = 1 + (data[size - 1] & 1);
  const int rc = tetra_import_onnx(data, size, &o, &m, &report, &err);
  if (rc == TETRA_OK ? report.n_refusals != 0 : err.msg[0] == 0) abort();
  tetra_model_free(&m);
  tetra_import_report_free(&report);
  struct tetra_arena arena = {.err = &err};
  struct tetra_float_graph g;
  err.msg[0] = 0;
  const int float_rc = tetra_import_float(data, size, &arena, &g, &report);
  const struct tetra_float_value *in = g.values ? &g.values[g.input] : NULL;
  if (float_rc == TETRA_OK ? report.n_refusals != 0 || in->h < 1 || in->w < 1 || in->c < 1 : err.msg[0] == 0) abort();
  tetra_arena_free(&arena);
  tetra_import_report_free(&report);
  return 0;
}
