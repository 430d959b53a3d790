/* The inner loops of convolution, forward and backward: sums over the taps of a window, for all pixels of a plane.
 *
 * Planes are NHWC and surrounded by the zeros that padding adds, so no tap ever needs a test. A tap is an offset, which
 * makes one loop serve every stride, every dilation, and both directions: backward, a gradient's pixel is a sum over
 * taps of the output's gradient. Channels of an output are the lanes of vectors. */
#ifndef TRAIN_KERNEL_H
#define TRAIN_KERNEL_H

#include <stddef.h>

struct train_taps {
  int n;
  ptrdiff_t *at; /* in floats, from a pixel's own place in the input */
};

/* Where the pixels of a plane are: in floats, from one to the next of a row, and from row to row. */
struct train_raster {
  int rows, columns;
  ptrdiff_t x_step, x_row; /* in the input */
  ptrdiff_t y_step, y_row; /* in the output */
};

/* y[co] = sum over taps t and channels ci of x[at[t] + ci] * w[(t * cin + ci) * wide + co] for each pixel; `wide` is
 * cout rounded up to whole vectors, and w's lanes beyond cout are zeros. y is written, cout floats a pixel. */
void train_sum_taps(const struct train_taps *taps, const struct train_raster *r, int cin, int cout, const float *x,
                    const float *w, float *y);

/* dw[(t * cin + ci) * wide + co] += sum over pixels of x[at[t] + ci] * dy[co]; dy has `wide` floats a pixel, zeros
 * beyond cout (r's y steps are dy's). */
void train_sum_pixels(const struct train_taps *taps, const struct train_raster *r, int cin, int cout, const float *x,
                      const float *dy, float *dw);

#endif
