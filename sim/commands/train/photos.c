/* Photographs in folders of classes, read one at a time. */
#define _GNU_SOURCE
#include "commands/train/photos.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files/image_read.h"

int train_photos_is_folder(const char *path) {
  struct stat s;
  return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

void train_photos_free(struct train_photos *p) {
  for (int i = 0; i < p->n; i++) free(p->paths[i]);
  for (int i = 0; i < p->n_classes; i++) free(p->classes[i]);
  free(p->paths);
  free(p->labels);
  free(p->classes);
  memset(p, 0, sizeof *p);
}

static int visible(const struct dirent *e) { return e->d_name[0] != '.'; }

/* Sorted by bytes, whatever the locale: classes have the same numbers everywhere. */
static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void free_names(struct dirent **names, int n) {
  for (int i = 0; i < n; i++) free(names[i]);
  free(names);
}

/* Room for one more of each, by doubling. */
static int grow(struct train_photos *p, struct tetra_error *err) {
  if ((p->n & (p->n - 1)) != 0) return TETRA_OK;
  const size_t room = p->n == 0 ? 1 : 2 * (size_t)p->n;
  char **paths = realloc(p->paths, room * sizeof *paths);
  if (paths != NULL) p->paths = paths;
  int *labels = realloc(p->labels, room * sizeof *labels);
  if (labels != NULL) p->labels = labels;
  return paths != NULL && labels != NULL ? TETRA_OK
                                         : tetra_fail(err, TETRA_ENOMEM, "no memory for the names of %zu files", room);
}

static int add_files(struct train_photos *p, const char *folder, int label, struct tetra_error *err) {
  struct dirent **names;
  const int n = scandir(folder, &names, visible, by_name);
  if (n < 0) return tetra_fail(err, TETRA_EIO, "cannot read the folder '%s': %s", folder, strerror(errno));
  int rc = n > 0 ? TETRA_OK : tetra_fail(err, TETRA_EINVAL, "folder '%s': no photograph of its class", folder);
  for (int i = 0; i < n && rc == TETRA_OK; i++) {
    char *path = NULL;
    if (p->n == INT_MAX / 2) rc = tetra_fail(err, TETRA_EINVAL, "more than %d photographs", p->n);
    if (rc == TETRA_OK) rc = grow(p, err);
    if (rc == TETRA_OK && asprintf(&path, "%s/%s", folder, names[i]->d_name) < 0)
      rc = tetra_fail(err, TETRA_ENOMEM, "no memory for a file's name");
    if (rc != TETRA_OK) break;
    p->labels[p->n] = label;
    p->paths[p->n++] = path;
  }
  free_names(names, n);
  return rc;
}

static int list_classes(const char *path, struct dirent *const *names, int n, struct train_photos *p,
                        struct tetra_error *err) {
  p->classes = calloc((size_t)n + 1, sizeof *p->classes);
  if (p->classes == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d classes", n);
  int rc = TETRA_OK;
  for (int i = 0; i < n && rc == TETRA_OK; i++) {
    char *folder = NULL;
    if (asprintf(&folder, "%s/%s", path, names[i]->d_name) < 0)
      return tetra_fail(err, TETRA_ENOMEM, "no memory for a folder's name");
    if (train_photos_is_folder(folder)) {
      p->classes[p->n_classes] = strdup(names[i]->d_name);
      if (p->classes[p->n_classes] == NULL) rc = tetra_fail(err, TETRA_ENOMEM, "no memory for a folder's name");
      if (rc == TETRA_OK) rc = add_files(p, folder, p->n_classes++, err);
    }
    free(folder);
  }
  if (rc == TETRA_OK && p->n_classes < 2)
    rc = tetra_fail(err, TETRA_EINVAL,
                    "'%s' has %d folder%s; two or more, a class each, with photographs in them are accepted", path,
                    p->n_classes, p->n_classes == 1 ? "" : "s");
  return rc;
}

int train_photos_list(const char *path, struct train_photos *p, struct tetra_error *err) {
  struct dirent **names;
  memset(p, 0, sizeof *p);
  const int n = scandir(path, &names, visible, by_name);
  if (n < 0) return tetra_fail(err, TETRA_EIO, "cannot read the folder '%s': %s", path, strerror(errno));
  const int rc = list_classes(path, names, n, p, err);
  free_names(names, n);
  if (rc != TETRA_OK) train_photos_free(p);
  return rc;
}

int train_photos_read(const struct train_photos *p, int i, int size, uint8_t *rgb, struct tetra_error *err) {
  struct sim_image image;
  int rc = sim_image_read(p->paths[i], &image, err);
  if (rc != TETRA_OK) return rc;
  rc = sim_image_fit(&image, 0, size, rgb, err);
  sim_image_free(&image);
  return rc;
}

static void turn_round(uint8_t *rgb, int size) {
  for (int y = 0; y < size; y++, rgb += 3 * (size_t)size) {
    for (int a = 0, b = size - 1; a < b; a++, b--) {
      uint8_t kept[3];
      memcpy(kept, rgb + 3 * a, 3);
      memcpy(rgb + 3 * a, rgb + 3 * b, 3);
      memcpy(rgb + 3 * b, kept, 3);
    }
  }
}

int train_photos_read_part(const struct train_photos *p, int i, int size, uint64_t seed, int epoch, uint8_t *rgb,
                           struct tetra_error *err) {
  struct sim_image image;
  int rc = sim_image_read(p->paths[i], &image, err);
  if (rc != TETRA_OK) return rc;
  const struct tetra_train_part part = tetra_train_part_of(seed, epoch, i, image.h, image.w);
  rc = sim_image_part(&image, part.y, part.x, part.h, part.w, size, rgb, err);
  sim_image_free(&image);
  if (rc == TETRA_OK && part.flip) turn_round(rgb, size);
  return rc;
}
