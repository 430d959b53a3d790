/* Weights as the array takes them. Private to the library. */
#ifndef TETRA_ONNX_WEIGHTS_H
#define TETRA_ONNX_WEIGHTS_H

#include "onnx/values.h"

/* Fills op's wbits, weights and `extra` (for those that leave int8) and p->fold, p->acc_max. */
TETRA_NODISCARD int onnx_conv_weights(struct onnx_reader *x, struct onnx_deferred *p, struct tetra_op *op);
/* The same for a copy that picks, pads, negates or adds: each output channel takes `weight` times its input channel. */
TETRA_NODISCARD int onnx_copy_weights(struct onnx_reader *x, struct onnx_deferred *p, int weight, struct tetra_op *op);

#endif
