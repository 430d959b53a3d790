/* Child processes that end with their parent, whatever it ends of. */
#define _GNU_SOURCE
#include "base/children.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

static const int kSignals[3] = {SIGHUP, SIGINT, SIGTERM};

/* A signal handler has nothing else to look at. 0: free. */
static volatile sig_atomic_t children[SIM_CHILDREN_MAX];

static void end_children(int sig) {
  for (int i = 0; i < SIM_CHILDREN_MAX; i++) {
    if (children[i] > 0) kill((pid_t)children[i], SIGKILL);
  }
  for (int i = 0; i < SIM_CHILDREN_MAX; i++) {
    while (children[i] > 0 && waitpid((pid_t)children[i], NULL, 0) < 0 && errno == EINTR) {
    }
  }
  signal(sig, SIG_DFL);
  raise(sig); /* takes effect when this function returns */
}

static int has_handler(int sig, void (*handler)(int)) {
  struct sigaction now;
  return sigaction(sig, NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == handler;
}

void sim_guard_begin(struct sim_guard *g) {
  struct sigaction act = {.sa_handler = end_children, .sa_flags = SA_RESTART};
  sigemptyset(&act.sa_mask);
  for (int i = 0; i < 3; i++) sigaddset(&act.sa_mask, kSignals[i]);
  for (int i = 0; i < 3; i++) {
    sigaction(kSignals[i], NULL, &g->before[i]);
    if (has_handler(kSignals[i], SIG_DFL)) sigaction(kSignals[i], &act, NULL);
  }
}

void sim_guard_end(const struct sim_guard *g) {
  for (int i = 0; i < 3; i++) {
    if (has_handler(kSignals[i], end_children)) sigaction(kSignals[i], &g->before[i], NULL);
  }
}

/* In the child: ends with the process that forked it. */
static void follow(pid_t parent) {
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  /* It may have died before it was asked for the signal. */
  if (getppid() != parent) _exit(1);
}

static void remember(pid_t child) {
  int i = 0;
  while (i < SIM_CHILDREN_MAX - 1 && children[i] != 0) i++;
  children[i] = (sig_atomic_t)child;
}

pid_t sim_guard_fork(const struct sim_guard *g) {
  sigset_t held, before;
  sigemptyset(&held);
  for (int i = 0; i < 3; i++) sigaddset(&held, kSignals[i]);
  /* A signal must find either no child or one that is remembered, and the child none of its siblings. */
  sigprocmask(SIG_BLOCK, &held, &before);
  const pid_t parent = getpid(), child = fork();
  if (child > 0) remember(child);
  if (child == 0) {
    for (int i = 0; i < SIM_CHILDREN_MAX; i++) children[i] = 0;
    sim_guard_end(g);
    follow(parent);
  }
  const int error = errno;
  sigprocmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return child;
}

void sim_guard_forget(pid_t child) {
  for (int i = 0; i < SIM_CHILDREN_MAX; i++) {
    if (children[i] == (sig_atomic_t)child) children[i] = 0;
  }
}
