/* Bounds of an accumulator from bounds of the codes under its window. */
#ifndef TETRA_EQUIV_SUMS_H
#define TETRA_EQUIV_SUMS_H

#include "ranges.h"

/* Of output element (y, x, c) of op i in the networks from..to. */
void bounds_sums(const struct tetra_equiv_bounds *p, int i, int from, int to, int y, int x, int c, struct sums *s);

#endif
