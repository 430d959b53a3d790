/* A file into memory, and on to the reader of its format. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "onnx/file/external.h"
#include "tetra/import.h"

static const size_t max_file = (size_t)1 << 30;

/* Reads to the end, growing the buffer as bytes arrive. */
static int read_all(FILE *f, const char *path, uint8_t **bytes, size_t *size, struct tetra_error *err) {
  size_t room = 1 << 16, n = 0;
  uint8_t *b = malloc(room);
  while (b) {
    n += fread(b + n, 1, room - n, f);
    if (n < room) break;
    if (room >= 2 * max_file) {
      free(b);
      return tetra_fail(err, TETRA_EINVAL, "%s: larger than 1 GiB", path);
    }
    room *= 2;
    uint8_t *grown = realloc(b, room);
    if (!grown) free(b);
    b = grown;
  }
  if (!b) return tetra_fail(err, TETRA_ENOMEM, "%s: no memory for its contents", path);
  if (ferror(f) || n > max_file) {
    const int rc = ferror(f) ? tetra_fail(err, TETRA_EIO, "%s: cannot read: %s", path, strerror(errno))
                             : tetra_fail(err, TETRA_EINVAL, "%s: larger than 1 GiB", path);
    free(b);
    return rc;
  }
  *bytes = b;
  *size = n;
  return TETRA_OK;
}

/* A network is read more than once, which a pipe cannot be. */
static int need_file(const char *path, struct tetra_error *err) {
  struct stat s; /* not of the open file: to open a pipe waits for its writer */
  if (stat(path, &s)) return tetra_fail(err, TETRA_EIO, "%s: cannot open: %s", path, strerror(errno));
  if (S_ISREG(s.st_mode)) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "%s: a %s; a network must be a file", path,
                    S_ISFIFO(s.st_mode)  ? "pipe"
                    : S_ISDIR(s.st_mode) ? "folder"
                                         : "device");
}

/* A FlatBuffer carries its format's name at bytes 4 to 7; a protobuf file has no mark of its own. */
static int is_tflite(const uint8_t *bytes, size_t size) { return size >= 8 && !memcmp(bytes + 4, "TFL3", 4); }

int tetra_import_is_data_of(const char *network, const char *file) {
  struct tetra_error ignored = {0};
  uint8_t *bytes = NULL;
  size_t size = 0;
  FILE *f = need_file(network, &ignored) ? NULL : fopen(network, "rb");
  if (!f) return 0;
  const int read = read_all(f, network, &bytes, &size, &ignored) == TETRA_OK;
  fclose(f);
  const int found = read && !is_tflite(bytes, size) && onnx_external_is(network, bytes, size, file);
  if (read) free(bytes);
  return found;
}

int tetra_import_read(const char *path, uint8_t **bytes, size_t *size, struct tetra_error *err) {
  *bytes = NULL;
  *size = 0;
  int rc = need_file(path, err);
  if (rc) return rc;
  FILE *f = fopen(path, "rb");
  if (!f) return tetra_fail(err, TETRA_EIO, "%s: cannot open: %s", path, strerror(errno));
  rc = read_all(f, path, bytes, size, err);
  fclose(f);
  const int is_zip = *size >= 4 && !memcmp(*bytes, "PK\003\004", 4);
  if (!rc && !is_zip && !is_tflite(*bytes, *size)) rc = onnx_external_inline(path, bytes, size, err);
  if (!rc) return rc;
  free(*bytes);
  *bytes = NULL;
  *size = 0;
  return rc;
}

int tetra_import_file(const char *path, const struct tetra_import_options *o, struct tetra_model *m,
                      struct tetra_import_report *report, struct tetra_error *err) {
  memset(m, 0, sizeof *m);
  memset(report, 0, sizeof *report);
  uint8_t *bytes;
  size_t size;
  int rc = tetra_import_read(path, &bytes, &size, err);
  if (rc != TETRA_OK) return rc;
  rc = (is_tflite(bytes, size) ? tetra_import_tflite : tetra_import_onnx)(bytes, size, o, m, report, err);
  free(bytes);
  return rc;
}
