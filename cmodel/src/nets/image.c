/* Images: normalization and quantization of a user's, and a synthetic one. */
#include <math.h>
#include <stddef.h>

#include "nets/image.h"
#include "nets/synth.h"
#include "tetra/network.h"
#include "tetra/quantize.h"

/* ImageNet's channel means and standard deviations, of pixels scaled to 0..1. */
static const float kMean[3] = {0.485f, 0.456f, 0.406f};
static const float kStd[3] = {0.229f, 0.224f, 0.225f};

void tetra_image_levels(float levels[3][256]) {
  for (int c = 0; c < 3; c++) {
    for (int i = 0; i < 256; i++) levels[c][i] = ((float)i / 255.0f - kMean[c]) / kStd[c];
  }
}

float tetra_image_bound(void) {
  float levels[3][256], bound = 0.0f;
  tetra_image_levels(levels);
  for (int c = 0; c < 3; c++) {
    bound = fmaxf(bound, fmaxf(fabsf(levels[c][0]), fabsf(levels[c][255])));
  }
  return bound;
}

int tetra_quantize_image(const uint8_t *rgb, struct tetra_tensor *input, int n, struct tetra_error *err) {
  const struct tetra_desc *d = &input->d;
  if (d->c != 3 || !tetra_fmt_signed(d->fmt) || d->zero_point != 0) {
    return tetra_fail(err, TETRA_EINVAL, "image input is %s with %d channels and zero point %d: want s8 or s4, 3, 0",
                      tetra_fmt_name(d->fmt), d->c, d->zero_point);
  }
  if (n < 0 || n >= d->n) return tetra_fail(err, TETRA_EINVAL, "image %d of a batch of %d", n, d->n);
  float levels[3][256];
  int codes[3][256];
  tetra_image_levels(levels);
  const float s = (float)(1.0 / d->scale);
  for (int c = 0; c < 3; c++) {
    for (int i = 0; i < 256; i++) codes[c][i] = tetra_aqt_quantize(d->fmt, s, levels[c][i]);
  }
  for (int y = 0; y < d->h; y++) {
    for (int x = 0; x < d->w; x++, rgb += 3) {
      for (int c = 0; c < 3; c++) tetra_tensor_set(input, n, y, x, c, codes[c][rgb[c]]);
    }
  }
  return TETRA_OK;
}

/* A filled circle or square in units of 1/4096 of the image's side. */
struct shape {
  int cx, cy, r, square;
  int rgb[3];
};

enum { kShapes = 14, kUnit = 4096 };

static int below(struct synth *s, int n) { return (int)(synth_next(s) % (uint64_t)n); }

static int covers(const struct shape *p, int x, int y) {
  const int dx = x - p->cx, dy = y - p->cy;
  if (p->square) return dx > -p->r && dx < p->r && dy > -p->r && dy < p->r;
  return dx * dx + dy * dy < p->r * p->r;
}

/* The last of the shapes that covers a point, or NULL. */
static const struct shape *topmost(const struct shape *shapes, int x, int y) {
  for (int k = kShapes - 1; k >= 0; k--)
    if (covers(&shapes[k], x, y)) return &shapes[k];
  return NULL;
}

void tetra_synthetic_image(uint64_t seed, int size, uint8_t *rgb) {
  struct synth s = synth_open(seed, "image");
  struct shape shapes[kShapes];
  int corner[4][3]; /* colours that the background blends */
  for (int i = 0; i < 4; i++) {
    for (int c = 0; c < 3; c++) corner[i][c] = below(&s, 256);
  }
  for (int i = 0; i < kShapes; i++) {
    shapes[i] = (struct shape){below(&s, kUnit),
                               below(&s, kUnit),
                               kUnit / 24 + below(&s, kUnit / 5),
                               below(&s, 2),
                               {below(&s, 256), below(&s, 256), below(&s, 256)}};
  }
  for (int i = 0; i < size * size; i++) {
    const int x = i % size * kUnit / size, y = i / size * kUnit / size;
    const int wx[2] = {kUnit - x, x}, wy[2] = {kUnit - y, y};
    const uint64_t noise = synth_next(&s);
    const struct shape *top = topmost(shapes, x, y);
    for (int c = 0; c < 3; c++) {
      int64_t v = 0;
      for (int k = 0; top == NULL && k < 4; k++) v += (int64_t)corner[k][c] * wx[k & 1] * wy[k >> 1];
      int level = top != NULL ? top->rgb[c] : (int)(v / ((int64_t)kUnit * kUnit));
      level += (int)(noise >> (8 * c) & 31) - 16;
      rgb[3 * i + c] = (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
    }
  }
}
