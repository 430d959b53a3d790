/* Pools. Private to the library. */
#ifndef TETRA_ONNX_POOL_H
#define TETRA_ONNX_POOL_H

#include "onnx/node.h"

/* Window of a max-pool: every window has elements of the plane. */
TETRA_NODISCARD int onnx_need_maximum(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                      struct tetra_window *win, int out[2]);
/* Window of an average, and what of its padding counts as elements, as the node says; every window has elements to
 * count. */
TETRA_NODISCARD int onnx_need_average(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                      struct tetra_window *win, struct tetra_pads *counted, int out[2]);

onnx_convert onnx_maxpool, onnx_global_maxpool, onnx_avgpool, onnx_global_avgpool, onnx_reduce_mean, onnx_reduce_max,
    onnx_qlinear_avgpool, onnx_qlinear_global_avgpool;

#endif
