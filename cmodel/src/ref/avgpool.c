#include "core/graph_internal.h"

int32_t tetra_ref_avgpool(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c) {
  int32_t sum = 0;
  for (int ky = 0; ky < op->kh; ky++) {
    int iy = oy * op->stride_y - op->pad_top + ky * op->dilation_y;
    for (int kx = 0; kx < op->kw; kx++) {
      int ix = ox * op->stride_x - op->pad_left + kx * op->dilation_x;
      int inside = iy >= 0 && iy < in->d.h && ix >= 0 && ix < in->d.w;
      sum += inside ? tetra_tensor_get(in, n, iy, ix, c) : op->pad_code;
    }
  }
  return sum;
}
