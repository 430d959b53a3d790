/* What is asked of the outputs. Private to the library. */
#ifndef TETRA_EQUIV_PROPERTY_H
#define TETRA_EQUIV_PROPERTY_H

#include "tetra/equiv.h"

/* How near an input is to a counterexample: the higher the better, `hidden` among equals. */
struct score {
  int broken;    /* it is one */
  double main;   /* eps: largest difference, real; top1: tetra_equiv_result's `seen` of one input, negated */
  double hidden; /* sum of all differences of codes where the networks are alike */
};

static inline int score_better(const struct score *a, const struct score *b) {
  if (a->broken != b->broken) return a->broken;
  return a->main > b->main || (a->main == b->main && a->hidden > b->hidden); /* NOLINT: equal is equal */
}

/* Real value of the first's output code less the second's; exactly 0 where codes and formats are equal. */
double property_difference(const struct tetra_desc d[2], int a, int b);
/* The score of output codes a[n] and b[n], but for `hidden`. */
struct score property_score(const struct tetra_equiv_options *o, const struct tetra_desc d[2], const int16_t *a,
                            const int16_t *b, int n);
/* Does the property hold for every image within bounds that were run? *bound as in struct tetra_equiv_result. */
int property_proved(const struct tetra_equiv_options *o, const struct tetra_equiv_bounds *p,
                    const struct tetra_graph g[2], double *bound);

#endif
