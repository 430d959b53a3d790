/* Pieces over the ranks of an MPI run. */
#ifndef TETRA_SIM_PIECES_RANKS_H
#define TETRA_SIM_PIECES_RANKS_H

#include "run/pieces/piece.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Rank k of c->size runs every size-th piece from k on, and rank 0 has all that they found out, and prints what they
 * printed, in their order. Where a rank cannot tell, or take, what was found out, it says so and ends them all. */
TETRA_NODISCARD int sim_crew_over_ranks(struct sim_crew *c, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
