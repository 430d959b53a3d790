/* Worker processes that send what they find through one pipe. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/children.h"
#include "run/pool.h"

/* One write is one message, which a pipe never mixes with another's. */
struct message {
  int code; /* enum tetra_status: TETRA_OK, or why the worker ends */
  struct sim_outcome outcome;
  char text[240];
};

_Static_assert(sizeof(struct message) <= _POSIX_PIPE_BUF, "a message is written in one piece");

/* A signal handler has nothing else to write to. */
static volatile sig_atomic_t interrupts;

static void on_interrupt(int sig) {
  (void)sig;
  interrupts = 1;
}

static void send(int fd, const struct message *m) {
  while (write(fd, m, sizeof *m) < 0 && errno == EINTR) {
  }
}

/* Does not return. */
static void be_worker(const struct sim_pool *p, int worker, int fd) {
  signal(SIGINT, SIG_IGN); /* the parent decides */
  struct message m = {0};
  struct sim_outcome *out = malloc((size_t)p->block * sizeof *out);
  for (int b = worker; b < p->n_blocks; b += p->n_workers) {
    struct tetra_error err = {0, ""};
    int n = 0;
    m.code = out != NULL ? p->work(p->arg, b, out, &n, &err)
                         : tetra_fail(&err, TETRA_ENOMEM, "no memory for the results of %d images", p->block);
    if (m.code != TETRA_OK) {
      snprintf(m.text, sizeof m.text, "%s", err.msg);
      send(fd, &m);
      break;
    }
    for (int i = 0; i < n; i++) {
      m.outcome = out[i];
      send(fd, &m);
    }
  }
  free(out);
  fflush(NULL);
  _exit(0);
}

static int start(const struct sim_pool *p, const struct sim_guard *g, pid_t *workers, int fds[2],
                 struct tetra_error *err) {
  fflush(NULL);
  for (int i = 0; i < p->n_workers; i++) {
    workers[i] = sim_guard_fork(g);
    if (workers[i] < 0) return tetra_fail(err, TETRA_ENOMEM, "cannot start a process: %s", strerror(errno));
    if (workers[i] == 0) {
      close(fds[0]);
      be_worker(p, i, fds[1]);
    }
  }
  return TETRA_OK;
}

/* Until every worker has closed its end. */
static int collect(const struct sim_pool *p, int fd, struct tetra_error *err) {
  struct message m;
  int rc = TETRA_OK;
  for (;;) {
    struct pollfd f = {fd, POLLIN, 0};
    const int ready = poll(&f, 1, 200);
    if (interrupts) return TETRA_OK;
    p->tick(p->arg);
    if (ready <= 0) continue;
    const ssize_t n = read(fd, &m, sizeof m);
    if (n == 0) return rc;
    if (n != (ssize_t)sizeof m) continue;
    if (m.code != TETRA_OK) {
      rc = tetra_fail(err, m.code, "%s", m.text);
      return rc;
    }
    p->outcome(p->arg, &m.outcome);
  }
}

static int say_dead(pid_t worker, int status, struct tetra_error *err) {
  if (WIFSIGNALED(status))
    return tetra_fail(err, TETRA_EIO, "process %ld was killed by signal %d before its images were done", (long)worker,
                      WTERMSIG(status));
  return tetra_fail(err, TETRA_EIO, "process %ld ended with exit code %d before its images were done", (long)worker,
                    WEXITSTATUS(status));
}

/* Whoever still works has nothing more to say. TETRA_EIO names the first that ended by itself with a crash. */
static int stop(const struct sim_pool *p, const pid_t *workers, int kill_them, struct tetra_error *err) {
  int rc = TETRA_OK;
  for (int i = 0; i < p->n_workers && workers[i] > 0; i++) {
    int status = 0;
    if (kill_them) kill(workers[i], SIGKILL);
    while (waitpid(workers[i], &status, 0) < 0 && errno == EINTR) {
    }
    sim_guard_forget(workers[i]);
    if (!kill_them && rc == TETRA_OK && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
      rc = say_dead(workers[i], status, err);
  }
  return rc;
}

int sim_pool_run(const struct sim_pool *p, enum sim_pool_end *end, struct tetra_error *err) {
  int fds[2];
  *end = SIM_POOL_BY_ITSELF;
  pid_t *workers = calloc((size_t)p->n_workers, sizeof *workers);
  if (workers == NULL || pipe(fds) != 0) {
    free(workers);
    return tetra_fail(err, TETRA_ENOMEM, "cannot make a pipe for %d processes", p->n_workers);
  }
  struct sigaction old, act = {.sa_handler = on_interrupt}; /* without SA_RESTART: poll returns at once */
  sigemptyset(&act.sa_mask);
  interrupts = 0;
  struct sim_guard guard;
  sim_guard_begin(&guard);
  sigaction(SIGINT, &act, &old);
  int rc = start(p, &guard, workers, fds, err);
  close(fds[1]);
  if (rc == TETRA_OK) rc = collect(p, fds[0], err);
  if (interrupts) *end = SIM_POOL_INTERRUPTED;
  const int stopped = stop(p, workers, rc != TETRA_OK || interrupts, err);
  if (stopped != TETRA_OK) {
    *end = SIM_POOL_KILLED;
    rc = stopped;
  }
  sigaction(SIGINT, &old, NULL);
  sim_guard_end(&guard);
  close(fds[0]);
  free(workers);
  return rc;
}
