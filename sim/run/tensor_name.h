/* Tensors of a graph by their names. */
#ifndef TETRA_SIM_TENSOR_NAME_H
#define TETRA_SIM_TENSOR_NAME_H

#include "tetra/graph.h"
#include "tetra/import.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The value of g with this name, of `length` bytes; else the first output of the layer with this name. TETRA_EINVAL:
 * there is none, *err shows the names that are most like it, those of m's file, too; or there are two tensors, or two
 * layers, of this name. */
TETRA_NODISCARD int sim_tensor_find(const struct tetra_graph *g, const struct tetra_model *m, const char *name,
                                    int length, int *value, struct tetra_error *err);
/* Has g a value or a layer of that name? */
int sim_tensor_is_there(const struct tetra_graph *g, const char *name, int length);

#ifdef __cplusplus
}
#endif
#endif
