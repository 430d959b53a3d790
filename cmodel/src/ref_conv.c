#include "graph_internal.h"

int32_t tetra_ref_conv(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c) {
  const int8_t *w = op->weights + (size_t)c * (size_t)op->kh * (size_t)op->kw * (size_t)in->d.c;
  int32_t acc = 0;
  for (int ky = 0; ky < op->kh; ky++) {
    int iy = oy * op->stride_y - op->pad_top + ky * op->dilation_y;
    for (int kx = 0; kx < op->kw; kx++) {
      int ix = ox * op->stride_x - op->pad_left + kx * op->dilation_x;
      int inside = iy >= 0 && iy < in->d.h && ix >= 0 && ix < in->d.w;
      for (int ci = 0; ci < in->d.c; ci++) {
        int code = inside ? tetra_tensor_get(in, n, iy, ix, ci) : op->pad_code;
        acc += code * *w++;
      }
    }
  }
  return acc;
}
