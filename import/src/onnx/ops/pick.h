/* Slice and Pad. Private to the library. */
#ifndef TETRA_ONNX_PICK_H
#define TETRA_ONNX_PICK_H

#include "onnx/node.h"

/* What Slice and Pad say, checked against the rank of t. ONNX_REFUSED where it is nothing that picks rows,
 * columns and channels in rising order, or pads them. */
TETRA_NODISCARD int onnx_read_slice(struct onnx_reader *x, const struct onnx_node *n, int rank,
                                    struct onnx_pick *axes[ONNX_RANK_MAX], int batch);
TETRA_NODISCARD int onnx_read_pads(struct onnx_reader *x, const struct onnx_node *n, int rank,
                                   int add[ONNX_RANK_MAX][2]);

onnx_convert onnx_slice, onnx_pad;

#endif
