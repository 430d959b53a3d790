/* Strides and dilations that nothing takes, made small. */
#include "common/stride.h"

/* The least stride, at most `stride`, with which there is one window along `in` elements with their padding. */
static int trim(int stride, int in, int k, int dilation) {
  const int beyond = in - ((k - 1) * dilation + 1) + 1;
  return beyond >= 1 && beyond < stride ? beyond : stride;
}

void import_trim_window(struct tetra_op *op, const struct tetra_desc *in) {
  struct tetra_window *w = &op->win;
  if (w->kh == 1) w->dilation_y = 1;
  if (w->kw == 1) w->dilation_x = 1;
  w->stride_y = trim(w->stride_y, in->h + w->pad.top + w->pad.bottom, w->kh, w->dilation_y);
  w->stride_x = trim(w->stride_x, in->w + w->pad.left + w->pad.right, w->kw, w->dilation_x);
}
