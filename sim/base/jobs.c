/* Pieces of work in child processes; what each prints is kept and shown in order. */
#define _GNU_SOURCE
#include "base/jobs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/children.h"
#include "base/status.h"

_Static_assert(SIM_JOBS_MAX <= SIM_CHILDREN_MAX, "every piece under way has a place among the children");

enum state { WAITING, RUNNING, ENDED };

#define TICKS_PER_SECOND 5
#define WAITS_PER_TICK 20 /* looks for an ended child */

#define CODE_NO_OUTPUT 254 /* of a child: not all that it printed could be written */

struct piece {
  enum state state;
  pid_t pid;
  int code, signal; /* signal: that killed it, 0: none */
  FILE *out, *err;  /* what it prints */
};

void *sim_jobs_share(size_t bytes) {
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return p == MAP_FAILED ? NULL : p;
}

void sim_jobs_unshare(void *memory, size_t bytes) {
  if (memory != NULL) munmap(memory, bytes);
}

static void close_output(struct piece *p) {
  if (p->out != NULL) fclose(p->out);
  if (p->err != NULL) fclose(p->err);
  p->out = p->err = NULL;
}

/* Does not return. */
static void be_child(const struct sim_jobs *j, const struct piece *p, int i) {
  if (dup2(fileno(p->out), STDOUT_FILENO) < 0 || dup2(fileno(p->err), STDERR_FILENO) < 0) _exit(SIM_EXIT_CRASHED);
  const int code = j->work(j->arg, i);
  const int lost = fflush(stdout) != 0 || ferror(stdout) || fflush(stderr) != 0 || ferror(stderr);
  fflush(NULL);
  _exit(lost ? CODE_NO_OUTPUT : code);
}

static int start(const struct sim_jobs *j, const struct sim_guard *g, struct piece *p, int i, struct tetra_error *err) {
  p->out = tmpfile();
  p->err = tmpfile();
  if (p->out == NULL || p->err == NULL) {
    const int rc = tetra_fail(err, TETRA_EIO, "cannot keep the output of job %d: %s", i, strerror(errno));
    close_output(p);
    return rc;
  }
  fflush(NULL);
  p->pid = sim_guard_fork(g);
  if (p->pid < 0) {
    const int rc = tetra_fail(err, TETRA_ENOMEM, "cannot start a process for job %d: %s", i, strerror(errno));
    close_output(p);
    return rc;
  }
  if (p->pid == 0) be_child(j, p, i);
  p->state = RUNNING;
  return TETRA_OK;
}

/* Returns whether all could be read back. */
static int copy(FILE *from, FILE *to) {
  char text[4096];
  size_t n;
  if (fseek(from, 0, SEEK_SET) != 0) return 0;
  while ((n = fread(text, 1, sizeof text, from)) != 0) fwrite(text, 1, n, to);
  fflush(to);
  return !ferror(from);
}

/* Shows what an ended piece printed, and names it where it was killed or its output is not all there. */
static void show(const struct sim_jobs *j, struct piece *p, int i) {
  int lost = p->code == CODE_NO_OUTPUT;
  if (!j->quiet && !copy(p->out, stdout)) lost = 1;
  if (!j->quiet && !copy(p->err, stderr)) lost = 1;
  if (!lost && p->signal == 0) return;
  char name[120];
  snprintf(name, sizeof name, "job %d", i);
  if (j->name != NULL) j->name(j->arg, i, name, sizeof name);
  if (p->signal != 0) {
    fprintf(stderr, "sim: %s: killed by signal %d\n", name, p->signal);
    return;
  }
  p->code = SIM_EXIT_BAD_INPUT;
  fprintf(stderr,
          "sim: %s: its output could not be kept; is the folder for temporary files full? --jobs 1 needs none\n", name);
}

/* wait(), during which the parent's tick goes on. */
static pid_t wait_ticking(const struct sim_jobs *j, int *status) {
  const struct timespec pause = {0, 1000000000 / (TICKS_PER_SECOND * WAITS_PER_TICK)};
  for (int i = 1;; i++) {
    const pid_t pid = waitpid(-1, status, WNOHANG);
    if (pid != 0) return pid;
    nanosleep(&pause, NULL);
    if (i % WAITS_PER_TICK == 0) j->tick(j->arg);
  }
}

/* Waits until one of the pieces has ended; other children are none of our business. */
static void wait_for_one(const struct sim_jobs *j, struct piece *pieces) {
  int status;
  pid_t pid;
  do {
    pid = j->tick == NULL ? wait(&status) : wait_ticking(j, &status);
  } while (pid < 0 && errno == EINTR);
  if (pid > 0) sim_guard_forget(pid);
  for (int i = 0; i < j->n; i++) {
    struct piece *p = &pieces[i];
    if (p->state != RUNNING || (p->pid != pid && pid >= 0)) continue;
    p->state = ENDED;
    p->code = pid >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : SIM_EXIT_CRASHED;
    p->signal = pid >= 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (j->finished != NULL) j->finished(j->arg, i, p->code);
    if (pid >= 0) return;
  }
}

int sim_jobs_run(const struct sim_jobs *j, struct tetra_error *err) {
  struct piece *pieces = calloc((size_t)j->n + 1, sizeof *pieces);
  if (pieces == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d jobs", j->n);
  struct sim_guard guard;
  sim_guard_begin(&guard);
  int rc = TETRA_OK, started = 0, running = 0, shown = 0;
  while (running != 0 || (rc == TETRA_OK && started < j->n)) {
    while (rc == TETRA_OK && started < j->n && running < j->at_once) {
      rc = start(j, &guard, &pieces[started], started, err);
      if (rc == TETRA_OK) started++, running++;
    }
    if (running == 0) break;
    wait_for_one(j, pieces);
    running = 0;
    for (int i = shown; i < started; i++) running += pieces[i].state == RUNNING;
    for (; shown < started && pieces[shown].state == ENDED; shown++) {
      show(j, &pieces[shown], shown);
      close_output(&pieces[shown]);
      if (j->done != NULL) j->done(j->arg, shown, pieces[shown].code);
    }
  }
  sim_guard_end(&guard);
  free(pieces);
  return rc;
}
