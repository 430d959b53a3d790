/* Nodes of a float network that is being read. Private to the library. */
#ifndef TETRA_ONNX_FLOAT_NODE_H
#define TETRA_ONNX_FLOAT_NODE_H

#include "onnx/node.h"
#include "tetra/float_graph.h"

/* Refused unless t is a tensor of the float network. */
TETRA_NODISCARD int onnx_float_need(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t);
/* A node of n's name whose result is n's output; with a number above 0 one in front of that, whose names say so. */
struct tetra_float_node *onnx_float_add(struct onnx_reader *x, const struct onnx_node *n, enum tetra_float_kind kind,
                                        int in0, int in1, int before);
/* The shape of f's result, which is n's output, of this rank. */
TETRA_NODISCARD int onnx_float_finish(struct onnx_reader *x, const struct onnx_node *n, struct tetra_float_node *f,
                                      int rank);
/* TETRA_EINVAL where a weight or bias is not. */
TETRA_NODISCARD int onnx_float_finite(struct onnx_reader *x, const struct onnx_node *n,
                                      const struct tetra_float_node *f);

onnx_convert onnx_float_batchnorm, onnx_float_sum, onnx_float_sub, onnx_float_mul, onnx_float_div, onnx_float_neg,
    onnx_float_relu, onnx_float_clip, onnx_float_min, onnx_float_max, onnx_float_transpose;

#endif
