/* Max pool by the plain loops: the largest code in the window, padding left out. */
#include "core/graph_internal.h"

int32_t tetra_ref_maxpool(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c) {
  int32_t best = tetra_fmt_min(in->d.fmt); /* what padding counts as: it never beats a code */
  for (int ky = 0; ky < op->win.kh; ky++) {
    int iy = oy * op->win.stride_y - op->win.pad.top + ky * op->win.dilation_y;
    for (int kx = 0; kx < op->win.kw; kx++) {
      int ix = ox * op->win.stride_x - op->win.pad.left + kx * op->win.dilation_x;
      if (iy < 0 || iy >= in->d.h || ix < 0 || ix >= in->d.w) continue;
      int code = tetra_tensor_get(in, n, iy, ix, c);
      if (code > best) best = code;
    }
  }
  return best;
}
