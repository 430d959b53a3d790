/* Lists the pictures of a folder, by their names. */
#define _POSIX_C_SOURCE 200809L
#include "files/picture_folder.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

int sim_is_folder(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int is_picture(const char *name) {
  static const char *const ends[] = {".jpg", ".jpeg", ".png"};
  const size_t n = strlen(name);
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    const size_t k = strlen(ends[i]);
    if (name[0] != '.' && n > k && strcasecmp(name + n - k, ends[i]) == 0) return 1;
  }
  return 0;
}

/* Room for one more path, doubled when it is used up; 0: no memory. */
static int add(struct sim_picture_folder *f, const char *folder, const char *name) {
  if ((f->n & (f->n - 1)) == 0) {
    char **paths = f->n > INT_MAX / 2 ? NULL : realloc(f->paths, (f->n == 0 ? 1 : 2 * (size_t)f->n) * sizeof *paths);
    if (paths == NULL) return 0;
    f->paths = paths;
  }
  const size_t size = strlen(folder) + strlen(name) + 2;
  char *path = malloc(size);
  if (path == NULL) return 0;
  const size_t n = strlen(folder);
  snprintf(path, size, "%s%s%s", folder, n != 0 && folder[n - 1] == '/' ? "" : "/", name);
  f->paths[f->n++] = path;
  return 1;
}

/* All have the same folder in front. */
static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int read_all(DIR *d, const char *path, struct sim_picture_folder *folder, struct tetra_error *err) {
  errno = 0;
  for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
    if (is_picture(e->d_name) && !add(folder, path, e->d_name))
      return tetra_fail(err, TETRA_ENOMEM, "no memory for the names of the pictures in '%s'", path);
    errno = 0;
  }
  if (errno != 0) return tetra_fail(err, TETRA_EIO, "cannot read the folder '%s': %s", path, strerror(errno));
  if (folder->n == 0)
    return tetra_fail(err, TETRA_EINVAL, "the folder '%s' has no .jpg, .jpeg or .png in it; a .npy is accepted, too",
                      path);
  qsort(folder->paths, (size_t)folder->n, sizeof *folder->paths, by_name);
  return TETRA_OK;
}

int sim_picture_folder_list(const char *path, struct sim_picture_folder *folder, struct tetra_error *err) {
  memset(folder, 0, sizeof *folder);
  DIR *d = opendir(path);
  if (d == NULL) return tetra_fail(err, TETRA_EIO, "cannot open the folder '%s': %s", path, strerror(errno));
  const int rc = read_all(d, path, folder, err);
  closedir(d);
  if (rc != TETRA_OK) sim_picture_folder_free(folder);
  return rc;
}

void sim_picture_folder_free(struct sim_picture_folder *folder) {
  for (int i = 0; i < folder->n; i++) free(folder->paths[i]);
  free(folder->paths);
  memset(folder, 0, sizeof *folder);
}
