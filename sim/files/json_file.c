/* JSON files that the program reads. */
#include "files/json_file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the parser stopped. */
static int line_of(const char *text, const char *at) {
  int line = 1;
  for (; at != NULL && text < at; text++) line += *text == '\n';
  return line;
}

int sim_json_parse(const char *what, const char *path, const char *text, size_t size, cJSON **root,
                   struct tetra_error *err) {
  const char *end = text;
  *root = NULL;
  if (size == 0)
    return tetra_fail(err, TETRA_EINVAL, "%s '%s': the file is empty; a JSON object is accepted", what, path);
  if (memchr(text, '\0', size) != NULL) {
    return tetra_fail(err, TETRA_EINVAL, "%s '%s': no text file; a JSON object is accepted", what, path);
  }
  *root = cJSON_ParseWithLengthOpts(text, size, &end, 0);
  if (*root == NULL) {
    return tetra_fail(err, TETRA_EINVAL, "%s '%s': line %d is no JSON", what, path, line_of(text, end));
  }
  for (; end < text + size && strchr(" \t\r\n", *end) != NULL;) end++;
  const int more = end < text + size;
  if (!more && cJSON_IsObject(*root)) return TETRA_OK;
  cJSON_Delete(*root);
  *root = NULL;
  return more ? tetra_fail(err, TETRA_EINVAL, "%s '%s': line %d: something follows the object", what, path,
                           line_of(text, end))
              : tetra_fail(err, TETRA_EINVAL, "%s '%s': a JSON object is accepted", what, path);
}

static int read_text(FILE *f, const char *what, const char *path, char **text, size_t *size, struct tetra_error *err) {
  enum { step = 1 << 16 };
  for (*size = 0;;) {
    char *grown = realloc(*text, *size + step);
    if (grown == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %s '%s'", what, path);
    *text = grown;
    const size_t n = fread(*text + *size, 1, step, f);
    *size += n;
    if (ferror(f)) return tetra_fail(err, TETRA_EIO, "cannot read %s '%s': %s", what, path, strerror(errno));
    if (*size > SIM_JSON_MAX_BYTES) {
      return tetra_fail(err, TETRA_EINVAL, "%s '%s': larger than %zu MiB", what, path, SIM_JSON_MAX_BYTES >> 20);
    }
    if (n < step) return TETRA_OK;
  }
}

int sim_json_read(const char *what, const char *path, cJSON **root, struct tetra_error *err) {
  char *text = NULL;
  size_t size = 0;
  *root = NULL;
  FILE *f = fopen(path, "rb");
  if (f == NULL) return tetra_fail(err, TETRA_EIO, "cannot open %s '%s': %s", what, path, strerror(errno));
  int rc = read_text(f, what, path, &text, &size, err);
  fclose(f);
  if (rc == TETRA_OK) rc = sim_json_parse(what, path, text, size, root, err);
  free(text);
  return rc;
}

int sim_json_is_whole(const cJSON *item, double least, double most) {
  return cJSON_IsNumber(item) && item->valuedouble >= least && item->valuedouble <= most &&
         !(item->valuedouble < floor(item->valuedouble)) && !(item->valuedouble > floor(item->valuedouble));
}

int sim_json_unique(const char *what, const char *path, const cJSON *object, struct tetra_error *err) {
  for (const cJSON *a = object->child; a != NULL; a = a->next) {
    for (const cJSON *b = a->next; b != NULL; b = b->next) {
      if (strcmp(a->string, b->string) != 0) continue;
      return tetra_fail(err, TETRA_EINVAL, "%s '%s': \"%.60s\" is there twice", what, path, a->string);
    }
  }
  return TETRA_OK;
}

static int is_among(const char *key, const char *const *keys) {
  for (; *keys != NULL; keys++) {
    if (strcmp(key, *keys) == 0) return 1;
  }
  return 0;
}

int sim_json_keys(const char *what, const char *path, const cJSON *object, const char *const *keys,
                  struct tetra_error *err) {
  for (const cJSON *c = object->child; c != NULL; c = c->next) {
    char accepted[200] = "";
    if (is_among(c->string, keys)) continue;
    for (size_t at = 0; *keys != NULL && at + 1 < sizeof accepted; keys++) {
      at += (size_t)snprintf(accepted + at, sizeof accepted - at, "%s\"%s\"", at == 0 ? "" : ", ", *keys);
    }
    return tetra_fail(err, TETRA_EINVAL, "%s '%s': unknown key \"%.60s\"; accepted are %s", what, path, c->string,
                      accepted);
  }
  return sim_json_unique(what, path, object, err);
}
