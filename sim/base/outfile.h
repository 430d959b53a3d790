/* A result file that is there as a whole or not at all. */
#ifndef TETRA_SIM_OUTFILE_H
#define TETRA_SIM_OUTFILE_H

#include <stdio.h>

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Written beside `path` under a temporary name, renamed by sim_outfile_commit. What exists and is no regular file (a
 * pipe, /dev/stdout) is written directly, an open descriptor (/dev/fd/N) from where it stands. */
struct sim_outfile {
  FILE *f;
  char *temporary;           /* NULL where path itself is written; owned */
  const char *option, *path; /* borrowed */
};

/* Can `path` be written? Asked before a long run; leaves nothing behind. TETRA_EIO names `option` ("--csv") and path.
 * TETRA_EINVAL: it is '-'. */
TETRA_NODISCARD int sim_outfile_probe(const char *option, const char *path, struct tetra_error *err);
/* Makes the folder `path` where there is none. TETRA_EIO names option and path. */
TETRA_NODISCARD int sim_outfile_folder(const char *option, const char *path, struct tetra_error *err);
/* Opens for writing; option and path outlive *o. TETRA_EIO, TETRA_ENOMEM, TETRA_EINVAL for '-': nothing is left to
 * close. */
TETRA_NODISCARD int sim_outfile_open(struct sim_outfile *o, const char *option, const char *path,
                                     struct tetra_error *err);
/* Closes and puts the file in its place; TETRA_EIO where anything was not written, then `path` is as it was. */
TETRA_NODISCARD int sim_outfile_commit(struct sim_outfile *o, struct tetra_error *err);
/* The whole file in one call: text and a newline. As open and commit. */
TETRA_NODISCARD int sim_outfile_text(const char *option, const char *path, const char *text, struct tetra_error *err);
/* Closes and forgets what was written. */
void sim_outfile_discard(struct sim_outfile *o);

#ifdef __cplusplus
}
#endif
#endif
