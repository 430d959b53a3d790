/* Quantization for Python. */
#include <stdio.h>
#include <stdlib.h>

#include "base/outfile.h"
#include "binding.h"
#include "cli/parse.h"
#include "tetra/import.h"
#include "tetra/quantize_model.h"

static int write_file(const char *path, const uint8_t *bytes, size_t size, struct tetra_error *err) {
  struct sim_outfile out;
  const int rc = sim_outfile_open(&out, "output", path, err);
  if (rc != TETRA_OK) return rc;
  fwrite(bytes, 1, size, out.f); /* the stream keeps the error */
  return sim_outfile_commit(&out, err);
}

int tetra_py_quantize_input(const char *path, int shape[3], char *error, int size) {
  struct tetra_error err = {0, ""};
  struct tetra_import_report refused = {0};
  uint8_t *bytes = NULL;
  size_t n = 0;
  int rc = tetra_import_read(path, &bytes, &n, &err);
  if (rc == TETRA_OK) {
    rc = tetra_quantize_input(bytes, n, &shape[0], &shape[1], &shape[2], &refused, &err);
    tetra_import_report_free(&refused);
  }
  free(bytes);
  if (rc != TETRA_OK) snprintf(error, (size_t)size, "%s", err.msg);
  return rc;
}

int tetra_py_quantize(const char *path, const float *images, int n, const char *precision, const char *method,
                      const char *out, double *snr_db, char *error, int size) {
  struct tetra_error err = {0, ""};
  struct tetra_quantize_options how;
  struct tetra_quantize_report report;
  struct tetra_import_report refused;
  uint8_t *bytes = NULL, *quantized = NULL;
  size_t length = 0, quantized_length = 0;
  tetra_quantize_defaults(&how);
  const int chosen = method == NULL ? (int)how.method : tetra_quantize_method_parse(method);
  int rc = sim_parse_precision(precision, &how.precision, &err);
  if (rc == TETRA_OK && chosen < 0)
    rc = tetra_fail(&err, TETRA_EINVAL, "method '%.60s': %s are accepted", method, TETRA_QUANTIZE_METHOD_NAMES);
  if (rc == TETRA_OK) how.method = (enum tetra_quantize_method)chosen;
  if (rc == TETRA_OK) rc = tetra_import_read(path, &bytes, &length, &err);
  if (rc == TETRA_OK) {
    rc = tetra_quantize_model(bytes, length, images, n, &how, &quantized, &quantized_length, &report, &refused, &err);
    if (rc == TETRA_OK) *snr_db = report.output_snr_db;
    tetra_quantize_report_free(&report);
    tetra_import_report_free(&refused);
  }
  if (rc == TETRA_OK) rc = write_file(out, quantized, quantized_length, &err);
  free(bytes);
  free(quantized);
  if (rc != TETRA_OK) snprintf(error, (size_t)size, "%s", err.msg);
  return rc;
}
