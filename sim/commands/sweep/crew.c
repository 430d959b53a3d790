/* Children on sockets, ranks by MPI. */
#define _GNU_SOURCE
#include "commands/sweep/crew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/status.h"
#include "commands/sweep/engine.h"

enum {
  RANK_POLL_MS = 1,   /* MPI has no waiting that leaves the processor to others */
  SPEAK_S = 10,       /* rank 0 says so often that it is alive */
  LEADER_MS = 600000, /* for so long a rank believes it without a word */
  FAREWELL_S = 5,     /* a rank that has nothing to do answers in moments */
  FINISH_MS = 30000   /* much longer than rank 0 waits for farewells */
};

/* All of it or 0. A reader that is gone is no signal. */
static int write_all(int fd, const void *bytes, size_t n) {
  const char *p = bytes;
  while (n > 0) {
    const ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
    if (k < 0 && errno == EINTR) continue;
    if (k <= 0) return 0;
    p += k;
    n -= (size_t)k;
  }
  return 1;
}

static int read_all(int fd, void *bytes, size_t n) {
  char *p = bytes;
  while (n > 0) {
    const ssize_t k = read(fd, p, n);
    if (k < 0 && errno == EINTR) continue;
    if (k <= 0) return 0;
    p += k;
    n -= (size_t)k;
  }
  return 1;
}

/* A reply without answers says that there was no memory for them. */
static void answer(struct sweep_engine *e, const struct sweep_task *task, struct sweep_reply *reply) {
  struct tetra_error err = {0, ""};
  if (sweep_engine_run(e, task, reply, &err) != TETRA_OK) reply->n = 0;
}

/* Does not return. */
static void be_child(const struct sim_study *s, int fd) {
  struct sweep_engine *e = NULL;
  struct sweep_task task;
  struct sweep_reply reply = {NULL, 0, 0};
  struct tetra_error err = {0, ""};
  if (sweep_engine_new(&e, s, &err) != TETRA_OK) _exit(SIM_EXIT_BAD_INPUT);
  while (read_all(fd, &task, sizeof task) && task.kind != SWEEP_STOP) {
    answer(e, &task, &reply);
    const uint64_t n = reply.n;
    if (!write_all(fd, &n, sizeof n) || !write_all(fd, reply.bytes, reply.n)) break;
  }
  free(reply.bytes);
  sweep_engine_free(e);
  _exit(0);
}

static int spawn(struct sweep_crew *c, int i, struct tetra_error *err) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return tetra_fail(err, TETRA_ENOMEM, "no socket for a process: %s", strerror(errno));
  const pid_t pid = sim_guard_fork(&c->guard);
  if (pid == 0) {
    for (int k = 0; k < c->n_children; k++)
      if (c->pids[k] > 0) close(c->fds[k]);
    close(ends[0]);
    be_child(c->s, ends[1]);
  }
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return tetra_fail(err, TETRA_ENOMEM, "cannot start a process: %s", strerror(errno));
  }
  c->pids[i] = pid;
  c->fds[i] = ends[0];
  c->owed[i] = 0;
  return TETRA_OK;
}

int sweep_crew_start(struct sweep_crew *c, const struct sim_study *s, int children, struct tetra_error *err) {
  *c = (struct sweep_crew){.s = s, .n = children, .n_children = children, .respawn = 1};
  c->pids = calloc((size_t)children + 1, sizeof *c->pids);
  c->fds = calloc((size_t)children + 1, sizeof *c->fds);
  c->owed = calloc((size_t)children + 1, sizeof *c->owed);
  sim_guard_begin(&c->guard);
  if (c->pids == NULL || c->fds == NULL || c->owed == NULL)
    return tetra_fail(err, TETRA_ENOMEM, "no memory for %d processes", children);
  for (int i = 0; i < children; i++) {
    const int rc = spawn(c, i, err);
    if (rc != TETRA_OK) return rc;
  }
  return TETRA_OK;
}

void sweep_crew_join(struct sweep_crew *c, int size) {
  c->n = c->n_children + size - 1;
  c->respawn = 0; /* MPI knows who was there at the beginning */
}

int sweep_crew_alive(const struct sweep_crew *c, int worker) { return worker >= c->n_children || c->pids[worker] > 0; }

