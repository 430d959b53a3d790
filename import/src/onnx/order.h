/* Why nodes cannot be read in the file's order. Private to the library. */
#ifndef TETRA_ONNX_ORDER_H
#define TETRA_ONNX_ORDER_H

#include "onnx/node.h"

/* Node n reads `name`, which nothing before it gives: TETRA_EINVAL says whether a node behind it does, the nodes are a
 * cycle, or nothing does. tensor(x, names, name) is the tensor of that name. */
TETRA_NODISCARD int onnx_missing(struct onnx_reader *x, const struct onnx_node *n, const char *name,
                                 int (*tensor)(struct onnx_reader *x, void *names, const char *name), void *names);

#endif
