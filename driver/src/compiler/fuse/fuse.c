/* Fusing: op by op, until none can be fused. */
#include <stdlib.h>
#include <string.h>

#include "compiler/fuse/clamp.h"
#include "compiler/fuse/pool.h"
#include "tetra/fuse.h"

int tetra_fuse(struct tetra_graph *g, const struct tetra_caps *caps, struct tetra_fused *gone,
               struct tetra_error *err) {
  *gone = (struct tetra_fused){calloc((size_t)g->n_ops, sizeof *gone->names), 0};
  if (!gone->names) return tetra_fail(err, TETRA_ENOMEM, "no memory to fuse the network's operations");
  int rc = TETRA_OK;
  for (int i = 0; i < g->n_ops && rc == TETRA_OK;) {
    int done = 0;
    rc = fuse_clamp(g, i, gone, &done, err);
    if (rc == TETRA_OK && !done) rc = fuse_pool(g, i, caps, gone, &done, err);
    if (!done) i++; /* otherwise the next op is in its place */
  }
  return rc;
}

void tetra_fused_free(struct tetra_fused *gone) {
  free(gone->names);
  memset(gone, 0, sizeof *gone);
}
