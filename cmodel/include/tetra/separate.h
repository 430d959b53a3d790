/* Residual additions with two roundings, as integer-only networks have them. */
#ifndef TETRA_SEPARATE_H
#define TETRA_SEPARATE_H

#include "tetra/graph.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Turns every residual of form JOINT of a checked graph into form SEPARATE, rounding half away from zero: the
 * accumulator and the residual become codes of the output each by itself and are added, as HAWQ-V3 does (Yao et al.,
 * arXiv 2011.10680, section 3.2). M and S stay, Mr / 2^Sr is the factor that the residual had. An output code changes
 * by at most 1. The graph must be checked again. TETRA_ERANGE where a factor is 2^31 or more. */
TETRA_NODISCARD int tetra_separate(struct tetra_graph *g, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
