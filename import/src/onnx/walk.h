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
/* Converts all needed nodes; refuses those without a converter. */
int onnx_convert_nodes(struct onnx_reader *x, const struct onnx_converter *converters, size_t count);
/* Opsets, nodes and the input tensor. */
int onnx_start(struct onnx_reader *x, const Onnx__ModelProto *model);

#endif
