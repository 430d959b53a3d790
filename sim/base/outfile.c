/* Result files, written beside their place and then renamed into it. */
#define _POSIX_C_SOURCE 200809L
#include "base/outfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int io_error(const char *option, const char *path, struct tetra_error *err) {
  return tetra_fail(err, TETRA_EIO, "cannot write %s '%s': %s", option, path, strerror(errno));
}

/* Does path exist as something that a rename must not replace? */
static int is_special(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* N of /dev/fd/N; -1: another name. */
static int descriptor(const char *path) {
  int fd = -1, end = 0;
  return sscanf(path, "/dev/fd/%d%n", &fd, &end) == 1 && path[end] == '\0' && fd >= 0 ? fd : -1;
}

static int is_folder(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static char *temporary_name(const char *path) {
  const size_t size = strlen(path) + 32;
  char *name = malloc(size);
  if (name != NULL) snprintf(name, size, "%s.%ld.tmp", path, (long)getpid());
  return name;
}

/* '-' is no file's name by habit, and the standard output has the report. */
static int refuse_dash(const char *option, const char *path, struct tetra_error *err) {
  if (strcmp(path, "-") != 0) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "%s -: the standard output is not accepted; ./- is a file of that name", option);
}

int sim_outfile_open(struct sim_outfile *o, const char *option, const char *path, struct tetra_error *err) {
  *o = (struct sim_outfile){.option = option, .path = path};
  if (path[0] == '\0') return tetra_fail(err, TETRA_EIO, "%s: a file name is needed, not ''", option);
  if (refuse_dash(option, path, err) != TETRA_OK) return TETRA_EINVAL;
  const int fd = descriptor(path);
  if (fd >= 0) {
    const int own = dup(fd);
    o->f = own < 0 ? NULL : fdopen(own, "w");
    return o->f != NULL ? TETRA_OK : io_error(option, path, err);
  }
  if (access(path, F_OK) == 0 && access(path, W_OK) != 0) return io_error(option, path, err);
  if (!is_special(path)) {
    o->temporary = temporary_name(path);
    if (o->temporary == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for a file name");
  }
  o->f = fopen(o->temporary != NULL ? o->temporary : path, "w");
  if (o->f != NULL) return TETRA_OK;
  const int rc = io_error(option, path, err);
  free(o->temporary);
  o->temporary = NULL;
  return rc;
}

int sim_outfile_commit(struct sim_outfile *o, struct tetra_error *err) {
  int failed = ferror(o->f);
  errno = 0;
  failed |= fclose(o->f) != 0;
  if (failed && errno == 0) errno = EIO; /* the write that failed is too long ago to know why */
  if (o->temporary != NULL && !failed) failed = rename(o->temporary, o->path) != 0;
  const int rc = failed ? io_error(o->option, o->path, err) : TETRA_OK;
  if (failed && o->temporary != NULL) remove(o->temporary);
  free(o->temporary);
  *o = (struct sim_outfile){0};
  return rc;
}

void sim_outfile_discard(struct sim_outfile *o) {
  if (o->f != NULL) fclose(o->f);
  if (o->temporary != NULL) remove(o->temporary);
  free(o->temporary);
  *o = (struct sim_outfile){0};
}

int sim_outfile_text(const char *option, const char *path, const char *text, struct tetra_error *err) {
  struct sim_outfile o;
  const int rc = sim_outfile_open(&o, option, path, err);
  if (rc != TETRA_OK) return rc;
  fprintf(o.f, "%s\n", text);
  return sim_outfile_commit(&o, err);
}

int sim_outfile_folder(const char *option, const char *path, struct tetra_error *err) {
  if (mkdir(path, 0777) != 0 && errno != EEXIST)
    return tetra_fail(err, TETRA_EIO, "cannot make the folder %s '%s': %s", option, path, strerror(errno));
  if (!is_folder(path)) return tetra_fail(err, TETRA_EIO, "%s '%s' is no folder", option, path);
  return TETRA_OK;
}

int sim_outfile_probe(const char *option, const char *path, struct tetra_error *err) {
  if (is_folder(path)) {
    errno = EISDIR;
    return io_error(option, path, err);
  }
  /* A pipe must not be opened and closed again: its reader would take that for the end. */
  if (is_special(path) || descriptor(path) >= 0)
    return access(path, W_OK) == 0 ? TETRA_OK : io_error(option, path, err);
  struct sim_outfile o;
  const int rc = sim_outfile_open(&o, option, path, err);
  if (rc == TETRA_OK) sim_outfile_discard(&o);
  return rc;
}
