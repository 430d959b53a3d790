/* Pieces of one network, each on an RTL and in a process of its own, from the C model's tensors. */
#ifndef TETRA_SIM_PIECES_H
#define TETRA_SIM_PIECES_H

#include "run/pieces/cuts.h"
#include "run/session.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_pieces {
  struct sim_session *whole; /* from sim_setup_model */
  int at_once;               /* processes; over MPI each rank is one */
  int rank, size;            /* of an MPI run whose ranks have all come here; size 1: none */
  /* For the pieces; called in their processes, which keep what it prints until it is their turn. */
  const struct sim_observer *observer;
  /* In this process, about five times a second: whole->r shows how far the pieces are. NULL: nobody is told. */
  void (*tick)(void *arg, const struct sim_results *r, uint64_t clocks);
  void (*piece_ended)(void *arg); /* in this process, before what it printed is shown; may be NULL */
  void *arg;
};

/* Runs `spans`, n of them, as pieces of p->whole, compares every layer as sim_simulate does, and puts all that they
 * found out into p->whole->r: cycles, counters and clocks added, `pieces`, and in `modelled` the cycle model's cycles
 * of one run of the whole. Returns the highest exit code of the pieces (base/status.h), whose errors have been printed,
 * each once; or SIM_EXIT_BAD_INPUT with *err, where nothing ran. Over MPI all that is rank 0's. Options have no stalls
 * of the memory, no trace, no timeline. */
TETRA_NODISCARD int sim_pieces_run(const struct sim_pieces *p, const struct sim_span *spans, int n,
                                   struct tetra_error *err);
/* The cycle model's cycles of each op of whole->part, into whole->r.modelled. */
TETRA_NODISCARD int sim_pieces_predict(struct sim_session *whole, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
