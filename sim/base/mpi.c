/* MPI, where CMake found it (TETRA_MPI). */
#define _POSIX_C_SOURCE 200809L
#include "base/mpi.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/rebuild.h"
#include "base/status.h"
#if TETRA_MPI
#include <limits.h>
#include <mpi.h>
#include <string.h>
#endif

/* Each launcher tells its processes their number: Open MPI's mpirun; MPICH's, Intel's and srun --mpi=pmi2; PMIx.
 * Slurm's own variables are also there where nothing of MPI is. */
int sim_mpi_launched(int *rank) {
  static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"};
  *rank = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *v = getenv(names[i]);
    if (v == NULL) continue;
    *rank = atoi(v);
    return 1;
  }
  return 0;
}

int sim_mpi_complain(int rank, const struct tetra_error *err) {
  if (rank == 0) return sim_complain(err);
  const struct timespec a_while = {10, 0};
  nanosleep(&a_while, NULL);
  fprintf(stderr, "sim: rank %d: %s\n", rank, err->msg); /* it is still here, so that rank 0 had nothing to say */
  return SIM_EXIT_BAD_INPUT;
}

#if TETRA_MPI

enum { TAG = 1 };

int sim_mpi_begin(int *rank, int *size, struct tetra_error *err) {
  int provided;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SINGLE, &provided) != MPI_SUCCESS)
    return tetra_fail(err, TETRA_EIO, "MPI does not start");
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_rank(MPI_COMM_WORLD, rank);
  MPI_Comm_size(MPI_COMM_WORLD, size);
  return TETRA_OK;
}

void sim_mpi_end(void) { MPI_Finalize(); }

int sim_mpi_send(int rank, const void *bytes, size_t n) {
  return n <= INT_MAX && MPI_Send(bytes, (int)n, MPI_BYTE, rank, TAG, MPI_COMM_WORLD) == MPI_SUCCESS;
}

struct sim_mpi_letter {
  struct sim_mpi_letter *next;
  MPI_Request request;
  char bytes[];
};

/* Forgets those that have gone out, which also moves the others. */
static void clear(struct sim_mpi_outbox *o) {
  struct sim_mpi_letter **p = &o->first;
  while (*p != NULL) {
    struct sim_mpi_letter *l = *p;
    int gone = 0;
    if (MPI_Test(&l->request, &gone, MPI_STATUS_IGNORE) != MPI_SUCCESS) gone = 1;
    if (gone) {
      *p = l->next;
      free(l);
    } else {
      p = &l->next;
    }
  }
}

int sim_mpi_post(struct sim_mpi_outbox *o, int rank, const void *bytes, size_t n) {
  struct sim_mpi_letter *l = n > INT_MAX ? NULL : malloc(sizeof *l + n);
  if (l == NULL) return 0;
  memcpy(l->bytes, bytes, n);
  if (MPI_Isend(l->bytes, (int)n, MPI_BYTE, rank, TAG, MPI_COMM_WORLD, &l->request) != MPI_SUCCESS) {
    free(l);
    return 0;
  }
  l->next = o->first;
  o->first = l;
  clear(o);
  return 1;
}

void sim_mpi_flush(struct sim_mpi_outbox *o) {
  const struct timespec moment = {0, 1000000};
  for (clear(o); o->first != NULL; clear(o)) nanosleep(&moment, NULL);
}

int sim_mpi_poll(int *rank, size_t *n) {
  MPI_Status status;
  int there = 0, bytes = 0;
  if (MPI_Iprobe(MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &there, &status) != MPI_SUCCESS || !there) return 0;
  if (MPI_Get_count(&status, MPI_BYTE, &bytes) != MPI_SUCCESS || bytes < 0) return 0;
  *rank = status.MPI_SOURCE;
  *n = (size_t)bytes;
  return 1;
}

int sim_mpi_take(int rank, void *bytes, size_t n) {
  return MPI_Recv(bytes, (int)n, MPI_BYTE, rank, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE) == MPI_SUCCESS;
}

int sim_mpi_sum(int64_t *v, int n) {
  return MPI_Allreduce(MPI_IN_PLACE, v, n, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD) == MPI_SUCCESS;
}

/* On rank 0, from there to all: sums of all ranks' own making might differ in their last bits. */
static int reduce(void *v, size_t n, MPI_Datatype type, size_t size, MPI_Op op) {
  enum { MOST = 1 << 24 }; /* at once */
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  for (size_t at = 0; at < n; at += MOST) {
    const int count = (int)(n - at < MOST ? n - at : MOST);
    char *part = (char *)v + at * size;
    if (MPI_Reduce(rank == 0 ? MPI_IN_PLACE : part, part, count, type, op, 0, MPI_COMM_WORLD) != MPI_SUCCESS) return 0;
    if (MPI_Bcast(part, count, type, 0, MPI_COMM_WORLD) != MPI_SUCCESS) return 0;
  }
  return 1;
}

int sim_mpi_sum_floats(float *v, size_t n) { return reduce(v, n, MPI_FLOAT, sizeof *v, MPI_SUM); }
int sim_mpi_sum_doubles(double *v, size_t n) { return reduce(v, n, MPI_DOUBLE, sizeof *v, MPI_SUM); }
int sim_mpi_max_doubles(double *v, size_t n) { return reduce(v, n, MPI_DOUBLE, sizeof *v, MPI_MAX); }

void sim_mpi_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

#else

int sim_mpi_begin(int *rank, int *size, struct tetra_error *err) {
  char command[SIM_REBUILD_MAX];
  *rank = 0;
  *size = 1;
  return tetra_fail(err, TETRA_EINVAL,
                    "this program was built without MPI; install libopenmpi-dev and %s, or run it without mpirun",
                    sim_rebuild_command("TETRA_MPI=ON", command));
}

void sim_mpi_end(void) {}

int sim_mpi_send(int rank, const void *bytes, size_t n) {
  (void)rank, (void)bytes, (void)n;
  return 0;
}

int sim_mpi_post(struct sim_mpi_outbox *o, int rank, const void *bytes, size_t n) {
  (void)o, (void)rank, (void)bytes, (void)n;
  return 0;
}

void sim_mpi_flush(struct sim_mpi_outbox *o) { (void)o; }

int sim_mpi_poll(int *rank, size_t *n) {
  *rank = 0, *n = 0;
  return 0;
}

int sim_mpi_take(int rank, void *bytes, size_t n) {
  (void)rank, (void)bytes, (void)n;
  return 0;
}

int sim_mpi_sum(int64_t *v, int n) {
  (void)v, (void)n;
  return 0;
}

int sim_mpi_sum_floats(float *v, size_t n) {
  (void)v, (void)n;
  return 0;
}

int sim_mpi_sum_doubles(double *v, size_t n) {
  (void)v, (void)n;
  return 0;
}

int sim_mpi_max_doubles(double *v, size_t n) {
  (void)v, (void)n;
  return 0;
}

void sim_mpi_abort(int code) { exit(code); }

#endif
