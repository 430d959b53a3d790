/* A pool of threads without busy waiting: pieces are taken one by one, and a job ends when those under way have ended.
 */
#define _GNU_SOURCE
#include "tetra/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { kMost = 256 };

struct tetra_threads {
  int count, started; /* workers, the caller included; threads that exist */
  pthread_t *thread;
  pthread_mutex_t mutex;
  pthread_cond_t wake, done;
  /* Under the mutex. */
  int at_work, ending;
  int n; /* pieces of the job under way */
  void (*work)(void *arg, int i, int worker);
  void *arg;
  atomic_int next; /* piece to take */
};

struct start {
  struct tetra_threads *t;
  int worker;
};

int tetra_usable_processors(void) {
  cpu_set_t set;
  const int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return n < 1 ? 1 : n > kMost ? kMost : n;
}

int tetra_threads_count(const struct tetra_threads *t) { return t ? t->count : 1; }

int tetra_threads_open(struct tetra_threads **t, int n, struct tetra_error *err) {
  const int count = n <= 0 ? tetra_usable_processors() : n > kMost ? kMost : n;
  struct tetra_threads *p = calloc(1, sizeof *p);
  *t = p;
  if (p) p->thread = malloc((size_t)count * sizeof *p->thread);
  if (!p || !p->thread) {
    free(p);
    *t = NULL;
    return tetra_fail(err, TETRA_ENOMEM, "no memory for %d threads", count);
  }
  p->count = count;
  pthread_mutex_init(&p->mutex, NULL);
  pthread_cond_init(&p->wake, NULL);
  pthread_cond_init(&p->done, NULL);
  return TETRA_OK;
}

void tetra_threads_close(struct tetra_threads *t) {
  if (!t) return;
  pthread_mutex_lock(&t->mutex);
  t->ending = 1;
  pthread_cond_broadcast(&t->wake);
  pthread_mutex_unlock(&t->mutex);
  for (int i = 0; i < t->started; i++) pthread_join(t->thread[i], NULL);
  pthread_cond_destroy(&t->done);
  pthread_cond_destroy(&t->wake);
  pthread_mutex_destroy(&t->mutex);
  free(t->thread);
  free(t);
}

static void take_pieces(struct tetra_threads *t, int worker) {
  for (;;) {
    const int i = atomic_fetch_add(&t->next, 1);
    if (i >= t->n) return;
    t->work(t->arg, i, worker);
  }
}

/* A thread that wakes late finds nothing left and stays out, so nobody waits for it. */
static void *serve(void *given) {
  const struct start s = *(struct start *)given;
  struct tetra_threads *t = s.t;
  free(given);
  pthread_mutex_lock(&t->mutex);
  while (!t->ending) {
    if (atomic_load(&t->next) >= t->n) {
      pthread_cond_wait(&t->wake, &t->mutex);
      continue;
    }
    t->at_work++;
    pthread_mutex_unlock(&t->mutex);
    take_pieces(t, s.worker);
    pthread_mutex_lock(&t->mutex);
    if (--t->at_work == 0) pthread_cond_signal(&t->done);
  }
  pthread_mutex_unlock(&t->mutex);
  return NULL;
}

static void start_threads(struct tetra_threads *t, int wanted) {
  while (t->started < wanted) {
    struct start *s = malloc(sizeof *s);
    if (!s) return;
    *s = (struct start){t, t->started + 1};
    if (pthread_create(&t->thread[t->started], NULL, serve, s) != 0) {
      free(s);
      return;
    }
    t->started++;
  }
}

void tetra_threads_run(struct tetra_threads *t, int n, void (*work)(void *arg, int i, int worker), void *arg) {
  if (!t || t->count == 1 || n < 2) {
    for (int i = 0; i < n; i++) work(arg, i, 0);
    return;
  }
  const int helpers = (n < t->count ? n : t->count) - 1;
  start_threads(t, helpers);
  pthread_mutex_lock(&t->mutex);
  t->work = work;
  t->arg = arg;
  t->n = n;
  atomic_store(&t->next, 0);
  for (int i = 0; i < helpers; i++) pthread_cond_signal(&t->wake);
  pthread_mutex_unlock(&t->mutex);
  take_pieces(t, 0);
  pthread_mutex_lock(&t->mutex);
  while (t->at_work) pthread_cond_wait(&t->done, &t->mutex);
  t->n = 0;
  pthread_mutex_unlock(&t->mutex);
}
