/* Adds up a plan's loads and stores by what they move. */
#include "run/traffic.h"

#include <string.h>

const char *sim_traffic_name(enum sim_traffic kind) {
  static const char *const names[] = {"input", "weights", "parameters", "residual", "output"};
  return names[kind];
}

/* The buffer that residuals go to has an image's rows, too, of an op that is packed; it has no residual. */
static enum sim_traffic kind_of_load(const struct tetra_op *op, uint32_t buffer) {
  if (buffer == TETRA_BUF_WGT) return SIM_TRAFFIC_WEIGHTS;
  if (buffer == TETRA_BUF_PAR) return SIM_TRAFFIC_PARAMETERS;
  return buffer == TETRA_BUF_RES && op->residual >= 0 ? SIM_TRAFFIC_RESIDUAL : SIM_TRAFFIC_INPUT;
}

void sim_traffic_count(const struct tetra_graph *g, const struct tetra_plan *plan,
                       uint64_t (*bytes)[SIM_TRAFFIC_KINDS]) {
  memset(bytes, 0, (size_t)g->n_ops * sizeof *bytes);
  for (uint32_t i = 0; i < plan->n_cmds; i++) {
    const struct tetra_cmd *c = &plan->cmds[i];
    const uint32_t op = tetra_cmd_get(c, TETRA_F_OP), layer = tetra_cmd_get(c, TETRA_F_LAYER);
    if (layer >= (uint32_t)g->n_ops) continue;
    if (op == TETRA_OP_LOAD) {
      const uint64_t beats = (uint64_t)tetra_cmd_get(c, TETRA_F_LOAD_BEATS) * tetra_cmd_get(c, TETRA_F_LOAD_COUNT);
      bytes[layer][kind_of_load(&g->ops[layer], tetra_cmd_get(c, TETRA_F_LOAD_DST))] += beats * plan->caps.n;
    } else if (op == TETRA_OP_STORE) {
      bytes[layer][SIM_TRAFFIC_OUTPUT] += (uint64_t)tetra_cmd_store_beats(c) * plan->caps.n;
    }
  }
}
