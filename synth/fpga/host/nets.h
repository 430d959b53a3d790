/* The small networks of the self-test: one shape, in the precisions of the accelerator's modes. */
#ifndef TETRA_FPGA_NETS_H
#define TETRA_FPGA_NETS_H

#include "tetra/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fpga_net {
  const char *name;
  int abits, wbits; /* of activations and weights */
};

/* i-th network, NULL past the last. */
const struct fpga_net *fpga_net(int i);
/* Builds its graph, a residual block with everything around it: stem with a fused pool (its image densely packed), two
 * convolutions, the second with a residual and two outputs, max pool, average pool, dense; and an image. Weights,
 * parameters and image are random and always the same. *g and *image are the caller's, also after an error. */
TETRA_NODISCARD int fpga_net_build(const struct fpga_net *net, struct tetra_graph *g, struct tetra_tensor *image,
                                   struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
