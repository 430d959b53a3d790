/* The float operations at a network's end, which the host computes. Private to the library. */
#ifndef TETRA_ONNX_TAIL_H
#define TETRA_ONNX_TAIL_H

#include "onnx/values.h"

/* Marks the nodes behind which nothing is quantized any more. */
int onnx_tail_mark(struct onnx_reader *x);
/* Does node n belong to the host's part: it calculates behind the last quantization, or reads what the host has
 * calculated? */
int onnx_tail_takes(const struct onnx_reader *x, const struct onnx_node *n);
/* Makes operands of node n into what a float network reads: dequantized tensors into the host's input, dequantized
 * constants into float ones. */
int onnx_tail_enter(struct onnx_reader *x, const struct onnx_node *n);
/* The network's output, which the host calculates. */
int onnx_tail_finish(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t);

#endif
