/* Stored plans as bytes or C arrays, tensors as .npy and .bin. */
#define _POSIX_C_SOURCE 200809L
#include "commands/export/forms.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/outfile.h"
#include "tetra/npy.h"

static const char *const kPlan = "--export-plan";
static const char *const kVectors = "--vectors";

int sim_export_is_c(const char *path) {
  const size_t n = strlen(path);
  return n > 2 && strcmp(path + n - 2, ".c") == 0;
}

char *sim_export_header(const char *path) {
  const size_t n = strlen(path) + 1;
  char *header = malloc(n);
  if (header == NULL) return NULL;
  memcpy(header, path, n);
  header[n - 2] = 'h';
  return header;
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

/* An identifier from the file's name: everything but letters and digits becomes '_'. */
static void print_symbol(FILE *f, const char *path) {
  const char *name = base_name(path);
  if (isdigit((unsigned char)name[0])) fputc('_', f);
  for (size_t i = 0; i + 2 < strlen(name); i++) fputc(isalnum((unsigned char)name[i]) ? name[i] : '_', f);
}

static int write_header(const char *header, size_t size, struct tetra_error *err) {
  struct sim_outfile o;
  const int rc = sim_outfile_open(&o, kPlan, header, err);
  if (rc != TETRA_OK) return rc;
  fputs(
      "/* A stored plan of Tetra (tetra/stored.h): tetra_stored_open(NAME, NAME_bytes, ...). */\n#include "
      "<stdint.h>\n\nenum { ",
      o.f);
  print_symbol(o.f, header);
  fprintf(o.f, "_bytes = %zu };\nextern const uint32_t ", size);
  print_symbol(o.f, header);
  fprintf(o.f, "[%zu];\n", (size + 3) / 4);
  return sim_outfile_commit(&o, err);
}

static uint32_t word_at(const uint8_t *bytes, size_t size, size_t i) {
  uint32_t word = 0;
  for (size_t k = 0; k < 4 && 4 * i + k < size; k++) word |= (uint32_t)bytes[4 * i + k] << (8 * k);
  return word;
}

/* Words, not bytes: the array is aligned by its type, and a compiler is done with it in a quarter of the time. */
static int write_array(const char *path, const char *header, const uint8_t *bytes, size_t size,
                       struct tetra_error *err) {
  struct sim_outfile o;
  const int rc = sim_outfile_open(&o, kPlan, path, err);
  if (rc != TETRA_OK) return rc;
  fprintf(o.f,
          "/* A stored plan of Tetra, %zu bytes, for little-endian processors. */\n#include \"%s\"\n\nconst uint32_t ",
          size, base_name(header));
  print_symbol(o.f, path);
  fprintf(o.f, "[%zu] = {", (size + 3) / 4);
  for (size_t i = 0; i < (size + 3) / 4; i++)
    fprintf(o.f, "%s0x%08x,", i % 10 == 0 ? "\n  " : " ", (unsigned)word_at(bytes, size, i));
  fputs("\n};\n", o.f);
  return sim_outfile_commit(&o, err);
}

static int write_bytes(const char *option, const char *path, const uint8_t *head, size_t head_size,
                       const uint8_t *bytes, size_t size, struct tetra_error *err) {
  struct sim_outfile o;
  const int rc = sim_outfile_open(&o, option, path, err);
  if (rc != TETRA_OK) return rc;
  if (head_size != 0) fwrite(head, 1, head_size, o.f);
  fwrite(bytes, 1, size, o.f); /* commit looks at ferror */
  return sim_outfile_commit(&o, err);
}

int sim_export_plan(const char *path, const uint8_t *bytes, size_t size, struct tetra_error *err) {
  if (!sim_export_is_c(path)) return write_bytes(kPlan, path, NULL, 0, bytes, size, err);
  char *header = sim_export_header(path);
  if (header == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the name of a file");
  int rc = write_header(header, size, err);
  if (rc == TETRA_OK) rc = write_array(path, header, bytes, size, err);
  free(header);
  return rc;
}

/* One byte a code: int8 or uint8, also of 4-bit codes. */
static int write_npy(const char *path, const struct tetra_tensor *t, struct tetra_error *err) {
  const struct tetra_desc *d = &t->d;
  struct tetra_npy a = {.rank = 4, .dims = {(uint64_t)d->n, (uint64_t)d->h, (uint64_t)d->w, (uint64_t)d->c}};
  memcpy(a.type, tetra_fmt_signed(d->fmt) ? "i1" : "u1", sizeof a.type);
  uint8_t header[TETRA_NPY_HEADER_MAX];
  const size_t header_size = tetra_npy_header(&a, header);
  const size_t size = (size_t)d->n * (size_t)d->h * (size_t)d->w * (size_t)d->c;
  uint8_t *codes = malloc(size), *p = codes;
  if (codes == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the codes of '%s'", path);
  for (int n = 0; n < d->n; n++) {
    for (int y = 0; y < d->h; y++) {
      for (int x = 0; x < d->w; x++) {
        for (int c = 0; c < d->c; c++) *p++ = (uint8_t)tetra_tensor_get(t, n, y, x, c);
      }
    }
  }
  const int rc = write_bytes(kVectors, path, header, header_size, codes, size, err);
  free(codes);
  return rc;
}

char *sim_export_vector(const char *folder, int i) {
  static const char *const names[SIM_EXPORT_VECTORS] = {"input.npy", "input.bin", "output.npy", "output.bin"};
  const size_t size = strlen(folder) + strlen(names[i]) + 2;
  char *path = malloc(size);
  if (path != NULL) snprintf(path, size, "%s/%s", folder, names[i]);
  return path;
}

int sim_export_tensor(const char *folder, int first, const struct tetra_tensor *t, struct tetra_error *err) {
  char *npy = sim_export_vector(folder, first), *bin = sim_export_vector(folder, first + 1);
  const size_t bytes = (size_t)t->d.n * (size_t)t->d.h * (size_t)t->d.w * t->pixel_bytes;
  int rc = TETRA_OK;
  if (npy == NULL || bin == NULL) rc = tetra_fail(err, TETRA_ENOMEM, "no memory for the name of a file");
  if (rc == TETRA_OK) rc = write_npy(npy, t, err);
  if (rc == TETRA_OK) rc = write_bytes(kVectors, bin, NULL, 0, t->data, bytes, err);
  free(npy);
  free(bin);
  return rc;
}
