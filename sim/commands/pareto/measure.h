/* Cycles, DRAM bytes and energy of a point. */
#ifndef TETRA_SIM_PARETO_MEASURE_H
#define TETRA_SIM_PARETO_MEASURE_H

#include "commands/pareto/options.h"
#include "commands/pareto/points.h"
#include "tetra/caps.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Cycle model of one graph, with the options' memory, clock and energy table. TETRA_EINVAL, TETRA_ERANGE, TETRA_EIO,
 * TETRA_ENOMEM. */
TETRA_NODISCARD int pareto_graph_modelled(const struct tetra_graph *g, const struct tetra_caps *caps,
                                          const struct pareto_options *o, struct pareto_run *run,
                                          struct tetra_error *err);
/* Cycle model of one point on hardware `caps`. Errors as above. */
TETRA_NODISCARD int pareto_modelled(const struct pareto_point *p, const struct tetra_caps *caps,
                                    const struct pareto_options *o, struct pareto_run *run, struct tetra_error *err);
/* The same on the RTL, every layer compared with the C model; TETRA_EHW where one differs. */
TETRA_NODISCARD int pareto_rtl(const struct pareto_point *p, const struct pareto_options *o, struct pareto_run *run,
                               struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
