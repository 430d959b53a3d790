/* Where a network may be cut into pieces that run apart, and which pieces. */
#ifndef TETRA_SIM_CUTS_H
#define TETRA_SIM_CUTS_H

#include <stdint.h>

#include "tetra/graph.h"
#include "tetra/plan.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Ops first..last of a graph. */
struct sim_span {
  int first, last;
};

/* The spans that no cut divides, in order: ops whose tiles the plan interleaves, or that write one tensor together,
 * else an op alone. spans has room for g->n_ops. Returns how many. */
TETRA_NODISCARD int sim_cuts_finest(const struct tetra_graph *g, const struct tetra_plan *plan, struct sim_span *spans);
/* Joins n_finest neighbouring spans into n, 1..n_finest, so that the largest sum of `cycles`, one per op, is as small
 * as it can be; puts them into spans[0..n-1]. TETRA_ENOMEM. */
TETRA_NODISCARD int sim_cuts_balance(struct sim_span *spans, int n_finest, const uint64_t *cycles, int n,
                                     struct tetra_error *err);
/* Keeps n of n_finest spans, 1..n_finest, drawn by `seed` and all equally likely, in order. */
void sim_cuts_draw(struct sim_span *spans, int n_finest, int n, uint64_t seed);

#ifdef __cplusplus
}
#endif
#endif
