/* Rewriting a graph: who reads and writes a value, and taking ops and values out. */
#ifndef TETRA_COMPILER_FUSE_EDIT_H
#define TETRA_COMPILER_FUSE_EDIT_H

#include "tetra/fuse.h"

/* Readers of a value: ops that read it as input or residual, and the network's end. */
TETRA_NODISCARD int fuse_readers(const struct tetra_graph *g, int value);
/* The only op that writes the value, where it is the `o`-th output of one; -1: there are several, or none. */
TETRA_NODISCARD int fuse_writer(const struct tetra_graph *g, int value, int *o);
/* Takes out an op, and what it owns; its outputs have other producers or none by now. */
void fuse_remove_op(struct tetra_graph *g, int op);
/* Takes out a value that no op names, and notes its name, for which there is room. */
void fuse_remove_value(struct tetra_graph *g, int value, struct tetra_fused *gone);

#endif
