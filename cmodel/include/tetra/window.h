/* Geometry of the window that a convolution or a pool moves over a plane. */
#ifndef TETRA_WINDOW_H
#define TETRA_WINDOW_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TETRA_WINDOW_MAX 1024 /* largest kernel size, stride, dilation and padding of a graph */

/* Rows and columns that padding adds around a plane, each >= 0. */
struct tetra_pads {
  int top, left, bottom, right;
};
/* Sizes, strides and dilations are >= 1; y and h run along the plane's rows. */
struct tetra_window {
  int kh, kw, stride_y, stride_x, dilation_y, dilation_x;
  struct tetra_pads pad;
};

/* One pixel, every pixel, no padding: of dense layers and element-wise operations. */
static inline struct tetra_window tetra_window_pixel(void) {
  const struct tetra_window one = {1, 1, 1, 1, 1, 1, {0, 0, 0, 0}};
  return one;
}
/* Elements under the window, channels included: the length of a convolution's inner product. */
static inline size_t tetra_window_elements(const struct tetra_window *w, int channels) {
  return (size_t)w->kh * (size_t)w->kw * (size_t)channels;
}
/* Windows along one side: floor((in + before + after - ((k-1)*dilation + 1)) / stride) + 1, 0 where none fits. */
int tetra_window_steps(int in, int k, int stride, int dilation, int before, int after);
/* The same for a window: height and width of the plane it gives over one of in_h x in_w. */
int tetra_window_out_h(const struct tetra_window *w, int in_h);
int tetra_window_out_w(const struct tetra_window *w, int in_w);
/* How many of the k elements first, first + dilation, ... of one window along a side lie in from..to-1. */
int tetra_window_count(int first, int k, int dilation, int from, int to);

#ifdef __cplusplus
}
#endif
#endif
