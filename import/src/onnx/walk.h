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
/* Converts all needed nodes; refuses those without a converter. `tail`, or NULL: of the float operations at the end
 * that the host computes. */
int onnx_convert_nodes(struct onnx_reader *x, const struct onnx_operations *ops, const struct onnx_operations *tail);
/* Opsets, nodes and the input tensor. */
int onnx_start(struct onnx_reader *x, const Onnx__ModelProto *model);

#endif
