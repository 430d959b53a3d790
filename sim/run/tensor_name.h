/* Tensors of a graph by their names. */
#ifndef TETRA_SIM_TENSOR_NAME_H
#define TETRA_SIM_TENSOR_NAME_H

#include "tetra/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The value of g with this name, of `length` bytes; else the first output of the layer with this name. TETRA_EINVAL:
 * there is none, *err shows the names that are most like it; or there are two tensors, or two layers, of this name. */
TETRA_NODISCARD int sim_tensor_find(const struct tetra_graph *g, const char *name, int length, int *value,
                                    struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
