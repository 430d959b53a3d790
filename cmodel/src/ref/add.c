/* Addition by the plain loops: the first operand's code; the residual is the other. */
#include "core/graph_internal.h"

int32_t tetra_ref_add(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c) {
  (void)op;
  return tetra_tensor_get(in, n, oy, ox, c);
}
