/* Deferred ops into the graph. Private to the library. */
#ifndef TETRA_ONNX_EMIT_H
#define TETRA_ONNX_EMIT_H

#include "onnx/values.h"

/* The graph value, made where it is missing, that holds deferred op p in codes q, clamped to reals lo..hi. */
TETRA_NODISCARD int onnx_emit(struct onnx_reader *x, const struct onnx_node *n, struct onnx_deferred *p,
                              const struct onnx_q *q, double lo, double hi, const char *name, int *value);
TETRA_NODISCARD int onnx_add_value(struct onnx_reader *x, const char *name, const struct tetra_desc *d, int *value);
TETRA_NODISCARD int onnx_add_op(struct onnx_reader *x, struct tetra_op *op,
                                int *index); /* frees op's weights where it fails */

#endif
