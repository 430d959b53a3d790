/* Ops that only move codes, as clamps of the op before them. */
#ifndef TETRA_COMPILER_FUSE_CLAMP_H
#define TETRA_COMPILER_FUSE_CLAMP_H

#include "tetra/fuse.h"

/* Output `k` of op `mover`, which reads output `o` of op `maker`, as an output of the maker: *rq without channels. 0
 * where the mover does more than adding to codes what their zero points differ by, and clamping them. */
TETRA_NODISCARD int fuse_compose(const struct tetra_graph *g, int maker, int o, int mover, int k,
                                 struct tetra_requant *rq);
/* Fuses op `op` with the one before it. *done: 0 where it is not of that kind, and nothing has changed. TETRA_ENOMEM.
 */
TETRA_NODISCARD int fuse_clamp(struct tetra_graph *g, int op, struct tetra_fused *gone, int *done,
                               struct tetra_error *err);

#endif
