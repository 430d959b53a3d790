/* The float operations at a network's end, which the host computes. Private to the library. */
#ifndef TETRA_ONNX_TAIL_H
#define TETRA_ONNX_TAIL_H

#include "onnx/walk.h"

/* How the walk finds and converts them. */
extern const struct onnx_host onnx_tail_host;
/* The network's output, which the host calculates. */
TETRA_NODISCARD int onnx_tail_finish(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t);

#endif
