/* `./sim train` as one of several processes. */
#ifndef TETRA_SIM_TRAIN_TOGETHER_H
#define TETRA_SIM_TRAIN_TOGETHER_H

#include "commands/ranks.h"
#include "tetra/train.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sums over the ranks; of one rank, nothing to sum. Where MPI fails, all processes end: none could go on alone. */
struct tetra_train_comm train_together(const struct sim_ranks *r);
/* Does any rank say yes? */
int train_any(const struct sim_ranks *r, int yes);
/* The sum over the ranks. */
int64_t train_total(const struct sim_ranks *r, int64_t n);
/* This rank's part of n: first, and one behind the last. */
static inline int train_share(const struct sim_ranks *r, int n, int rank) { return (int)((int64_t)n * rank / r->size); }

#ifdef __cplusplus
}
#endif
#endif
