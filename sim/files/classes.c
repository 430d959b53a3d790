/* The file of --classes: a name a line. */
#include "files/classes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define MOST_BYTES ((size_t)16 << 20)

static int read_text(FILE *f, const char *path, char **text, size_t *size, struct tetra_error *err) {
  *text = malloc(MOST_BYTES + 1);
  if (*text == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the names of classes");
  *size = fread(*text, 1, MOST_BYTES + 1, f);
  if (ferror(f)) return tetra_fail(err, TETRA_EIO, "cannot read classes '%s': %s", path, strerror(errno));
  if (*size > MOST_BYTES) return tetra_fail(err, TETRA_EINVAL, "classes '%s': larger than 16 MiB", path);
  if (*size == 0 || memchr(*text, '\0', *size) != NULL)
    return tetra_fail(err, TETRA_EINVAL, "classes '%s': no text file with a name a line", path);
  (*text)[*size] = '\0';
  return TETRA_OK;
}

/* JSON is UTF-8, and so is what it quotes. */
static int check_text(const struct sim_classes *c, const char *path, struct tetra_error *err) {
  for (int i = 0; i < c->n; i++) {
    const unsigned char *p = (const unsigned char *)c->names[i];
    while (*p != '\0') {
      const int n = sim_utf8_bytes(p);
      if (n == 0)
        return tetra_fail(err, TETRA_EINVAL,
                          "classes '%s': line %d is not UTF-8 (byte 0x%02x), which is accepted; iconv converts it",
                          path, i + 1, (unsigned)*p);
      p += n;
    }
  }
  return TETRA_OK;
}

/* Cuts the text into lines. */
static int split(struct sim_classes *c, struct tetra_error *err) {
  int lines = 1;
  for (const char *p = c->text; *p != '\0'; p++) lines += *p == '\n';
  c->names = malloc((size_t)lines * sizeof *c->names);
  if (c->names == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d names", lines);
  for (char *p = c->text; *p != '\0';) {
    c->names[c->n++] = p;
    p += strcspn(p, "\n");
    if (*p == '\n') *p++ = '\0';
  }
  for (int i = 0; i < c->n; i++) {
    char *name = c->names[i];
    name[strcspn(name, "\r")] = '\0';
    for (; *name != '\0'; name++)
      if ((unsigned char)*name < ' ' || *name == 127) *name = '?';
  }
  return TETRA_OK;
}

int sim_classes_read(const char *path, struct sim_classes *c, struct tetra_error *err) {
  *c = (struct sim_classes){0};
  FILE *f = fopen(path, "rb");
  if (f == NULL) return tetra_fail(err, TETRA_EIO, "cannot open classes '%s': %s", path, strerror(errno));
  size_t size = 0;
  int rc = read_text(f, path, &c->text, &size, err);
  fclose(f);
  if (rc == TETRA_OK) rc = split(c, err);
  if (rc == TETRA_OK) rc = check_text(c, path, err);
  if (rc != TETRA_OK) sim_classes_free(c);
  return rc;
}

int sim_classes_take(const char *text, struct sim_classes *c, struct tetra_error *err) {
  const size_t size = strlen(text);
  *c = (struct sim_classes){.text = malloc(size + 1)};
  if (c->text == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the names of classes");
  memcpy(c->text, text, size + 1);
  const int rc = split(c, err);
  if (rc != TETRA_OK) sim_classes_free(c);
  return rc;
}

void sim_classes_free(struct sim_classes *c) {
  free(c->names);
  free(c->text);
  *c = (struct sim_classes){0};
}

const char *sim_class_name(const struct sim_classes *c, int i) { return i >= 0 && i < c->n ? c->names[i] : ""; }

void sim_class_text(const struct sim_classes *c, int i, char *out, size_t size) {
  const char *name = sim_class_name(c, i);
  if (*name == '\0')
    snprintf(out, size, "%d", i);
  else
    snprintf(out, size, "%d '%.60s'", i, name);
}
