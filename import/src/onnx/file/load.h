/* Nodes and tensors with names resolved. Private to the library. */
#ifndef TETRA_ONNX_LOAD_H
#define TETRA_ONNX_LOAD_H

#include "onnx/values.h"

/* Nodes and tensors of x->proto, names resolved. */
TETRA_NODISCARD int onnx_load(struct onnx_reader *x);

#endif
