/* A network of 8-bit weights run with the 4-bit ones that they hold, layer by layer. */
#ifndef TETRA_NEST_H
#define TETRA_NEST_H

#include <stdint.h>

#include "tetra/graph.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes op i of a graph that passed tetra_graph_check, a convolution of s8 weights, one of 4-bit weights: each becomes
 * tetra_nested_weight, a unit of the accumulator 16 times as much, and the s8 weights stay in `wide`. bias: the layer's
 * own in such units, one an output channel, in place of a sixteenth of what it has; NULL: that sixteenth. Formats,
 * scales and zero points of tensors stay, so a layer may be switched without the others. The graph must be checked
 * again. TETRA_EINVAL: no such convolution, a sum of several arrays of weights, or the residual form RES_PRE;
 * TETRA_ERANGE: a bias does not fit; TETRA_ENOMEM: *g is as it was. */
TETRA_NODISCARD int tetra_nest(struct tetra_graph *g, int i, const int32_t *bias, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
