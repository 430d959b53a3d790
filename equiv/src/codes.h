/* Bounds of output codes. */
#ifndef TETRA_EQUIV_CODES_H
#define TETRA_EQUIV_CODES_H

#include "ranges.h"

/* What one output channel makes of a sum and a residual (code - zero point). */
struct channel {
  const struct tetra_requant *q;
  int index;
  enum tetra_res_form form;
  struct range acc, res;
};

struct range bounds_codes(const struct channel *c);
/* Of the first's code less the second's, for differences d of their sums and dres of their residuals. */
struct range bounds_difference(const struct channel c[2], struct range d, struct range dres);

#endif
