/* Child processes that do not outlive this one. */
#ifndef TETRA_SIM_CHILDREN_H
#define TETRA_SIM_CHILDREN_H

#include <signal.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_CHILDREN_MAX 256 /* at once */

/* What SIGHUP, SIGINT and SIGTERM did before. */
struct sim_guard {
  struct sigaction before[3];
};

/* From here until sim_guard_end, a SIGHUP, SIGINT or SIGTERM that would end this process ends its children first. A
 * signal that is ignored or has a handler stays as it is. */
void sim_guard_begin(struct sim_guard *g);
void sim_guard_end(const struct sim_guard *g);
/* fork() under a guard, at most SIM_CHILDREN_MAX at once. On Linux the child is killed when this process dies, of
 * whatever; elsewhere SIGKILL leaves it running. In the child no guard holds and there are no children. */
pid_t sim_guard_fork(const struct sim_guard *g);
/* The child has been waited for. */
void sim_guard_forget(pid_t child);

#ifdef __cplusplus
}
#endif
#endif
