/* Rewriting a graph: which ops only move codes, and taking them out. */
#ifndef TETRA_COMPILER_FUSE_H
#define TETRA_COMPILER_FUSE_H

#include "tetra/fuse.h"

/* Readers of a value: ops that read it as input or residual, and the network's end. */
int fuse_readers(const struct tetra_graph *g, int value);
/* The only op that writes the value, where it is the `o`-th output of one; -1: there are several, or none. */
int fuse_writer(const struct tetra_graph *g, int value, int *o);
/* Output `k` of op `mover`, which reads output `o` of op `maker`, as an output of the maker: *rq without channels. 0
 * where the mover does more than adding to codes what their zero points differ by, and clamping them. */
int fuse_compose(const struct tetra_graph *g, int maker, int o, int mover, int k, struct tetra_requant *rq);
/* Takes out an op, and what it owns; its outputs have other producers or none by now. */
void fuse_remove_op(struct tetra_graph *g, int op);
/* Takes out a value that no op names, and notes its name, for which there is room. */
void fuse_remove_value(struct tetra_graph *g, int value, struct tetra_fused *gone);

/* Fuse op `op` with the one before it. *done: 0 where it is not of that kind, and nothing has changed. TETRA_ENOMEM. */
int fuse_clamp(struct tetra_graph *g, int op, struct tetra_fused *gone, int *done, struct tetra_error *err);
int fuse_pool(struct tetra_graph *g, int op, const struct tetra_caps *caps, struct tetra_fused *gone, int *done,
              struct tetra_error *err);

#endif
