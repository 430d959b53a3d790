/* Compares what the accelerator left in DRAM with the C model's tensors. */
#ifndef TETRA_SIM_CHECK_H
#define TETRA_SIM_CHECK_H

#include <stdint.h>

#include "tetra/graph.h"
#include "tetra/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_DIFFERENCES 4 /* elements that a mismatch report shows */

struct sim_difference {
  int n, y, x, c, rtl, golden;
  int accumulator, bias; /* the C model's, in front of the requantization */
};

/* One output of an op that is not what the C model says. */
struct sim_mismatch {
  int op, output, value;
  int64_t count, total; /* codes that differ, codes compared */
  int n_shown;
  struct sim_difference shown[SIM_DIFFERENCES]; /* the first ones in NHWC order */
};

/* Compares every output of op i that has a region in DRAM. golden is indexed by value; dram is the memory from
 * plan->base on. Returns 1: equal, 0: *m tells the first output that differs, or -1 (no memory). */
TETRA_NODISCARD int sim_check_op(const struct tetra_graph *g, int i, const struct tetra_plan *plan,
                                 const struct tetra_tensor *golden, const uint8_t *dram, struct sim_mismatch *m);
#ifdef __cplusplus
}
#endif
#endif
