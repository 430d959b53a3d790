/* The same numbers in another shape. Private to the library. */
#ifndef TETRA_ONNX_SHAPE_H
#define TETRA_ONNX_SHAPE_H

#include "onnx/node.h"

/* Are the axes of Squeeze, Unsqueeze, ReduceMean or ReduceMax (an attribute, later an input) height and width? */
int onnx_is_plane_axes(struct onnx_reader *x, const struct onnx_node *n);
/* Does Flatten with that axis keep the batch? */
int onnx_is_flat_axis(const struct onnx_reader *x, const struct onnx_tensor *t, int64_t axis);
/* Does Reshape flatten t (1), keep its four dimensions (2) or neither (0)? */
int onnx_reshape_kind(const struct onnx_reader *x, const struct onnx_tensor *t, const struct onnx_const *shape);

onnx_convert onnx_identity, onnx_flatten, onnx_reshape, onnx_transpose, onnx_softmax, onnx_squeeze, onnx_unsqueeze;

#endif
