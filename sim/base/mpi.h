/* Processes on several machines, by MPI: what this program needs of it, and nothing where it was built without. */
#ifndef TETRA_SIM_MPI_H
#define TETRA_SIM_MPI_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Was this process started by an MPI launcher (mpirun, srun --mpi)? *rank: its number as the launcher's environment
 * says. Asked before sim_mpi_begin, and in builds without MPI. */
TETRA_NODISCARD int sim_mpi_launched(int *rank);
/* Is the standard output a terminal for somebody to look at? Open MPI gives its processes terminals of their own, and
 * passes on what they print, into a file for example. */
TETRA_NODISCARD int sim_mpi_terminal(void);
/* Joins the others: *rank of *size. TETRA_EINVAL: built without MPI, and what to do; TETRA_EIO: MPI does not start. */
TETRA_NODISCARD int sim_mpi_begin(int *rank, int *size, struct tetra_error *err);
/* Waits for all to come here. Who has something to say has said it before: a launcher ends all others when one has
 * exited with a code that is not 0. */
void sim_mpi_end(void);
/* The exit code for *err where the ranks cannot hear each other, before sim_mpi_begin or without it: rank 0 says it;
 * the others, which mostly have the same to say, wait for ten seconds, in which the launcher ends them where rank 0
 * failed, too, and then say it. */
int sim_mpi_complain(int rank, const struct tetra_error *err);
/* Sends bytes to a rank, of at most 2 GiB. Returns 0 where MPI says that it is gone. */
TETRA_NODISCARD int sim_mpi_send(int rank, const void *bytes, size_t n);
/* Messages on their way: who sends them goes on, however long the receiver is at something else. {NULL} is empty. */
struct sim_mpi_outbox {
  struct sim_mpi_letter *first; /* owned */
};
/* Sends a copy of the bytes. Returns 0 where there is no memory, or MPI says that the rank is gone. */
TETRA_NODISCARD int sim_mpi_post(struct sim_mpi_outbox *o, int rank, const void *bytes, size_t n);
/* Waits, without taking the processor, until all have gone out. */
void sim_mpi_flush(struct sim_mpi_outbox *o);
/* Forgets those that have gone out, which also moves the others. */
void sim_mpi_clear(struct sim_mpi_outbox *o);
/* Messages that have begun to come. {NULL} is empty. */
struct sim_mpi_inbox {
  struct sim_mpi_letter *first; /* owned, as they began */
};
/* Is a message there as a whole? From *rank, *n bytes that are the caller's to free; a rank's messages in their order.
 * One whose sender died in the middle of it never is, and hinders no other. */
TETRA_NODISCARD int sim_mpi_hear(struct sim_mpi_inbox *in, int *rank, char **bytes, size_t *n);
/* Has a message come? From *rank, of *n bytes, to be taken by sim_mpi_take. */
TETRA_NODISCARD int sim_mpi_poll(int *rank, size_t *n);
/* Takes that message. Returns 0 where that fails. */
TETRA_NODISCARD int sim_mpi_take(int rank, void *bytes, size_t n);
/* The sums over all ranks, in the places of the numbers, on every rank. Returns 0 where that fails. */
TETRA_NODISCARD int sim_mpi_sum(int64_t *v, int n);
/* The same of floats and doubles, and the largest of each: the same bits on every rank. */
TETRA_NODISCARD int sim_mpi_sum_floats(float *v, size_t n);
TETRA_NODISCARD int sim_mpi_sum_doubles(double *v, size_t n);
TETRA_NODISCARD int sim_mpi_max_doubles(double *v, size_t n);
/* Ends all processes of the run, this one too, with that exit code. */
void sim_mpi_abort(int code);

/* Ends this process alone, without waiting for any other: where one may be dead that MPI would wait for. */
void sim_mpi_leave(int code);

#ifdef __cplusplus
}
#endif
#endif
