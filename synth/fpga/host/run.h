/* One of the self-test's networks on a board, beside the C model and the cycle model. */
#ifndef TETRA_FPGA_RUN_H
#define TETRA_FPGA_RUN_H

#include "board.h"
#include "nets.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fpga_result {
  const char *name;
  int n_layers;
  int64_t codes;              /* compared */
  uint64_t cycles, predicted; /* until the last layer's end */
  uint64_t counters[TETRA_CNT_NUM];
};

/* Compiles the network for the device, runs it, and compares every value that it wrote with the C model, and the cycle
 * in which each layer ended and where the cycles went with the cycle model: exact for this memory. TETRA_EDIFF,
 * TETRA_EHW: *err says what is different, or why the accelerator stopped; others as of the HAL, TETRA_ENOMEM. */
TETRA_NODISCARD int fpga_run(struct board *b, struct tetra_device *dev, const struct fpga_net *net,
                             struct fpga_result *r, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
