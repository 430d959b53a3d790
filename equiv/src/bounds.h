/* Bounds of sums and codes. Private to the library. */
#ifndef TETRA_EQUIV_BOUNDS_H
#define TETRA_EQUIV_BOUNDS_H

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

/* sums.c: of output element (y, x, c) of op i in the networks from..to. */
void bounds_sums(const struct tetra_equiv_bounds *p, int i, int from, int to, int y, int x, int c, struct sums *s);

/* What one output channel makes of a sum and a residual (code - zero point). */
struct channel {
  const struct tetra_requant *q;
  int index;
  enum tetra_res_form form;
  struct range acc, res;
};

/* codes.c */
struct range bounds_codes(const struct channel *c);
/* Of the first's code less the second's, for differences d of their sums and dres of their residuals. */
struct range bounds_difference(const struct channel c[2], struct range d, struct range dres);

#endif
