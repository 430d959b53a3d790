/* Rounding modes of QONNX. Private to the library. */
#ifndef TETRA_ONNX_ROUNDING_H
#define TETRA_ONNX_ROUNDING_H

#include "onnx/values.h"

/* q's rounding by n's attribute; q's zero point is known. `what` is quantized: the network's input and constants on the
 * host, in every mode, all else by an op, in the modes that it has. */
TETRA_NODISCARD int onnx_need_rounding(struct onnx_reader *x, const struct onnx_node *n, int is_signed,
                                       enum onnx_kind what, struct onnx_q *q);

#endif
