/* Shapes of what refused nodes give. Private to the library. */
#ifndef TETRA_ONNX_GUESS_SHAPE_H
#define TETRA_ONNX_GUESS_SHAPE_H

#include "onnx/node.h"

/* Shape of the refused node's first output, in *out; what of it is known. */
enum onnx_known onnx_guess_shape(const struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *out);

#endif
