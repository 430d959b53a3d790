/* Both networks over many inputs, and how near each comes to breaking the property. Private to the library. */
#ifndef TETRA_EQUIV_RUNS_H
#define TETRA_EQUIV_RUNS_H

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

/* How near an input is to a counterexample: the higher the better, `hidden` among equals. */
struct score {
  int broken;    /* it is one */
  double main;   /* eps: largest difference, real; top1: the smallest lead, negated */
  double hidden; /* sum of all differences of codes where the networks are alike */
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
static inline int score_better(const struct score *a, const struct score *b) {
  if (a->broken != b->broken) return a->broken;
  return a->main > b->main || (a->main == b->main && a->hidden > b->hidden); /* NOLINT: equal is equal */
}

/* property.c: real value of the first's output code less the second's; exactly 0 where codes and formats are equal. */
double property_difference(const struct tetra_desc d[2], int a, int b);
/* The score of output codes a[n] and b[n], but for `hidden`. */
struct score property_score(const struct tetra_equiv_options *o, const struct tetra_desc d[2], const int16_t *a,
                            const int16_t *b, int n);
/* Does the property hold for every image within bounds that were run? *bound as in struct tetra_equiv_result. */
int property_proved(const struct tetra_equiv_options *o, const struct tetra_equiv_bounds *p,
                    const struct tetra_graph g[2], double *bound);

/* search.c: looks for a counterexample with at most `tries` inputs. best[elements] is the best input found, *score its
 * score. */
TETRA_NODISCARD int equiv_search(struct runs *r, const struct tetra_equiv_options *o, long long tries, int *best,
                                 struct score *score, struct tetra_error *err);

#endif
