/* How many windows fit a plane, and how many elements of one lie inside. */
#include "tetra/window.h"
#include "tetra/ceil_div.h"

#include <stdint.h>

int tetra_window_steps(int in, int k, int stride, int dilation, int before, int after) {
  const int64_t span = (int64_t)in + before + after - ((int64_t)(k - 1) * dilation + 1);
  return span < 0 ? 0 : (int)(span / stride + 1);
}

int tetra_window_out_h(const struct tetra_window *w, int in_h) {
  return tetra_window_steps(in_h, w->kh, w->stride_y, w->dilation_y, w->pad.top, w->pad.bottom);
}

int tetra_window_out_w(const struct tetra_window *w, int in_w) {
  return tetra_window_steps(in_w, w->kw, w->stride_x, w->dilation_x, w->pad.left, w->pad.right);
}

/* Multiples of `step` in [0, distance). */
static int steps_below(int distance, int step) { return distance <= 0 ? 0 : tetra_ceil_div(distance, step); }

int tetra_window_count(int first, int k, int dilation, int from, int to) {
  const int before = steps_below(from - first, dilation), until = steps_below(to - first, dilation);
  const int end = until < k ? until : k;
  return end > before ? end - before : 0;
}
