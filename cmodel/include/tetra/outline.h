/* Networks without weights: for their plans and cycles, which depend on formats and shapes alone. */
#ifndef TETRA_OUTLINE_H
#define TETRA_OUTLINE_H

#include "tetra/graph.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What tetra_graph_check proves, of a whole network whose convolutions may have no weights (NULL): about the overflow
 * of those nothing is proven. Such a graph can be fused, compiled and timed (tetra_compile_options.timing_only), not
 * run.
 */
TETRA_NODISCARD int tetra_graph_check_outline(const struct tetra_graph *g, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
