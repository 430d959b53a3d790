/* Who answers what: hands tasks out as workers become free, and answers to the results file. */
#ifndef TETRA_SIM_SWEEP_BOARD_H
#define TETRA_SIM_SWEEP_BOARD_H

#include "commands/sweep/crew.h"
#include "commands/sweep/store.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sweep_tally {
  int n, answered;           /* points of this part of the sweep */
  int done, refused, failed; /* of those answered */
  double t0, shown;
};

struct sweep_board {
  struct sweep_crew *crew;
  struct sweep_store *store;
  int quiet, progress; /* as the options */
};

/* Has points[0..n-1] answered in that way, each answer stored as it comes. A point whose process dies twice is stored
 * as failed. TETRA_EIO, TETRA_ENOMEM: what was stored before stays. */
TETRA_NODISCARD int sweep_board_run(const struct sweep_board *b, enum sweep_kind kind, const int *points, int n,
                                    struct sweep_tally *tally, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
