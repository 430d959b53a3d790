/* Blocks of images in several processes at once. */
#ifndef TETRA_SIM_POOL_H
#define TETRA_SIM_POOL_H

#include "run/outcome.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Work for several processes: blocks 0 .. n_blocks - 1, each worker takes every n_workers-th. */
struct sim_pool {
  int n_blocks, n_workers;
  int block; /* most outcomes of a block, at least 1 */
  /* In a worker: outcomes of block b (at most `block`), their number in *n. */
  int (*work)(void *arg, int b, struct sim_outcome *out, int *n, struct tetra_error *err);
  /* In the parent: an outcome arrived; and about five times a second whatever happens. */
  void (*outcome)(void *arg, const struct sim_outcome *o);
  void (*tick)(void *arg);
  void *arg;
};

/* How it ended: by itself, which may be with a worker's error; by the user; or a worker died before its blocks were
 * done. */
enum sim_pool_end { SIM_POOL_BY_ITSELF, SIM_POOL_INTERRUPTED, SIM_POOL_KILLED };

/* Runs all blocks in processes forked from this one. TETRA_OK, also where the user interrupted it; what the first
 * failing worker said otherwise, and TETRA_EIO with SIM_POOL_KILLED, once the others are done. No process is left
 * behind. */
TETRA_NODISCARD int sim_pool_run(const struct sim_pool *p, enum sim_pool_end *end, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
