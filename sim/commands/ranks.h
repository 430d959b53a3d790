/* Blocks of images over the ranks of an MPI run: run/pool.h with processes that MPI started. */
#ifndef TETRA_SIM_COMMAND_RANKS_H
#define TETRA_SIM_COMMAND_RANKS_H

#include "run/pool.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_ranks {
  int rank, size; /* size 1: this process is alone */
  int joined;     /* MPI began */
};

/* Joins the others where an MPI launcher started this process. The exit code of a good run; of a bad one where this was
 * built without MPI or MPI does not start, which one of the ranks has said then. */
TETRA_NODISCARD int sim_ranks_begin(struct sim_ranks *r);
/* Every rank comes here with the code of its preparations; TETRA_OK where all are. Rank 0 gets the message of one that
 * is not, with its number. */
TETRA_NODISCARD int sim_ranks_agree(const struct sim_ranks *r, int code, struct tetra_error *err);
/* Runs the blocks: rank 0 hears all outcomes, its own too, the others none. Rank k has every size-th block from k on;
 * p->n_workers is not used. What the first failing rank said, on rank 0, once all have ended. */
TETRA_NODISCARD int sim_ranks_run(const struct sim_ranks *r, const struct sim_pool *p, struct tetra_error *err);
/* Waits for the others. */
void sim_ranks_end(const struct sim_ranks *r);

#ifdef __cplusplus
}
#endif
#endif
