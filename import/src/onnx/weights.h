/* Weights as the array takes them. Private to the library. */
#ifndef TETRA_ONNX_WEIGHTS_H
#define TETRA_ONNX_WEIGHTS_H

#include "onnx/values.h"

/* Fills op's wbits and weights and p->fold, p->acc_max. Weights that leave int8 want each of the input's channels
 * *times times, all of them once, then again; otherwise *times is 1. */
int onnx_conv_weights(struct onnx_reader *x, struct onnx_deferred *p, struct tetra_op *op, int *times);
/* The same for a copy that picks, pads, negates or adds: each output channel takes `weight` times its input channel. */
int onnx_copy_weights(struct onnx_reader *x, struct onnx_deferred *p, int weight, struct tetra_op *op, int *times);

#endif
