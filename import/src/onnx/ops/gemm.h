/* Dense layers. Private to the library. */
#ifndef TETRA_ONNX_GEMM_H
#define TETRA_ONNX_GEMM_H

#include "onnx/node.h"

onnx_convert onnx_gemm, onnx_matmul, onnx_qlinear_matmul, onnx_matmul_integer, onnx_qgemm;

#endif
