/* Bounds of numbers, and networks prepared for bounds. Private to the library. */
#ifndef TETRA_EQUIV_RANGES_H
#define TETRA_EQUIV_RANGES_H

#include "tetra/equiv.h"

/* lo <= x <= hi. */
struct range {
  int64_t lo, hi;
};

/* An op's weights as the loops want them: [cout][kh][kw][cin / groups], further arrays added. */
struct tetra_bounds_net {
  const struct tetra_graph *g[2];
  int shared;      /* the graphs are the same but for formats, weights and parameters */
  int16_t **w[2];  /* per op; NULL where it has none */
  int16_t **apart; /* per op of shared graphs: the first network's less the second's; NULL: no difference */
};

/* An accumulator, without bias, in both networks, and the first less the second. d means nothing where the graphs
 * differ. */
struct sums {
  struct range net[2], d;
};

#endif
