/* A graph made ready to run again and again: packed weights and threads that stay. */
#ifndef TETRA_EXEC_H
#define TETRA_EXEC_H

#include "tetra/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tetra_exec;

struct tetra_exec_options {
  int threads;        /* that work on an op; 0: as many as there are usable processors */
  const char *kernel; /* NULL: the best one for this processor; else one of tetra_exec_kernel's */
};

/* Names of the fast path's kernels, the best first; NULL past the last. */
const char *tetra_exec_kernel(int i);
/* 1 where this processor can run it. */
int tetra_exec_kernel_usable(int i);
/* The one that an exec uses. */
const char *tetra_exec_kernel_name(const struct tetra_exec *e);

/* Makes *e for a graph that passed tetra_graph_check and outlives it unchanged. An op is prepared, and threads are
 * started, when an op runs for the first time. options may be NULL: all defaults. TETRA_EINVAL: no such kernel, or not
 * on this processor. TETRA_ENOMEM. Processes: an exec that has not run yet may be inherited by fork, one that has runs
 * on one thread there. */
TETRA_NODISCARD int tetra_exec_open(struct tetra_exec **e, const struct tetra_graph *g,
                                    const struct tetra_exec_options *options, struct tetra_error *err);
void tetra_exec_close(struct tetra_exec *e); /* NULL is accepted */
/* As tetra_run_op and tetra_run_graph with TETRA_FAST. Results do not depend on kernel or threads. */
TETRA_NODISCARD int tetra_exec_op(struct tetra_exec *e, int i, struct tetra_tensor *tensors, struct tetra_error *err);
TETRA_NODISCARD int tetra_exec_run(struct tetra_exec *e, struct tetra_tensor *tensors, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
