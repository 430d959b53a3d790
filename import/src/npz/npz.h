/* Float networks from NumPy's .npz. Private to the library. */
#ifndef TETRA_NPZ_H
#define TETRA_NPZ_H

#include "tetra/float_graph.h"
#include "tetra/arena.h"

/* A network from its weights' names. Its memory is the arena's. TETRA_EINVAL. */
TETRA_NODISCARD int npz_float_net(struct tetra_arena *arena, const uint8_t *bytes, size_t size,
                                  struct tetra_float_graph *g);

#endif
