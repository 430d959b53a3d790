/* Float tensors, pools, sums and element-wise operations of the calibration run. Loops keep one order, so results do
 * not depend on the machine.
 */
#include "float/ops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int ftensor_init(struct ftensor *t, int n, int h, int w, int c, struct tetra_error *err) {
  *t = (struct ftensor){n, h, w, c, NULL};
  const size_t bytes = ftensor_size(t) * sizeof *t->v;
  t->v = malloc(bytes != 0 ? bytes : 1);
  if (!t->v) return tetra_fail(err, TETRA_ENOMEM, "no memory for %zu bytes of a %dx%dx%dx%d tensor", bytes, n, h, w, c);
  return TETRA_OK;
}

void ftensor_free(struct ftensor *t) {
  free(t->v);
  memset(t, 0, sizeof *t);
}

int float_plane_sum(const struct ftensor *in, struct ftensor *out, struct tetra_error *err) {
  const int rc = ftensor_init(out, in->n, 1, 1, in->c, err);
  if (rc != TETRA_OK) return rc;
  const size_t plane = (size_t)in->h * (size_t)in->w, c = (size_t)in->c;
  memset(out->v, 0, ftensor_size(out) * sizeof *out->v);
  for (size_t p = 0; p < ftensor_pixels(in); p++) {
    float *sum = out->v + p / plane * c;
    for (size_t i = 0; i < c; i++) sum[i] += in->v[p * c + i];
  }
  return TETRA_OK;
}

/* One output pixel of the max-pool. */
static void max_window(const struct tetra_window *win, const struct ftensor *in, int n, int y0, int x0, float *dst) {
  const size_t ch = (size_t)in->c;
  for (size_t i = 0; i < ch; i++) dst[i] = -INFINITY;
  for (int y = y0 < 0 ? 0 : y0; y < y0 + win->kh && y < in->h; y++) {
    for (int x = x0 < 0 ? 0 : x0; x < x0 + win->kw && x < in->w; x++) {
      const float *src = in->v + (((size_t)n * (size_t)in->h + (size_t)y) * (size_t)in->w + (size_t)x) * ch;
      for (size_t i = 0; i < ch; i++) dst[i] = src[i] > dst[i] ? src[i] : dst[i];
    }
  }
}

int float_maxpool(const struct tetra_window *win, const struct ftensor *in, struct ftensor *out,
                  struct tetra_error *err) {
  const int rc = ftensor_init(out, in->n, tetra_window_out_h(win, in->h), tetra_window_out_w(win, in->w), in->c, err);
  if (rc != TETRA_OK) return rc;
  float *dst = out->v;
  for (int n = 0; n < in->n; n++) {
    for (int oy = 0; oy < out->h; oy++) {
      for (int ox = 0; ox < out->w; ox++, dst += in->c) {
        max_window(win, in, n, oy * win->stride_y - win->pad.top, ox * win->stride_x - win->pad.left, dst);
      }
    }
  }
  return TETRA_OK;
}

void float_moments(const struct ftensor *t, int n_images, double *mean, double *var) {
  const size_t c = (size_t)t->c, pixels = (size_t)n_images * (size_t)t->h * (size_t)t->w;
  for (size_t i = 0; i < c; i++) mean[i] = var[i] = 0;
  for (size_t p = 0; p < pixels; p++) {
    const float *v = t->v + p * c;
    for (size_t i = 0; i < c; i++) {
      const double x = (double)v[i];
      mean[i] += x;
      var[i] += x * x;
    }
  }
  for (size_t i = 0; i < c && pixels == 0; i++) var[i] = 1;
  for (size_t i = 0; i < c && pixels != 0; i++) {
    mean[i] /= (double)pixels;
    var[i] = fmax(0.0, var[i] / (double)pixels - mean[i] * mean[i]);
  }
}

void float_affine(const struct ftensor *t, const double *mult, const double *offset, struct ftensor *out) {
  const size_t c = (size_t)t->c, pixels = ftensor_pixels(t);
  for (size_t p = 0; p < pixels; p++) {
    const float *v = t->v + p * c;
    float *y = out->v + p * c;
    for (size_t i = 0; i < c; i++) y[i] = (float)((double)v[i] * mult[i] + offset[i]);
  }
}

void float_add(struct ftensor *a, const struct ftensor *b, float scale) {
  const size_t n = ftensor_size(a);
  for (size_t i = 0; i < n; i++) a->v[i] += b->v[i] * scale;
}

void float_relu(struct ftensor *t) {
  const size_t n = ftensor_size(t);
  for (size_t i = 0; i < n; i++) t->v[i] = t->v[i] > 0.0f ? t->v[i] : 0.0f;
}

void float_range(const struct ftensor *t, int n_images, float *max, float *rms) {
  enum { kLanes = 8 }; /* a fixed number of partial sums, so that the order does not depend on the compiler */
  double sum[kLanes] = {0};
  float top[kLanes] = {0};
  const size_t n = (size_t)n_images * (size_t)t->h * (size_t)t->w * (size_t)t->c;
  *max = *rms = 1;
  if (n == 0) return;
  for (size_t i = 0; i < n; i += kLanes) {
    const size_t lanes = n - i < kLanes ? n - i : kLanes;
    for (size_t k = 0; k < lanes; k++) {
      const float a = fabsf(t->v[i + k]);
      top[k] = a > top[k] ? a : top[k];
      sum[k] += (double)a * (double)a;
    }
  }
  double total = 0;
  *max = 0;
  for (size_t k = 0; k < kLanes; k++) {
    total += sum[k];
    *max = top[k] > *max ? top[k] : *max;
  }
  *rms = (float)sqrt(total / (double)n);
}
