/* A file without a name, beside the place of the result file that its bytes are for. */
#ifndef TETRA_SIM_SCRATCH_H
#define TETRA_SIM_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Processes that were forked write into it side by side, each at its own offsets. Whatever ends them, nothing is left:
 * the file has no name until sim_scratch_deliver. */
struct sim_scratch {
  const char *option, *path; /* borrowed */
  int fd;
};

/* On the same disk as `path`; for a path that is no regular file (a pipe, a device), in the folder for temporary
 * files. TETRA_EIO names option ("--output") and path. */
TETRA_NODISCARD int sim_scratch_open(struct sim_scratch *s, const char *option, const char *path,
                                     struct tetra_error *err);
/* All of the bytes at this offset, or TETRA_EIO. */
TETRA_NODISCARD int sim_scratch_write(const struct sim_scratch *s, const void *bytes, size_t n, uint64_t offset,
                                      struct tetra_error *err);
/* Puts what was written into its place, whole or not at all (outfile.h). TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int sim_scratch_deliver(const struct sim_scratch *s, struct tetra_error *err);
/* Forgets what was written. */
void sim_scratch_close(struct sim_scratch *s);

#ifdef __cplusplus
}
#endif
#endif
