/* Both networks over many inputs, and how near each comes to breaking the property. Private to the library. */
#ifndef TETRA_EQUIV_RUNS_H
#define TETRA_EQUIV_RUNS_H

#include "property.h"
#include "tetra/equiv.h"
#include "tetra/exec.h"

/* Networks of one op list and another batch than the caller's. */
struct runs {
  const struct tetra_ball *ball;
  struct tetra_graph g[2]; /* ops are the caller's graphs', values are own */
  struct tetra_exec *exec[2];
  struct tetra_tensor *t[2];
  int16_t *codes[2]; /* scratch: an image's outputs */
  int batch, same;   /* same: tetra_equiv_same_graph */
  long long macs;    /* of an input, both networks together */
  long long tried;
};

TETRA_NODISCARD int runs_open(struct runs *r, const struct tetra_graph *a, const struct tetra_graph *b,
                              const struct tetra_ball *ball, struct tetra_error *err);
void runs_close(struct runs *r);
/* The input of slot 0..batch - 1 of the next run. */
void runs_set(struct runs *r, int slot, const int *choice);
/* Runs what is in the slots and counts `count` of them. */
TETRA_NODISCARD int runs_go(struct runs *r, int count, struct tetra_error *err);
struct score runs_score(const struct runs *r, int slot, const struct tetra_equiv_options *o);
/* Is the input a counterexample by the plain loops? */
TETRA_NODISCARD int runs_confirm(struct runs *r, const int *choice, const struct tetra_equiv_options *o, int *broken,
                                 struct tetra_error *err);

#endif
