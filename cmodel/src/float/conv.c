/* Convolution of the calibration run: im2col by bands, one sgemm a band. */
#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "float/ops.h"

enum { kBandFloats = 1 << 20 }; /* 4 MiB: stays near the caches, and is large enough for BLAS to use its threads */

/* One output pixel's k*k*cin inputs. Kernel rows inside the image are copied as one run of pixels. */
static void gather(const struct resnet_conv *c, const float *image, int oy, int ox, float *dst) {
  const size_t cin = (size_t)c->cin;
  const int x0 = ox * c->stride - c->pad_left;
  const int from = x0 < 0 ? -x0 : 0, to = x0 + c->k > c->w ? c->w - x0 : c->k;
  for (int ky = 0; ky < c->k; ky++, dst += (size_t)c->k * cin) {
    const int y = oy * c->stride - c->pad_top + ky;
    if (y < 0 || y >= c->h || from > 0 || to < c->k) memset(dst, 0, (size_t)c->k * cin * sizeof *dst);
    if (y < 0 || y >= c->h || from >= to) continue;
    const float *row = image + (size_t)y * (size_t)c->w * cin;
    memcpy(dst + (size_t)from * cin, row + (size_t)(x0 + from) * cin, (size_t)(to - from) * cin * sizeof *dst);
  }
}

static void product(const struct resnet_conv *c, size_t pixels, const float *cols, const float *w, float *out) {
  const int k = c->k * c->k * c->cin;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)pixels, c->cout, k, 1.0f, cols, k, w, k, 0.0f, out,
              c->cout);
}

int float_conv(const struct resnet_conv *c, const struct ftensor *in, const float *w, struct ftensor *out,
               struct tetra_error *err) {
  int rc = ftensor_init(out, in->n, c->ho, c->wo, c->cout, err);
  if (rc != TETRA_OK) return rc;
  const size_t total = ftensor_pixels(out);
  if (total == 0) return TETRA_OK;
  if (c->k == 1 && c->stride == 1) {
    product(c, total, in->v, w, out->v);
    return TETRA_OK;
  }
  const size_t k = (size_t)c->k * (size_t)c->k * (size_t)c->cin;
  const size_t band = k < kBandFloats ? kBandFloats / k : 1;
  float *cols = malloc(band * k * sizeof *cols);
  if (!cols) {
    ftensor_free(out);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for im2col of %s", c->name);
  }
  const size_t plane = (size_t)c->ho * (size_t)c->wo, image = (size_t)c->h * (size_t)c->w * (size_t)c->cin;
  for (size_t p0 = 0; p0 < total; p0 += band) {
    const size_t n = total - p0 < band ? total - p0 : band;
    for (size_t i = 0; i < n; i++) {
      const size_t p = p0 + i, at = p % plane;
      gather(c, in->v + p / plane * image, (int)(at / (size_t)c->wo), (int)(at % (size_t)c->wo), cols + i * k);
    }
    product(c, n, cols, w, out->v + p0 * (size_t)c->cout);
  }
  free(cols);
  return TETRA_OK;
}
