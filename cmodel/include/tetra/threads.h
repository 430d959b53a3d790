/* A few threads that share the pieces of one job at a time. */
#ifndef TETRA_THREADS_H
#define TETRA_THREADS_H

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tetra_threads;

/* Processors this process may run on, at least 1. */
int tetra_usable_processors(void);

/* Makes *t for n workers, the caller of tetra_threads_run being one of them; n <= 0: as many as there are usable
 * processors. The others start with the first job that has a piece for them, so a process may fork before.
 * TETRA_ENOMEM. One owner at a time uses a *t. */
TETRA_NODISCARD int tetra_threads_open(struct tetra_threads **t, int n, struct tetra_error *err);
void tetra_threads_close(struct tetra_threads *t); /* NULL is accepted */
/* Workers, the caller included; 1 for NULL. */
int tetra_threads_count(const struct tetra_threads *t);

/* Calls work(arg, i, worker) once for each i in 0..n-1 and returns when all calls have. Whoever is free takes the next
 * i; worker is 0..count-1 and no two calls at once have the same. Waiting threads sleep. A thread that cannot be
 * started or does not get a processor leaves its pieces to the others. NULL: the caller does everything, in order. */
void tetra_threads_run(struct tetra_threads *t, int n, void (*work)(void *arg, int i, int worker), void *arg);

/* One thread for every later BLAS call of this process and of its children: its products are short, its threads wait
 * for each other by spinning, and on a busy machine that takes many times what it saves. Where the user has set
 * OPENBLAS_NUM_THREADS, that stands. For programs to call once at their start: a library's user decides for himself.
 * Results do not depend on it. */
void tetra_blas_use_one_thread(void);

#ifdef __cplusplus
}
#endif
#endif
