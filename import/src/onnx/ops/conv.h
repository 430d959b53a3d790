/* Convolutions, and what dense layers share with them. Private to the library. */
#ifndef TETRA_ONNX_CONV_H
#define TETRA_ONNX_CONV_H

#include "onnx/node.h"

/* Weights of a conv or dense layer; scale NULL: 1, zp NULL: 0. */
struct onnx_weights {
  const struct onnx_const *codes, *scale, *zp;
  int transposed, kh, kw, cin, cout; /* cin: that an output channel reads */
  int groups;
};
/* Attribute `group` of a convolution over cin channels with weights of these dimensions, [co][ci]...: at least 1, all
 * agree. */
TETRA_NODISCARD int onnx_need_groups(struct onnx_reader *x, const struct onnx_node *n, int cin,
                                     const int64_t *weight_dim, int *groups);
TETRA_NODISCARD int onnx_check_weights(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_weights *w);
struct onnx_deferred *onnx_deferred_conv(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                         const struct onnx_weights *w);
/* ConvInteger and MatMulInteger: codes of one unit each from input 0, weights from 1, zero points from 2 and 3. */
TETRA_NODISCARD int onnx_integer_operands(struct onnx_reader *x, const struct onnx_node *n, struct onnx_weights *w);
/* Adds input i, a constant of one or p->c numbers, times beta to the offsets. */
TETRA_NODISCARD int onnx_add_bias(struct onnx_reader *x, const struct onnx_node *n, int i, double beta,
                                  struct onnx_deferred *p);
onnx_convert onnx_conv, onnx_qlinear_conv, onnx_conv_integer;

#endif
