/* Fuzzes the ONNX reader and the reader of float networks (ONNX, .npz): any bytes give a graph that is proven to run,
 * or a float network, or an error with a message. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "tetra/quantize_model.h"

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
  int h = 0, w = 0, c = 0;
  err.msg[0] = 0;
  const int float_rc = tetra_quantize_input(data, size, &h, &w, &c, &report, &err);
  if (float_rc == TETRA_OK ? report.n_refusals != 0 || h < 1 || w < 1 || c < 1 : err.msg[0] == 0) abort();
  tetra_import_report_free(&report);
  return 0;
}
