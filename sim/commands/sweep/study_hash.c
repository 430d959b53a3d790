/* FNV-1a over all that a study's answers follow from. */
#include "commands/sweep/study_hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tetra/hash.h"
#include "files/picture_folder.h"
#include "tetra/import.h"

static int add_bytes_of(const char *path, uint64_t *h, struct tetra_error *err) {
  unsigned char block[65536];
  FILE *f = fopen(path, "rb");
  for (size_t n = sizeof block; f != NULL && n == sizeof block;) {
    n = fread(block, 1, sizeof block, f);
    *h = tetra_hash(*h, block, n);
  }
  const int failed = f == NULL || ferror(f);
  const int rc = failed
                     ? tetra_fail(err, TETRA_EIO, "cannot read '%s', which the study names: %s", path, strerror(errno))
                     : TETRA_OK;
  if (f != NULL) fclose(f);
  return rc;
}

/* A network with the tensors that lie beside it; where it is none its bytes, for its points will say what is wrong. */
static int add_network(const char *path, uint64_t *h, struct tetra_error *err) {
  uint8_t *bytes = NULL;
  size_t n = 0;
  if (tetra_import_read(path, &bytes, &n, NULL) != TETRA_OK) return add_bytes_of(path, h, err);
  *h = tetra_hash(*h, bytes, n);
  free(bytes);
  return TETRA_OK;
}

static int add_file(const struct sim_study *s, enum sim_axis axis, const char *name, uint64_t *h,
                    struct tetra_error *err) {
  char *path = sim_study_path(s, name);
  if (path == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the name '%s'", name);
  const int rc = axis == SIM_AXIS_NETWORK ? add_network(path, h, err) : add_bytes_of(path, h, err);
  free(path);
  return rc;
}

static int is_file(enum sim_axis axis, const char *name) {
  if (axis == SIM_AXIS_BITS) return strcmp(name, "8") != 0 && strcmp(name, "4") != 0;
  return axis == SIM_AXIS_NETWORK && strchr(name, '.') != NULL;
}

int sweep_study_hash(const struct sim_study *s, char hash[SWEEP_HASH_CHARS], struct tetra_error *err) {
  uint64_t h = TETRA_HASH_START;
  char *text = cJSON_PrintUnformatted(s->json);
  if (text == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the study");
  h = tetra_hash(h, text, strlen(text));
  h = tetra_hash(h, s->points, (size_t)s->n_points * sizeof *s->points);
  cJSON_free(text);
  int rc = TETRA_OK;
  for (int a = 0; a < SIM_AXES; a++) {
    for (int i = 0; i < s->n_names[a] && rc == TETRA_OK; i++)
      if (is_file((enum sim_axis)a, s->names[a][i])) rc = add_file(s, (enum sim_axis)a, s->names[a][i], &h, err);
  }
  snprintf(hash, SWEEP_HASH_CHARS, "%016llx", (unsigned long long)h);
  return rc;
}

/* Names of pictures are their order, which labels follow. */
static int add_pictures(const char *path, uint64_t *h, struct tetra_error *err) {
  struct sim_picture_folder folder;
  int rc = sim_picture_folder_list(path, &folder, err);
  if (rc != TETRA_OK) return rc;
  for (int i = 0; i < folder.n && rc == TETRA_OK; i++) {
    const char *name = strrchr(folder.paths[i], '/');
    *h = tetra_hash(*h, name, strlen(name) + 1);
    rc = add_bytes_of(folder.paths[i], h, err);
  }
  sim_picture_folder_free(&folder);
  return rc;
}

int sweep_data_hash(const struct sim_study *s, char hash[SWEEP_HASH_CHARS], struct tetra_error *err) {
  uint64_t h = TETRA_HASH_START;
  hash[0] = '\0';
  if (s->images.input == NULL) return TETRA_OK;
  int rc =
      sim_is_folder(s->images.input) ? add_pictures(s->images.input, &h, err) : add_bytes_of(s->images.input, &h, err);
  if (rc == TETRA_OK) rc = add_bytes_of(s->images.labels, &h, err);
  snprintf(hash, SWEEP_HASH_CHARS, "%016llx", (unsigned long long)h);
  return rc;
}
