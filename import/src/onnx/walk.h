/* What is common to reading quantized and float networks. Private to the library. */
#ifndef TETRA_ONNX_WALK_H
#define TETRA_ONNX_WALK_H

#include "onnx/node.h"

enum onnx_domain { ONNX_STANDARD, ONNX_MICROSOFT, ONNX_QONNX };
struct onnx_converter {
  enum onnx_domain domain;
  const char *op;
  onnx_convert *convert;
  int min_in; /* inputs that must be there */
};
struct onnx_operations {
  const struct onnx_converter *list;
  size_t n;
};
/* What the host computes at the end: which nodes these are, and how they are converted. */
struct onnx_host {
  const struct onnx_operations *operations;
  /* Marks the nodes behind which nothing is quantized any more. */
  int (*mark)(struct onnx_reader *x);
  /* Does node n belong to the host's part: it calculates behind the last quantization, or reads what the host has
   * calculated? */
  int (*takes)(const struct onnx_reader *x, const struct onnx_node *n);
  /* Makes operands of node n into what a float network reads: dequantized tensors into the host's input, dequantized
   * constants into float ones. */
  int (*enter)(struct onnx_reader *x, const struct onnx_node *n);
};
/* Converts all needed nodes; refuses those without a converter. `host`, or NULL: nothing is left to it. */
TETRA_NODISCARD int onnx_convert_nodes(struct onnx_reader *x, const struct onnx_operations *ops,
                                       const struct onnx_host *host);
/* Opsets, nodes and the input tensor. */
TETRA_NODISCARD int onnx_start(struct onnx_reader *x, const Onnx__ModelProto *model);

#endif
