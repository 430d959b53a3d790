/* Float networks from ONNX. Private to the library. */
#ifndef TETRA_ONNX_FLOAT_NET_H
#define TETRA_ONNX_FLOAT_NET_H

#include "tetra/float_graph.h"
#include "onnx/walk.h"

/* The network that onnx_start has read the frame of. Its memory is the reader's arena. TETRA_EINVAL. */
TETRA_NODISCARD int onnx_float_net(struct onnx_reader *x, struct tetra_float_graph *g);
/* Begins g, in the reader's arena: its input has the shape of t. Its nodes are converted by onnx_float_operations. */
TETRA_NODISCARD int onnx_float_begin(struct onnx_reader *x, struct tetra_float_graph *g, const struct onnx_tensor *t);
extern const struct onnx_operations onnx_float_operations;

#endif
