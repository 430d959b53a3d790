/* QuantizeLinear, DequantizeLinear, Quant. Private to the library. */
#ifndef TETRA_ONNX_QUANT_H
#define TETRA_ONNX_QUANT_H

#include "onnx/node.h"

/* t as codes that mean what q says; refused where its quantizer said otherwise. */
TETRA_NODISCARD int onnx_agree(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t,
                               const struct onnx_q *q);

/* Clip of codes, and of constant codes. */
onnx_convert onnx_clip_codes, onnx_clip_const;
onnx_convert onnx_quantize_linear, onnx_dequantize_linear, onnx_quant;
/* Refuses, and says what is accepted in its place. */
onnx_convert onnx_bipolar_quant;

#endif
