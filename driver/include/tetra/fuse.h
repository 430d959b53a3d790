/* Ops of a graph that the accelerator does on the way: clamps of codes and the stem's max pool become part of the op
 * that makes what they read. */
#ifndef TETRA_FUSE_H
#define TETRA_FUSE_H

#include "tetra/caps.h"
#include "tetra/graph.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Values that are no longer in a graph. */
struct tetra_fused {
  char (*names)[TETRA_NAME_MAX];
  int n;
};

/* Fuses what can be fused without changing a code of any value that stays, for hardware that has `caps`:
 *
 * - pools over windows of one pixel that only move and clamp codes (a ReLU of its own, a quantization that changes the
 *   zero point): they become the clamp of the op before, or its second output where its first one is read by others;
 * - a 3x3 max pool of stride 2 behind the convolution over the image, where two rows of that fit an accumulator tile.
 *
 * *g owns its ops and has passed tetra_graph_check; it passes it afterwards. The values that disappear are in *gone,
 * freed by the caller with tetra_fused_free, also after an error. TETRA_ENOMEM: *g is as fused as it was by then. */
TETRA_NODISCARD int tetra_fuse(struct tetra_graph *g, const struct tetra_caps *caps, struct tetra_fused *gone,
                               struct tetra_error *err);
/* Frees the names and zeroes the list. */
void tetra_fused_free(struct tetra_fused *gone);

#ifdef __cplusplus
}
#endif
#endif
