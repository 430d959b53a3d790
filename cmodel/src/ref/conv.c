/* Convolution by the plain loops, and the max pool that may be fused into it. */
#include "core/graph_internal.h"

static int32_t one_pixel(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c) {
  const size_t array = tetra_op_array(op, in->d.c);
  size_t w = (size_t)c * tetra_op_kernel(op, in->d.c);
  const int first = tetra_op_first_cin(op, in->d.c, c), end = first + tetra_op_group_cin(op, in->d.c);
  int32_t acc = 0;
  for (int ky = 0; ky < op->win.kh; ky++) {
    int iy = oy * op->win.stride_y - op->win.pad.top + ky * op->win.dilation_y;
    for (int kx = 0; kx < op->win.kw; kx++) {
      int ix = ox * op->win.stride_x - op->win.pad.left + kx * op->win.dilation_x;
      int inside = iy >= 0 && iy < in->d.h && ix >= 0 && ix < in->d.w;
      for (int ci = first; ci < end; ci++) {
        int code = inside ? tetra_tensor_get(in, n, iy, ix, ci) : op->pad_code;
        acc += code * tetra_op_weight(op, array, w++);
      }
    }
  }
  return acc;
}

int32_t tetra_ref_conv(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c) {
  if (!op->pool) return one_pixel(op, in, n, oy, ox, c);
  const int h = tetra_op_plane_h(op, in->d.h), w = tetra_op_plane_w(op, in->d.w);
  int32_t most = INT32_MIN;
  for (int y = 2 * oy - op->pool_pad_top; y < 2 * oy - op->pool_pad_top + 3; y++)
    for (int x = 2 * ox - op->pool_pad_left; x < 2 * ox - op->pool_pad_left + 3; x++) {
      if (y < 0 || y >= h || x < 0 || x >= w) continue;
      const int32_t acc = one_pixel(op, in, n, y, x, c);
      most = acc > most ? acc : most;
    }
  return most;
}
