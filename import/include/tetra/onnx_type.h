/* ONNX's tensor element types, by number: the message file of an older ONNX lacks the youngest ones. */
#ifndef TETRA_ONNX_TYPE_H
#define TETRA_ONNX_TYPE_H

#include "tetra/tensor.h"

enum onnx_type {
  ONNX_FLOAT = 1,
  ONNX_BOOL = 9,
  ONNX_FLOAT16 = 10,
  ONNX_UINT8 = 2,
  ONNX_INT8 = 3,
  ONNX_UINT16 = 4,
  ONNX_INT16 = 5,
  ONNX_INT32 = 6,
  ONNX_INT64 = 7,
  ONNX_DOUBLE = 11,
  ONNX_UINT4 = 21,
  ONNX_INT4 = 22
};

/* The type of codes of a format. */
static inline enum onnx_type onnx_type_of(enum tetra_fmt f) {
  return f == TETRA_U8 ? ONNX_UINT8 : f == TETRA_S8 ? ONNX_INT8 : f == TETRA_U4 ? ONNX_UINT4 : ONNX_INT4;
}

#endif
