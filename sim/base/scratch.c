/* Bytes of a result file while they are collected. */
#define _XOPEN_SOURCE 700
#include "base/scratch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outfile.h"

static int io_error(const struct sim_scratch *s, struct tetra_error *err) {
  return tetra_fail(err, TETRA_EIO, "cannot write %s '%s': %s", s->option, s->path, strerror(errno));
}

static int is_special(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

int sim_scratch_open(struct sim_scratch *s, const char *option, const char *path, struct tetra_error *err) {
  *s = (struct sim_scratch){option, path, -1};
  const char *tmp = getenv("TMPDIR");
  const char *begin = !is_special(path) ? path : tmp != NULL ? tmp : "/tmp";
  const size_t size = strlen(begin) + 16;
  char *name = malloc(size);
  if (name == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for a file name");
  snprintf(name, size, "%s%s.XXXXXX", begin, begin == path ? "" : "/sim");
  s->fd = mkstemp(name);
  const int rc = s->fd < 0 ? io_error(s, err) : TETRA_OK;
  if (s->fd >= 0) unlink(name);
  free(name);
  return rc;
}

int sim_scratch_write(const struct sim_scratch *s, const void *bytes, size_t n, uint64_t offset,
                      struct tetra_error *err) {
  const char *p = bytes;
  for (size_t done = 0; done < n;) {
    const ssize_t some = pwrite(s->fd, p + done, n - done, (off_t)(offset + done));
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) return io_error(s, err);
    done += (size_t)some;
  }
  return TETRA_OK;
}

/* Returns 0, or -1 where it cannot be read; what cannot be written is known to `to`. */
static int copy(int fd, FILE *to) {
  char bytes[65536];
  off_t at = 0;
  for (;;) {
    const ssize_t n = pread(fd, bytes, sizeof bytes, at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n == 0 ? 0 : -1;
    if (fwrite(bytes, 1, (size_t)n, to) != (size_t)n) return 0;
    at += n;
  }
}

int sim_scratch_deliver(const struct sim_scratch *s, struct tetra_error *err) {
  struct sim_outfile o;
  int rc = sim_outfile_open(&o, s->option, s->path, err);
  if (rc != TETRA_OK) return rc;
  if (copy(s->fd, o.f) == 0) return sim_outfile_commit(&o, err);
  rc = io_error(s, err);
  sim_outfile_discard(&o);
  return rc;
}

void sim_scratch_close(struct sim_scratch *s) {
  if (s->fd >= 0) close(s->fd);
  s->fd = -1;
}
