/* The processes that answer points: children of this one, and other ranks of an MPI run. */
#ifndef TETRA_SIM_SWEEP_CREW_H
#define TETRA_SIM_SWEEP_CREW_H

#include <sys/types.h>

#include "base/children.h"
#include "base/mpi.h"
#include "commands/sweep/answer.h"
#include "files/study/study.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Workers 0 .. n_children - 1 are children, those behind them ranks 1, 2, ... */
struct sweep_crew {
  const struct sim_study *s;
  struct sim_guard guard;
  int n, n_children;
  pid_t *pids; /* of children; 0: dead */
  int *fds;
  int *owed;   /* tasks of a child that it has not answered */
  int respawn; /* a child that dies is replaced */
  struct sim_mpi_inbox inbox;
  struct sim_mpi_outbox outbox;
  double spoken; /* when all ranks were last told that this process is alive */
};

enum sweep_event { SWEEP_NOTHING, SWEEP_ANSWER, SWEEP_DEATH };

/* Starts the children. TETRA_ENOMEM: sweep_crew_stop is due. */
TETRA_NODISCARD int sweep_crew_start(struct sweep_crew *c, const struct sim_study *s, int children,
                                     struct tetra_error *err);
/* The other ranks of an MPI run of `size` join. */
void sweep_crew_join(struct sweep_crew *c, int size);
/* Hands out a task. Returns 0 where the worker is dead. */
TETRA_NODISCARD int sweep_crew_send(struct sweep_crew *c, int worker, const struct sweep_task *task);
/* Waits for at most ms milliseconds. SWEEP_ANSWER: *worker's reply to its oldest task, which is the caller's to free.
 * SWEEP_DEATH: *worker, a child, died of `*signal` (0: ended by itself); where it is replaced, the new one has no
 * tasks. */
enum sweep_event sweep_crew_wait(struct sweep_crew *c, int ms, int *worker, int *signal, struct sweep_reply *reply);
/* Is anybody alive? */
TETRA_NODISCARD int sweep_crew_alive(const struct sweep_crew *c, int worker);
/* Ends the children and tells the other ranks to. Returns the first rank that has not said farewell in time: it is
 * dead, or still at work that nobody waits for, and MPI must not wait for it (sim_mpi_abort); 0: all have. */
TETRA_NODISCARD int sweep_crew_stop(struct sweep_crew *c);

/* A rank that is not 0: answers until told to stop. Returns an exit code, for all to end MPI together; where not all
 * can, or nothing has been heard of rank 0 for long, this process ends here. */
TETRA_NODISCARD int sweep_crew_serve(const struct sim_study *s);

#ifdef __cplusplus
}
#endif
#endif
