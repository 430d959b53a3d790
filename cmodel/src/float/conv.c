/* Float convolution over many images: im2col by bands, one sgemm a band. */
#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "float/ops.h"

enum { kBandFloats = 1 << 20 }; /* 4 MiB: stays near the caches, and is large enough for BLAS to use its threads */

/* Elements kx of a kernel row that lie inside the image are from..to-1; of an undilated row they are one run of
 * pixels, copied at once. */
static void gather_row(const struct tetra_window *win, int w, size_t c, const float *line, int x0, float *dst) {
  if (win->dilation_x == 1) {
    const int from = x0 < 0 ? -x0 : 0, to = x0 + win->kw > w ? w - x0 : win->kw;
    if (from < to)
      memcpy(dst + (size_t)from * c, line + (size_t)(x0 + from) * c, (size_t)(to - from) * c * sizeof *dst);
    return;
  }
  for (int kx = 0; kx < win->kw; kx++) {
    const int x = x0 + kx * win->dilation_x;
    if (x >= 0 && x < w) memcpy(dst + (size_t)kx * c, line + (size_t)x * c, c * sizeof *dst);
  }
}

void float_gather(const struct tetra_window *win, int h, int w, int c, const float *image, int oy, int ox, float *row) {
  const size_t ch = (size_t)c, line = (size_t)win->kw * ch;
  const int x0 = ox * win->stride_x - win->pad.left, last = x0 + (win->kw - 1) * win->dilation_x;
  for (int ky = 0; ky < win->kh; ky++, row += line) {
    const int y = oy * win->stride_y - win->pad.top + ky * win->dilation_y, inside = y >= 0 && y < h;
    if (!inside || x0 < 0 || last >= w) memset(row, 0, line * sizeof *row);
    if (inside) gather_row(win, w, ch, image + (size_t)y * (size_t)w * ch, x0, row);
  }
}

static int is_pointwise(const struct tetra_window *win) {
  const struct tetra_pads *p = &win->pad;
  return win->kh == 1 && win->kw == 1 && win->stride_y == 1 && win->stride_x == 1 &&
         (p->top | p->left | p->bottom | p->right) == 0;
}

/* out[pixels][cout] = rows[pixels][k] * w[cout][k] transposed. */
static void product(size_t pixels, int cout, int k, const float *rows, const float *w, float *out) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)pixels, cout, k, 1.0f, rows, k, w, k, 0.0f, out, cout);
}

int float_conv(const struct tetra_window *win, int cout, const struct ftensor *in, const float *w, struct ftensor *out,
               struct tetra_error *err) {
  int rc = ftensor_init(out, in->n, tetra_window_out_h(win, in->h), tetra_window_out_w(win, in->w), cout, err);
  if (rc != TETRA_OK) return rc;
  const size_t total = ftensor_pixels(out), k = tetra_window_elements(win, in->c);
  if (total == 0) return TETRA_OK;
  if (is_pointwise(win)) {
    product(total, cout, (int)k, in->v, w, out->v);
    return TETRA_OK;
  }
  const size_t band = k < kBandFloats ? kBandFloats / k : 1;
  float *rows = malloc(band * k * sizeof *rows);
  if (!rows) {
    ftensor_free(out);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for im2col of %zu elements a pixel", k);
  }
  const size_t plane = (size_t)out->h * (size_t)out->w, image = (size_t)in->h * (size_t)in->w * (size_t)in->c;
  for (size_t p0 = 0; p0 < total; p0 += band) {
    const size_t n = total - p0 < band ? total - p0 : band;
    for (size_t i = 0; i < n; i++) {
      const size_t p = p0 + i, at = p % plane;
      float_gather(win, in->h, in->w, in->c, in->v + p / plane * image, (int)(at / (size_t)out->w),
                   (int)(at % (size_t)out->w), rows + i * k);
    }
    product(n, cout, (int)k, rows, w, out->v + p0 * (size_t)cout);
  }
  free(rows);
  return TETRA_OK;
}
