/* SCALE-Sim's topology files: shapes of layers, for the cycle model. */
#ifndef TETRA_SIM_TOPOLOGY_H
#define TETRA_SIM_TOPOLOGY_H

#include "tetra/graph.h"
#include "tetra/precision.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads a CSV file of SCALE-Sim: a header, then a convolution a line (name, height and width of the input with its
 * padding, of the filter, channels, filters, stride), or, where the header's second column is M, a matrix product
 * (name, M, N, K: M rows of K terms for N columns). *g, owned by the caller, has an op for each, with weights that are
 * all 0 and an input of its own that nothing makes: what tetra_graph_check_cut accepts. Layers have the bits of
 * `precision`, the first and the last one those of its outer layers. TETRA_EIO, TETRA_EINVAL (names the line),
 * TETRA_ENOMEM. */
TETRA_NODISCARD int sim_topology_read(const char *path, enum tetra_precision precision, int batch,
                                      struct tetra_graph *g, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
