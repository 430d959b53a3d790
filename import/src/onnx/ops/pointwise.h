/* Element by element. Private to the library. */
#ifndef TETRA_ONNX_POINTWISE_H
#define TETRA_ONNX_POINTWISE_H

#include "onnx/node.h"

/* A constant that broadcasts to one number per channel of t, as t->c_ numbers; a batch norm's
 * factors, t->c_ each; a clip's bounds. */
TETRA_NODISCARD int onnx_per_channel(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *c,
                                     const struct onnx_tensor *t, double **v);
TETRA_NODISCARD int onnx_batchnorm_factors(struct onnx_reader *x, const struct onnx_node *n,
                                           const struct onnx_tensor *t, double **gain, double **shift);
TETRA_NODISCARD int onnx_clip_bounds(struct onnx_reader *x, const struct onnx_node *n, double bound[2]);
/* The one operand of a Max (sign 1) or Min (-1) that is no constant, and what it is clamped to. */
TETRA_NODISCARD int onnx_extreme_bound(struct onnx_reader *x, const struct onnx_node *n, int sign,
                                       const struct onnx_tensor **t, double *bound);
onnx_convert onnx_add, onnx_sub, onnx_mul, onnx_div, onnx_batchnorm, onnx_qlinear_add, onnx_qlinear_mul, onnx_relu,
    onnx_clip, onnx_cast, onnx_sum, onnx_neg, onnx_min, onnx_max;

#endif
