/* Float32 tensors and operations of the calibration run. Private to the library. */
#ifndef TETRA_FLOAT_OPS_H
#define TETRA_FLOAT_OPS_H

#include <stddef.h>

#include "tetra/status.h"
#include "tetra/window.h"

/* NHWC. n may be 0: then only the shape counts, and operations do nothing but derive shapes. */
struct ftensor {
  int n, h, w, c;
  float *v; /* owned */
};

/* Uninitialized values. TETRA_ENOMEM; *t is then empty. */
TETRA_NODISCARD int ftensor_init(struct ftensor *t, int n, int h, int w, int c, struct tetra_error *err);
void ftensor_free(struct ftensor *t);
static inline size_t ftensor_pixels(const struct ftensor *t) { return (size_t)t->n * (size_t)t->h * (size_t)t->w; }
static inline size_t ftensor_size(const struct ftensor *t) { return ftensor_pixels(t) * (size_t)t->c; }

/* The kh*kw*c elements under output pixel (oy, ox) of one image [h][w][c], in the weights' order; padding is 0. */
void float_gather(const struct tetra_window *win, int h, int w, int c, const float *image, int oy, int ox, float *row);
/* out = conv(in, w), w [cout][kh][kw][cin], zero padding: im2col by bands of rows and sgemm. Allocates out. Where both
 * hold whole numbers whose partial sums stay below 2^24 the result is exact, whatever order BLAS adds in. */
TETRA_NODISCARD int float_conv(const struct tetra_window *win, int cout, const struct ftensor *in, const float *w,
                               struct ftensor *out, struct tetra_error *err);
/* out = max over the window, which is not dilated; padding never wins. Allocates out. */
TETRA_NODISCARD int float_maxpool(const struct tetra_window *win, const struct ftensor *in, struct ftensor *out,
                                  struct tetra_error *err);
/* out[n][1][1][c] = sum over the plane. Allocates out. */
TETRA_NODISCARD int float_plane_sum(const struct ftensor *in, struct ftensor *out, struct tetra_error *err);

/* Mean and (biased) variance per channel over the first n_images images; of no images 0 and 1. */
void float_moments(const struct ftensor *t, int n_images, double *mean, double *var);
/* out = t * mult[channel] + offset[channel]; out has t's shape. */
void float_affine(const struct ftensor *t, const double *mult, const double *offset, struct ftensor *out);
/* a += scale * b. */
void float_add(struct ftensor *a, const struct ftensor *b, float scale);
void float_relu(struct ftensor *t);
/* Largest and root-mean-square magnitude over the first n_images images; of no images 1. */
void float_range(const struct ftensor *t, int n_images, float *max, float *rms);

#endif
