/* What a layer's bytes to and from DRAM are. */
#ifndef TETRA_SIM_TRAFFIC_H
#define TETRA_SIM_TRAFFIC_H

#include <stdint.h>

#include "tetra/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_traffic {
  SIM_TRAFFIC_INPUT, /* activations, and rows of an image that is packed on the way in */
  SIM_TRAFFIC_WEIGHTS,
  SIM_TRAFFIC_PARAMETERS,
  SIM_TRAFFIC_RESIDUAL,
  SIM_TRAFFIC_OUTPUT,
  SIM_TRAFFIC_KINDS
};

/* Key in JSON: "weights". */
const char *sim_traffic_name(enum sim_traffic kind);
/* Bytes that the plan's commands move for each op of g, its graph, by kind; they add up to the op's dram_bytes. bytes
 * has g->n_ops rows. */
void sim_traffic_count(const struct tetra_graph *g, const struct tetra_plan *plan,
                       uint64_t (*bytes)[SIM_TRAFFIC_KINDS]);

#ifdef __cplusplus
}
#endif
#endif
