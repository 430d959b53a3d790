/* Fuzzes the TensorFlow Lite reader: any bytes give a graph that is proven to run, or an error with a message. */
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
  if (size > 0) {
    o.batch = 1 + (data[size - 1] & 1);
    o.tflite_rounding = (enum tetra_tflite_rounding)((data[size - 1] >> 1) % (TETRA_TFLITE_LITERT + 1));
  }
  const int rc = tetra_import_tflite(data, size, &o, &m, &report, &err);
  if (rc == TETRA_OK ? report.n_refusals != 0 : err.msg[0] == 0) abort();
  if (rc == TETRA_OK && tetra_graph_check(&m.graph, &err) != TETRA_OK) abort();
  tetra_model_free(&m);
  tetra_import_report_free(&report);
  return 0;
}
