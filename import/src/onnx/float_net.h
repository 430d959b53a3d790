/* Float networks from ONNX. Private to the library. */
#ifndef TETRA_ONNX_FLOAT_NET_H
#define TETRA_ONNX_FLOAT_NET_H

#include "tetra/float_graph.h"
#include "onnx/values.h"

/* The network that onnx_start has read the frame of. Its memory is the reader's arena. TETRA_EINVAL. */
int onnx_float_net(struct onnx_reader *x, struct tetra_float_graph *g);

#endif
