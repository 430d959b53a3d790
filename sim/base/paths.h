/* Files of one command that must not be one another. */
#ifndef TETRA_SIM_PATHS_H
#define TETRA_SIM_PATHS_H

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SIM_PATHS_MAX = 32 };

/* A file that a command reads or writes. */
struct sim_path {
  const char *what; /* "--json", or "network" where no option names it */
  const char *path; /* borrowed */
  int is_output;
};

struct sim_paths {
  struct sim_path file[SIM_PATHS_MAX];
  int n;
};

/* Adds a file; nothing where path is NULL. */
void sim_paths_add(struct sim_paths *p, const char *what, const char *path, int is_output);
/* Is an output the same file as an input or another output? The same by device and inode where both exist, which finds
 * links, otherwise by folder and name. Pipes, terminals and /dev/null may be shared. TETRA_EINVAL names both. */
TETRA_NODISCARD int sim_paths_check(const struct sim_paths *p, struct tetra_error *err);
/* The same of the file that was added last alone. */
TETRA_NODISCARD int sim_paths_check_last(const struct sim_paths *p, struct tetra_error *err);
/* The same file by a name that no library takes for anything else: "./" before a relative one, since SQLite has its own
 * ideas of ":memory:" and "file:x". Owned by the caller; NULL: no memory. */
TETRA_NODISCARD char *sim_path_of_file(const char *path);

#ifdef __cplusplus
}
#endif
#endif
