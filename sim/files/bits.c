/* Bits layer by layer: reads and writes their files. */
#include "files/bits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/json_file.h"

enum { MOST_LAYERS = 100000 };

static int read_layer(const char *path, const cJSON *item, struct tetra_layer_bits *b, struct tetra_error *err) {
  if (item->string[0] == '\0' || strlen(item->string) >= sizeof b->name) {
    return tetra_fail(err, TETRA_EINVAL, "bits '%s': '%.20s...' is no layer's name; 1 to %zu bytes are accepted", path,
                      item->string, sizeof b->name - 1);
  }
  snprintf(b->name, sizeof b->name, "%s", item->string);
  if (cJSON_IsString(item) && tetra_layer_bits_parse(item->valuestring, b)) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL,
                    "bits '%s': layer '%s' has %s%.20s; \"w4a4\", \"w4a8\", \"w8a4\" or \"w8a8\" is accepted", path,
                    b->name, cJSON_IsString(item) ? "" : "no text", cJSON_IsString(item) ? item->valuestring : "");
}

static int read_layers(const char *path, const cJSON *root, struct sim_bits *b, struct tetra_error *err) {
  static const char *const keys[] = {"layers", NULL};
  int rc = sim_json_keys("bits", path, root, keys, err);
  if (rc != TETRA_OK) return rc;
  const cJSON *layers = cJSON_GetObjectItemCaseSensitive(root, "layers");
  const int n = cJSON_IsObject(layers) ? cJSON_GetArraySize(layers) : 0;
  if (n < 1 || n > MOST_LAYERS) {
    return tetra_fail(err, TETRA_EINVAL, "bits '%s': \"layers\" must be an object of 1 to %d layers", path,
                      MOST_LAYERS);
  }
  b->layers = calloc((size_t)n, sizeof *b->layers);
  if (b->layers == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the bits of %d layers", n);
  rc = sim_json_unique("bits", path, layers, err);
  for (const cJSON *c = layers->child; c != NULL && rc == TETRA_OK; c = c->next) {
    rc = read_layer(path, c, &b->layers[b->n++], err);
  }
  return rc;
}

int sim_bits_read(const char *path, struct sim_bits *b, struct tetra_error *err) {
  cJSON *root;
  *b = (struct sim_bits){NULL, 0};
  int rc = sim_json_read("bits", path, &root, err);
  if (rc != TETRA_OK) return rc;
  rc = read_layers(path, root, b, err);
  cJSON_Delete(root);
  if (rc != TETRA_OK) sim_bits_free(b);
  return rc;
}

char *sim_bits_json(const struct sim_bits *b) {
  cJSON *root = cJSON_CreateObject(), *layers = root == NULL ? NULL : cJSON_AddObjectToObject(root, "layers");
  int ok = layers != NULL;
  for (int i = 0; ok && i < b->n; i++) {
    ok = cJSON_AddStringToObject(layers, b->layers[i].name, tetra_layer_bits_text(&b->layers[i])) != NULL;
  }
  char *text = ok ? cJSON_Print(root) : NULL, *copy = NULL;
  if (text != NULL && (copy = malloc(strlen(text) + 1)) != NULL) memcpy(copy, text, strlen(text) + 1);
  cJSON_free(text);
  cJSON_Delete(root);
  return copy;
}

void sim_bits_free(struct sim_bits *b) {
  free(b->layers);
  *b = (struct sim_bits){NULL, 0};
}
