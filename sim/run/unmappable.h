/* What in a network the hardware cannot run, all of it. */
#ifndef TETRA_SIM_UNMAPPABLE_H
#define TETRA_SIM_UNMAPPABLE_H

#include "base/notes.h"
#include "tetra/caps.h"
#include "tetra/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* After the compiler has refused a graph from the file `path` for one of its ops, in *err: a line for every op that it
 * refuses, where these are several, and *err with the file's name says how many; else it stays what it is, behind the
 * name. */
void sim_list_unmappable(const struct tetra_graph *g, const struct tetra_caps *caps, const char *path,
                         const struct sim_notes *notes, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
