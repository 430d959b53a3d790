/* What in a network the hardware cannot run, all of it. */
#ifndef TETRA_SIM_UNMAPPABLE_H
#define TETRA_SIM_UNMAPPABLE_H

#include "base/notes.h"
#include "tetra/caps.h"
#include "tetra/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A line for every op that the compiler refuses, after it refused the graph for one of them; none where it is the only
 * one, of which the refusal itself is the line. */
void sim_list_unmappable(const struct tetra_graph *g, const struct tetra_caps *caps, const struct sim_notes *notes);

#ifdef __cplusplus
}
#endif
#endif
