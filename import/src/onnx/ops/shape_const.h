/* Constants in another shape or order; dequantized ones keep their scales. Private to the library. */
#ifndef TETRA_ONNX_SHAPE_CONST_H
#define TETRA_ONNX_SHAPE_CONST_H

#include "onnx/values.h"

/* out = the constant t, of any rank, transposed by attribute perm, or NULL: its axes reversed. */
TETRA_NODISCARD int onnx_transpose_const(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                         const Onnx__AttributeProto *perm, struct onnx_tensor *out);
/* The same for Reshape, Squeeze and Unsqueeze. */
TETRA_NODISCARD int onnx_reshape_const(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                       const struct onnx_const *shape, struct onnx_tensor *out);
TETRA_NODISCARD int onnx_squeeze_const(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                       struct onnx_tensor *out);
TETRA_NODISCARD int onnx_unsqueeze_const(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                         struct onnx_tensor *out);

#endif
