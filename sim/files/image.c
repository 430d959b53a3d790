/* Decoded pictures: their memory, and scaling and cropping to a network's input. */
#include "files/image.h"

#include <stdlib.h>
#include <string.h>

int sim_image_alloc(const char *path, uint64_t n, uint64_t h, uint64_t w, struct sim_image *image,
                    struct tetra_error *err) {
  if (n < 1 || h < 1 || w < 1 || h > SIM_IMAGE_MAX_SIDE || w > SIM_IMAGE_MAX_SIDE || n > SIM_IMAGE_MAX_BYTES ||
      n * h * w > SIM_IMAGE_MAX_BYTES / 3) {
    return tetra_fail(err, TETRA_EINVAL,
                      "image '%s' has %llu x %llu x %llu pixels; sides of 1..%d and %u MiB in all are accepted", path,
                      (unsigned long long)n, (unsigned long long)h, (unsigned long long)w, SIM_IMAGE_MAX_SIDE,
                      SIM_IMAGE_MAX_BYTES >> 20);
  }
  image->n = (int)n;
  image->h = (int)h;
  image->w = (int)w;
  image->rgb = malloc((size_t)(n * h * w * 3));
  if (image->rgb == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for image '%s'", path);
  return TETRA_OK;
}

void sim_image_free(struct sim_image *image) {
  free(image->rgb);
  memset(image, 0, sizeof *image);
}

/* Where output coordinate `to` of a side scaled from `from` to `size` pixels lies in the source, in 1/65536 pixel. */
static int64_t source_position(int to, int from, int size) {
  const int64_t p = (((int64_t)2 * to + 1) * from * 65536 / size - 65536) / 2;
  const int64_t last = (int64_t)(from - 1) * 65536;
  return p < 0 ? 0 : p > last ? last : p;
}

static uint8_t blend(const uint8_t *top, const uint8_t *bottom, int right, int64_t fx, int64_t fy) {
  const int64_t a = top[0] * (65536 - fx) + top[right] * fx;
  const int64_t b = bottom[0] * (65536 - fx) + bottom[right] * fx;
  return (uint8_t)((a * (65536 - fy) + b * fy + ((int64_t)1 << 31)) >> 32);
}

void sim_image_fit(const struct sim_image *image, int n, int size, uint8_t *rgb) {
  const int h = image->h, w = image->w;
  const uint8_t *src = image->rgb + (size_t)n * (size_t)h * (size_t)w * 3;
  if (h == size && w == size) {
    memcpy(rgb, src, (size_t)size * (size_t)size * 3);
    return;
  }
  const int shorter = h < w ? h : w;
  const int target = (size * 256 + 112) / 224;
  const int sh = (int)(((int64_t)h * target + shorter / 2) / shorter);
  const int sw = (int)(((int64_t)w * target + shorter / 2) / shorter);
  const int top = (sh - size) / 2, left = (sw - size) / 2;
  for (int y = 0; y < size; y++) {
    const int64_t py = source_position(y + top, h, sh);
    const int y0 = (int)(py >> 16);
    const uint8_t *row0 = src + (size_t)y0 * (size_t)w * 3;
    const uint8_t *row1 = y0 + 1 < h ? row0 + (size_t)w * 3 : row0;
    for (int x = 0; x < size; x++) {
      const int64_t px = source_position(x + left, w, sw);
      const int x0 = (int)(px >> 16), right = x0 + 1 < w ? 3 : 0;
      for (int c = 0; c < 3; c++) {
        rgb[((size_t)y * (size_t)size + (size_t)x) * 3 + (size_t)c] =
            blend(row0 + 3 * x0 + c, row1 + 3 * x0 + c, right, px & 65535, py & 65535);
      }
    }
  }
}
