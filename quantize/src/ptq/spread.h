/* How values are distributed, without images. Private to the library. */
#ifndef TETRA_QUANT_SPREAD_H
#define TETRA_QUANT_SPREAD_H

#include "tetra/arena.h"
#include "tetra/float_graph.h"

enum { SPREAD_POINTS = 256 }; /* of a channel */

/* Equally likely values of each channel of a tensor, rising: [c][SPREAD_POINTS]. An arena's. */
struct quant_spread {
  float *points;
};

/* *spreads: one for each value of the network, up to its softmax. A batch norm tells the mean and deviation of its
 * result; a convolution without one is calculated from its inputs as if these were independent, and so are sums. low,
 * high: what an image's channel c, c % 3, ranges over, evenly. TETRA_EINVAL: a convolution without a batch norm;
 * TETRA_ENOMEM. */
TETRA_NODISCARD int quant_spreads(struct tetra_arena *arena, const struct tetra_float_graph *g, const float *low,
                                  const float *high, struct quant_spread **spreads);

/* Of one channel. */
double quant_spread_mean(const struct quant_spread *s, int channel);
double quant_spread_power(const struct quant_spread *s, int channel); /* mean square */

#endif
