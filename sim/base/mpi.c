/* MPI, where CMake found it (TETRA_MPI). */
#define _POSIX_C_SOURCE 200809L
#include "base/mpi.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

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

int sim_mpi_terminal(void) {
  int rank;
  return isatty(STDOUT_FILENO) && !sim_mpi_launched(&rank);
}

int sim_mpi_complain(int rank, const struct tetra_error *err) {
  if (rank == 0) return sim_complain(err);
  const struct timespec a_while = {10, 0};
  nanosleep(&a_while, NULL);
  fprintf(stderr, "sim: rank %d: %s\n", rank, err->msg); /* it is still here, so that rank 0 had nothing to say */
  return SIM_EXIT_BAD_INPUT;
}

#if TETRA_MPI

enum { TAG = 1, ABORT_S = 20 };

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
  int rank;    /* who sends it */
  size_t n;    /* bytes */
  char *bytes; /* owned */
};

/* With room for n bytes; NULL: no memory. */
static struct sim_mpi_letter *new_letter(size_t n) {
  struct sim_mpi_letter *l = n > INT_MAX ? NULL : malloc(sizeof *l);
  if (l == NULL) return NULL;
  *l = (struct sim_mpi_letter){.n = n, .bytes = malloc(n + 1)};
  if (l->bytes != NULL) return l;
  free(l);
  return NULL;
}

static void free_letter(struct sim_mpi_letter *l) {
  free(l->bytes);
  free(l);
}

void sim_mpi_clear(struct sim_mpi_outbox *o) {
  struct sim_mpi_letter **p = &o->first;
  while (*p != NULL) {
    struct sim_mpi_letter *l = *p;
    int gone = 0;
    if (MPI_Test(&l->request, &gone, MPI_STATUS_IGNORE) != MPI_SUCCESS) gone = 1;
    if (gone) {
      *p = l->next;
      free_letter(l);
    } else {
      p = &l->next;
    }
  }
}

int sim_mpi_post(struct sim_mpi_outbox *o, int rank, const void *bytes, size_t n) {
  struct sim_mpi_letter *l = new_letter(n);
  if (l == NULL) return 0;
  if (n != 0) memcpy(l->bytes, bytes, n);
  if (MPI_Isend(l->bytes, (int)n, MPI_BYTE, rank, TAG, MPI_COMM_WORLD, &l->request) != MPI_SUCCESS) {
    free_letter(l);
    return 0;
  }
  l->next = o->first;
  o->first = l;
  sim_mpi_clear(o);
  return 1;
}

void sim_mpi_flush(struct sim_mpi_outbox *o) {
  const struct timespec moment = {0, 1000000};
  for (sim_mpi_clear(o); o->first != NULL; sim_mpi_clear(o)) nanosleep(&moment, NULL);
}

/* Begins to take what has been announced, if anything has. */
static void begin_letter(struct sim_mpi_inbox *in) {
  int rank = 0;
  size_t n = 0;
  struct sim_mpi_letter **last = &in->first, *l = sim_mpi_poll(&rank, &n) ? new_letter(n) : NULL;
  if (l == NULL) return; /* without memory the next time, perhaps */
  l->rank = rank;
  if (MPI_Irecv(l->bytes, (int)n, MPI_BYTE, rank, TAG, MPI_COMM_WORLD, &l->request) != MPI_SUCCESS) {
    free_letter(l);
    return;
  }
  while (*last != NULL) last = &(*last)->next;
  *last = l;
}

/* Is there an earlier letter of that rank that has not come yet? */
static int has_earlier(const struct sim_mpi_inbox *in, const struct sim_mpi_letter *l) {
  const struct sim_mpi_letter *e = in->first;
  while (e != l && e->rank != l->rank) e = e->next;
  return e != l;
}

int sim_mpi_hear(struct sim_mpi_inbox *in, int *rank, char **bytes, size_t *n) {
  begin_letter(in);
  for (struct sim_mpi_letter **p = &in->first; *p != NULL; p = &(*p)->next) {
    struct sim_mpi_letter *l = *p;
    int there = 0;
    if (has_earlier(in, l)) continue;
    if (MPI_Test(&l->request, &there, MPI_STATUS_IGNORE) != MPI_SUCCESS || !there) continue;
    *p = l->next;
    *rank = l->rank;
    *bytes = l->bytes;
    *n = l->n;
    free(l);
    return 1;
  }
  return 0;
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

void sim_mpi_abort(int code) {
  fflush(NULL);
  alarm(ABORT_S); /* which ends this process, should MPI be unable to */
  MPI_Abort(MPI_COMM_WORLD, code);
}

void sim_mpi_leave(int code) {
  fflush(NULL);
  _exit(code);
}

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

void sim_mpi_clear(struct sim_mpi_outbox *o) { (void)o; }

int sim_mpi_hear(struct sim_mpi_inbox *in, int *rank, char **bytes, size_t *n) {
  (void)in;
  *rank = 0, *bytes = NULL, *n = 0;
  return 0;
}

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

void sim_mpi_leave(int code) { exit(code); }

#endif