int sweep_crew_send(struct sweep_crew *c, int worker, const struct sweep_task *task) {
  if (worker >= c->n_children) return sim_mpi_post(&c->outbox, worker - c->n_children + 1, task, sizeof *task);
  c->owed[worker]++;
  return c->pids[worker] > 0 && write_all(c->fds[worker], task, sizeof *task);
}

static int reap(struct sweep_crew *c, int i) {
  int status = 0;
  while (waitpid(c->pids[i], &status, 0) < 0 && errno == EINTR) {
  }
  sim_guard_forget(c->pids[i]);
  close(c->fds[i]);
  c->pids[i] = 0;
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static enum sweep_event take_child(struct sweep_crew *c, int i, int *signal, struct sweep_reply *reply) {
  uint64_t n = 0;
  *reply = (struct sweep_reply){NULL, 0, 0};
  if (read_all(c->fds[i], &n, sizeof n)) {
    reply->bytes = malloc((size_t)n + 1);
    reply->n = reply->room = (size_t)n;
    if (reply->bytes != NULL && read_all(c->fds[i], reply->bytes, reply->n)) {
      c->owed[i]--;
      return SWEEP_ANSWER;
    }
    free(reply->bytes);
    reply->bytes = NULL;
    kill(c->pids[i], SIGKILL);
  }
  struct tetra_error err;
  *signal = reap(c, i);
  if (c->respawn && spawn(c, i, &err) != TETRA_OK) c->pids[i] = 0;
  return SWEEP_DEATH;
}

static enum sweep_event poll_children(struct sweep_crew *c, int ms, int *worker, int *signal,
                                      struct sweep_reply *reply) {
  struct pollfd fds[SIM_CHILDREN_MAX];
  int who[SIM_CHILDREN_MAX], n = 0;
  for (int i = 0; i < c->n_children && n < SIM_CHILDREN_MAX; i++) {
    if (c->pids[i] <= 0) continue;
    who[n] = i;
    fds[n++] = (struct pollfd){c->fds[i], POLLIN, 0};
  }
  if (poll(fds, (nfds_t)n, ms) <= 0) return SWEEP_NOTHING;
  for (int k = 0; k < n; k++) {
    if (fds[k].revents == 0) continue;
    *worker = who[k];
    return take_child(c, who[k], signal, reply);
  }
  return SWEEP_NOTHING;
}

/* What a rank says when it has been told to stop; an answer is longer. */
enum { FAREWELL_BYTES = 1 };

static enum sweep_event poll_ranks(struct sweep_crew *c, int *worker, struct sweep_reply *reply) {
  int rank = 0;
  size_t n = 0;
  char *bytes = NULL;
  sim_mpi_clear(&c->outbox);
  if (!sim_mpi_hear(&c->inbox, &rank, &bytes, &n)) return SWEEP_NOTHING;
  *reply = (struct sweep_reply){bytes, n, n};
  *worker = c->n_children + rank - 1;
  return SWEEP_ANSWER;
}

/* Of all ranks, which cannot know otherwise why nothing comes. */
static void tell_ranks(struct sweep_crew *c, enum sweep_kind kind) {
  const struct sweep_task task = {.kind = (int32_t)kind};
  for (int i = c->n_children; i < c->n; i++) (void)!sweep_crew_send(c, i, &task);
}

static void speak(struct sweep_crew *c) {
  if (sim_now() - c->spoken < SPEAK_S) return;
  c->spoken = sim_now();
  tell_ranks(c, SWEEP_HERE);
}

enum sweep_event sweep_crew_wait(struct sweep_crew *c, int ms, int *worker, int *signal, struct sweep_reply *reply) {
  *signal = 0;
  if (c->n == c->n_children) return poll_children(c, ms, worker, signal, reply);
  speak(c);
  for (int waited = 0;; waited += RANK_POLL_MS) {
    enum sweep_event e = poll_ranks(c, worker, reply);
    if (e == SWEEP_NOTHING) e = poll_children(c, waited < ms ? RANK_POLL_MS : 0, worker, signal, reply);
    if (e != SWEEP_NOTHING || waited >= ms) return e;
  }
}

static void a_moment(void) {
  const struct timespec moment = {0, RANK_POLL_MS * 1000000L};
  nanosleep(&moment, NULL);
}

/* Who has not said farewell in time; 0: all have. Answers that come now are too late. */
static int await_farewells(struct sweep_crew *c) {
  const int ranks = c->n - c->n_children;
  unsigned char *gone = calloc((size_t)ranks + 2, 1);
  const double t0 = sim_now();
  int left = ranks, silent = 1;
  while (gone != NULL && left > 0 && sim_now() - t0 < FAREWELL_S) {
    struct sweep_reply reply = {NULL, 0, 0};
    int worker = 0;
    if (poll_ranks(c, &worker, &reply) == SWEEP_NOTHING) {
      a_moment();
      continue;
    }
    free(reply.bytes);
    const int rank = worker - c->n_children + 1;
    if (reply.n != FAREWELL_BYTES || gone[rank]) continue;
    gone[rank] = 1;
    left--;
  }
  while (gone != NULL && silent <= ranks && gone[silent]) silent++;
  free(gone);
  return left == 0 ? 0 : silent;
}

/* Who has no task ends by itself, without one to come; for what others still do nobody waits. */
static void end_children(struct sweep_crew *c) {
  for (int i = 0; i < c->n_children; i++) {
    if (c->pids[i] <= 0) continue;
    if (c->owed[i] > 0)
      kill(c->pids[i], SIGKILL);
    else
      shutdown(c->fds[i], SHUT_WR);
  }
  for (int i = 0; i < c->n_children; i++) {
    if (c->pids[i] > 0) (void)reap(c, i);
  }
}

int sweep_crew_stop(struct sweep_crew *c) {
  int silent = 0;
  if (c->pids != NULL && c->fds != NULL && c->owed != NULL) end_children(c);
  sim_guard_end(&c->guard);
  if (c->n > c->n_children) {
    tell_ranks(c, SWEEP_STOP);
    silent = await_farewells(c);
    tell_ranks(c, silent == 0 ? SWEEP_FINISH : SWEEP_LEAVE);
    if (silent == 0) sim_mpi_flush(&c->outbox);
  }
  free(c->pids);
  free(c->fds);
  free(c->owed);
  c->pids = NULL;
  c->fds = NULL;
  c->owed = NULL;
  return silent;
}

/* The next task from rank 0; 0: nothing has come for so many milliseconds. Those are counted in which this process
 * runs: a job that was suspended for an hour has lost nobody. */
static int await_task(struct sim_mpi_outbox *outbox, struct sweep_task *task, int most_ms) {
  for (int waited = 0; waited < most_ms; waited += RANK_POLL_MS) {
    int rank = 0;
    size_t n = 0;
    sim_mpi_clear(outbox);
    if (sim_mpi_poll(&rank, &n)) return n == sizeof *task && sim_mpi_take(rank, task, n);
    a_moment();
  }
  return 0;
}

/* Rank 0 is dead, and no launcher has ended this process for it. */
static void lose_leader(void) {
  fputs("sim: nothing has been heard of rank 0 for long: this rank ends; the same command goes on\n", stderr);
  sim_mpi_leave(SIM_EXIT_BAD_INPUT);
}

int sweep_crew_serve(const struct sim_study *s) {
  static const char farewell[FAREWELL_BYTES] = {0};
  struct sweep_engine *e = NULL;
  struct sweep_reply reply = {NULL, 0, 0};
  struct sim_mpi_outbox outbox = {NULL};
  struct tetra_error err = {0, ""};
  struct sweep_task task = {.kind = SWEEP_HERE};
  if (sweep_engine_new(&e, s, &err) != TETRA_OK) return SIM_EXIT_BAD_INPUT;
  while (task.kind != SWEEP_STOP) {
    if (!await_task(&outbox, &task, LEADER_MS)) lose_leader();
    if (task.kind == SWEEP_STOP || task.kind == SWEEP_HERE) continue;
    answer(e, &task, &reply);
    if (!sim_mpi_post(&outbox, 0, reply.bytes, reply.n)) lose_leader();
  }
  free(reply.bytes);
  sweep_engine_free(e);
  if (!sim_mpi_post(&outbox, 0, farewell, sizeof farewell)) lose_leader();
  while (task.kind != SWEEP_FINISH)
    if (!await_task(&outbox, &task, FINISH_MS) || task.kind == SWEEP_LEAVE) sim_mpi_leave(SIM_EXIT_GOOD);
  sim_mpi_flush(&outbox);
  return SIM_EXIT_GOOD;
}
