/* The paper's cost model (arXiv 2105.03536; aqt/jax_legacy/jax/compute_cost_utils.py, commit 9d1667e), per image:
 *   quadratic = sum of multiplies * weight bits * activation bits
 *   linear    = sum of multiplies * the larger of the two
 *   memory    = sum of weights * weight bits
 * over convolutions and dense. Padding counts, the batch does not, neither do biases, pools and additions. */
#ifndef TETRA_COST_H
#define TETRA_COST_H

#include <stdint.h>

#include "tetra/network.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tetra_cost {
  int64_t macs, weights;
  int64_t quadratic, linear, memory;
};

/* Of a built-in network, from its shapes alone (no weights are made). TETRA_EINVAL for bad options. */
TETRA_NODISCARD int tetra_cost_network(const struct tetra_network_options *o, struct tetra_cost *cost,
                                       struct tetra_error *err);
/* Of any graph. */
void tetra_cost_graph(const struct tetra_graph *g, struct tetra_cost *cost);
/* Relative to the 16-bit ResNet-50 of width 1 at 224x224, as the paper's figures are: quadratic, linear, memory. */
void tetra_cost_ratios(const struct tetra_cost *cost, double ratios[3]);

#ifdef __cplusplus
}
#endif
#endif
