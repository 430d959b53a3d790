/* Nodes over small constants. Private to the library. */
#ifndef TETRA_ONNX_FOLD_H
#define TETRA_ONNX_FOLD_H

#include "onnx/values.h"

/* Nodes over small constants: what exporters calculate shapes with. *folded is 0 for any other node. */
TETRA_NODISCARD int onnx_fold(struct onnx_reader *x, const struct onnx_node *n, int *folded);

#endif
