/* A max pool behind a convolution, done on the way out of the requantizer. */
#ifndef TETRA_COMPILER_FUSE_POOL_H
#define TETRA_COMPILER_FUSE_POOL_H

#include "tetra/fuse.h"

/* Fuses op `op` with the one before it. *done: 0 where it is not of that kind, and nothing has changed. TETRA_ENOMEM.
 */
TETRA_NODISCARD int fuse_pool(struct tetra_graph *g, int op, const struct tetra_caps *caps, struct tetra_fused *gone,
                              int *done, struct tetra_error *err);

#endif
