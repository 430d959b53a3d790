/* In the place of study_read.c, in a program that is built without SQLite. */
#include <string.h>

#include "commands/report/study.h"

int study_read(const char *path, struct study *s, struct tetra_error *err) {
  memset(s, 0, sizeof *s);
  return tetra_fail(err, TETRA_EIO,
                    "report: '%s' cannot be read, for this program was built without SQLite (Debian: libsqlite3-dev)",
                    path);
}
