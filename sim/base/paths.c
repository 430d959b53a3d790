/* Finds outputs that are inputs or each other, before a run overwrites anything. */
#define _POSIX_C_SOURCE 200809L
#include "base/paths.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tetra/import.h"

void sim_paths_add(struct sim_paths *p, const char *what, const char *path, int is_output) {
  if (path == NULL || p->n == SIM_PATHS_MAX) return;
  p->file[p->n++] = (struct sim_path){what, path, is_output};
}

static int same_inode(const struct stat *a, const struct stat *b) {
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The folder that the file is in, "." where its name has none, into folder[size]; its name in *name. */
static int split(const char *path, char *folder, size_t size, const char **name) {
  const char *slash = strrchr(path, '/');
  *name = slash == NULL ? path : slash + 1;
  const size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;
  if (length >= size) return -1;
  snprintf(folder, size, "%.*s", (int)length, path);
  if (length == 0) snprintf(folder, size, ".");
  return 0;
}

/* Do both names, of which one at least does not exist yet, stand for one file? */
static int same_name(const char *a, const char *b) {
  char fa[4096], fb[4096];
  const char *na, *nb;
  struct stat sa, sb;
  if (split(a, fa, sizeof fa, &na) != 0 || split(b, fb, sizeof fb, &nb) != 0) return strcmp(a, b) == 0;
  return strcmp(na, nb) == 0 && stat(fa, &sa) == 0 && stat(fb, &sb) == 0 && same_inode(&sa, &sb);
}

static int same_file(const char *a, const char *b) {
  struct stat sa, sb;
  const int exists_a = stat(a, &sa) == 0, exists_b = stat(b, &sb) == 0;
  if (exists_a && exists_b) return S_ISREG(sa.st_mode) && same_inode(&sa, &sb);
  return !exists_a && !exists_b && same_name(a, b);
}

/* A network's tensors may lie in files beside it. */
static int check_data(const struct sim_path *network, const struct sim_path *out, struct tetra_error *err) {
  struct stat s;
  if (network->is_output || network->what[0] == '-' || stat(out->path, &s) != 0) return TETRA_OK;
  if (!S_ISREG(s.st_mode) || !tetra_import_is_data_of(network->path, out->path)) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "%s '%s' has tensors of the %s ('%s'); a file of its own is accepted", out->what,
                    out->path, network->what, network->path);
}

static int check_one(const struct sim_paths *p, int i, struct tetra_error *err) {
  const struct sim_path *out = &p->file[i];
  for (int k = 0; k < p->n && out->is_output; k++) {
    const struct sim_path *other = &p->file[k];
    const int rc = check_data(other, out, err);
    if (rc != TETRA_OK) return rc;
    /* Of two outputs the later one is named first, as it would have replaced the other. */
    if (k == i || (other->is_output && k > i) || !same_file(out->path, other->path)) continue;
    const int option = other->what[0] == '-';
    return tetra_fail(err, TETRA_EINVAL, "%s '%s' is the %s%s%s ('%s'); a file of its own is accepted", out->what,
                      out->path, option ? "file of " : "", other->what, option ? "" : " itself", other->path);
  }
  return TETRA_OK;
}

int sim_paths_check(const struct sim_paths *p, struct tetra_error *err) {
  int rc = TETRA_OK;
  for (int i = 0; i < p->n && rc == TETRA_OK; i++) rc = check_one(p, i, err);
  return rc;
}

int sim_paths_check_last(const struct sim_paths *p, struct tetra_error *err) {
  return p->n == 0 ? TETRA_OK : check_one(p, p->n - 1, err);
}

char *sim_path_of_file(const char *path) {
  const size_t size = strlen(path) + sizeof "./";
  char *name = malloc(size);
  if (name != NULL) snprintf(name, size, "%s%s", path[0] == '/' ? "" : "./", path);
  return name;
}
