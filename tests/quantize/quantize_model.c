/* quantize_model MODEL IMAGES PRECISION OUT [--plain]: quantizes a float model after training, for scripts.
 *
 * IMAGES holds float32 [n][h][w][c], as many as there are. OUT receives the ONNX file; without a PRECISION, "float",
 * the float logits [n][classes]. Standard output has a line for each tensor and each layer's weights: name, format,
 * "weights" or "values", bound, signal to noise in dB, share beyond the codes. Exit codes: 0; 1 a failure; 2 the model
 * cannot be quantized. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tetra/quantize_model.h"

static uint8_t *read_file(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  size_t room = 1 << 20;
  uint8_t *b = malloc(room);
  *size = 0;
  while (f && b) {
    *size += fread(b + *size, 1, room - *size, f);
    if (*size < room) break;
    uint8_t *grown = realloc(b, room *= 2);
    if (!grown) free(b);
    b = grown;
  }
  if (!f || !b) fprintf(stderr, "quantize_model: cannot read %s\n", path);
  if (f) {
    fclose(f);
    return b;
  }
  free(b);
  return NULL;
}

static int write_file(const char *path, const void *data, size_t size) {
  FILE *f = fopen(path, "wb");
  const int ok = f && fwrite(data, 1, size, f) == size;
  if (!f || fclose(f) || !ok) {
    fprintf(stderr, "quantize_model: cannot write %s\n", path);
    return 1;
  }
  return 0;
}

static int quantize(const uint8_t *model, size_t size, const float *images, int n,
                    const struct tetra_quantize_options *o, const char *out, struct tetra_import_report *refused,
                    struct tetra_error *err) {
  struct tetra_quantize_report report;
  uint8_t *bytes;
  size_t length = 0;
  int rc = tetra_quantize_model(model, size, images, n, o, &bytes, &length, &report, refused, err);
  for (int i = 0; !rc && i < report.n_items; i++) {
    const struct tetra_quantized *q = &report.items[i];
    printf("%-28s %s %-7s bound %-9.4g snr %6.2f dB beyond %.4f%%\n", q->name, tetra_fmt_name(q->fmt),
           q->is_weights ? "weights" : "values", q->bound, q->snr_db, 100 * q->saturated);
  }
  if (!rc) printf("logits: %.2f dB\n", report.output_snr_db);
  if (!rc) rc = write_file(out, bytes, length);
  free(bytes);
  tetra_quantize_report_free(&report);
  return rc;
}

static int run(char **argv, int plain, struct tetra_import_report *refused, struct tetra_error *err) {
  size_t size, bytes;
  uint8_t *model = read_file(argv[1], &size), *data = read_file(argv[2], &bytes);
  struct tetra_quantize_options o;
  int h, w, c, rc = 1;
  tetra_quantize_defaults(&o);
  if (plain) o.method = TETRA_METHOD_MAX;
  const int precision = tetra_precision_parse(argv[3]);
  if (model && data && !(rc = tetra_quantize_input(model, size, &h, &w, &c, refused, err))) {
    const int n = (int)(bytes / sizeof(float) / (size_t)h / (size_t)w / (size_t)c);
    const float *images = (const float *)(const void *)data;
    tetra_import_report_free(refused);
    if (precision >= 0) {
      o.precision = (enum tetra_precision)precision;
      rc = quantize(model, size, images, n, &o, argv[4], refused, err);
    } else {
      float *logits;
      int classes = 0;
      rc = tetra_float_model_logits(model, size, images, n, &logits, &classes, refused, err);
      if (!rc) rc = write_file(argv[4], logits, (size_t)n * (size_t)classes * sizeof *logits);
      free(logits);
    }
  }
  free(model);
  free(data);
  return rc;
}

int main(int argc, char **argv) {
  if (argc < 5) {
    fprintf(stderr, "usage: quantize_model MODEL IMAGES PRECISION|float OUT [--plain]\n");
    return 1;
  }
  struct tetra_import_report refused = {NULL, 0};
  struct tetra_error err = {0};
  const int rc = run(argv, argc > 5 && !strcmp(argv[5], "--plain"), &refused, &err);
  for (int i = 0; i < refused.n_refusals; i++)
    fprintf(stderr, "refused: %s '%s': %s\n", refused.refusals[i].op, refused.refusals[i].name,
            refused.refusals[i].reason);
  if (rc) fprintf(stderr, "quantize_model: %s\n", err.msg);
  tetra_import_report_free(&refused);
  return rc == TETRA_EINVAL ? 2 : rc ? 1 : 0;
}
