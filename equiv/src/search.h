/* Falsification. Private to the library. */
#ifndef TETRA_EQUIV_SEARCH_H
#define TETRA_EQUIV_SEARCH_H

#include "runs.h"

/* Looks for a counterexample with at most `tries` inputs. best[elements] is the best input found, *score its
 * score. */
TETRA_NODISCARD int equiv_search(struct runs *r, const struct tetra_equiv_options *o, long long tries, int *best,
                                 struct score *score, struct tetra_error *err);

#endif
