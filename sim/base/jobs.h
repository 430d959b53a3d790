/* Independent pieces of work in processes of their own, a few at a time. */
#ifndef TETRA_SIM_JOBS_H
#define TETRA_SIM_JOBS_H

#include <stddef.h>

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_JOBS_MAX 256 /* at once */

struct sim_jobs {
  int n, at_once;                                          /* pieces 0..n-1; 1..SIM_JOBS_MAX */
  int quiet;                                               /* what the pieces print is not shown */
  int (*work)(void *arg, int i);                           /* in the child: returns its exit code, 0..253 */
  void (*done)(void *arg, int i, int code);                /* in the parent, in the order 0..n-1; may be NULL */
  void (*finished)(void *arg, int i, int code);            /* in the parent, as soon as it ended; may be NULL */
  void (*name)(void *arg, int i, char *text, size_t size); /* of a piece, for messages; NULL: "job 3" */
  void (*tick)(void *arg); /* in the parent, about five times a second while any piece runs; may be NULL */
  void *arg;
};

/* Runs all pieces. What piece i prints is kept and appears as a whole, before done(i), so that the output is the same
 * whatever at_once. A piece whose process is killed has code SIM_EXIT_CRASHED, and one whose output could not be kept
 * SIM_EXIT_BAD_INPUT; a line on standard error names it. Returns TETRA_OK when all have run, whatever their codes;
 * TETRA_ENOMEM or TETRA_EIO where one could not be started: those under way are waited for. A SIGHUP, SIGINT or SIGTERM
 * that ends this process ends them first; on Linux they end with it whatever it dies of. */
TETRA_NODISCARD int sim_jobs_run(const struct sim_jobs *j, struct tetra_error *err);
/* Zeroed memory that parent and children share, or NULL; freed with sim_jobs_unshare. */
void *sim_jobs_share(size_t bytes);
void sim_jobs_unshare(void *memory, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
