/* Scales and crops a picture to a network's input. */
#include <stdlib.h>
#include <string.h>

#include "files/image.h"

#define WEIGHT_BITS 22 /* as Pillow's: a weight and 255 times it fit 32 bits */

/* Source pixels that make an output pixel. */
struct tap {
  int first, n;
};

/* The source pixels and their weights for each of `n` output pixels along one side. */
struct taps {
  int n, most; /* most: source pixels of one output pixel, at most */
  struct tap *taps;
  int32_t *weights; /* [n][most] */
};

static void taps_free(struct taps *t) {
  free(t->taps);
  free(t->weights);
}

/* Twice the distance between the centres of source pixel `x` and output pixel `to`, in 1/(from * size) of the side. */
static int64_t distance(int x, int to, int from, int size) {
  const int64_t d = (2 * (int64_t)x + 1) * size - (2 * (int64_t)to + 1) * from;
  return d < 0 ? -d : d;
}

/* Output pixel `to` of a side of `from` pixels scaled to `size`: the triangle's heights are whole numbers in the unit
 * of distance(), so that no weight depends on how a machine rounds. */
static struct tap fill_tap(int to, int from, int size, int32_t *weights) {
  const int64_t reach = 2 * (int64_t)(from > size ? from : size);
  const int64_t begin = ((2 * (int64_t)to + 1) * from - reach) / (2 * (int64_t)size) - 1;
  int x = begin < 0 ? 0 : (int)begin;
  while (distance(x, to, from, size) >= reach) x++;
  struct tap tap = {x, 0};
  int64_t sum = 0;
  for (; x < from && distance(x, to, from, size) < reach; x++) sum += reach - distance(x, to, from, size);
  for (; tap.first + tap.n < x; tap.n++) {
    const int64_t height = reach - distance(tap.first + tap.n, to, from, size);
    weights[tap.n] = (int32_t)(((height << (WEIGHT_BITS + 1)) + sum) / (2 * sum));
  }
  return tap;
}

/* For output pixels offset .. offset + n - 1 of a side of `from` pixels scaled to `size`. */
static int taps_init(struct taps *t, int from, int size, int offset, int n, struct tetra_error *err) {
  t->n = n;
  t->most = 2 * (from > size ? (from + size - 1) / size : 1) + 1;
  t->taps = malloc((size_t)n * sizeof *t->taps);
  t->weights = calloc((size_t)n * (size_t)t->most, sizeof *t->weights);
  if (t->taps == NULL || t->weights == NULL)
    return tetra_fail(err, TETRA_ENOMEM, "no memory to scale an image to %d pixels", size);
  for (int i = 0; i < n; i++) t->taps[i] = fill_tap(offset + i, from, size, t->weights + (size_t)i * (size_t)t->most);
  return TETRA_OK;
}

/* Output pixel i from a row or column, of which `src` has the pixels from number `begin` on, `step` bytes apart. */
static void weigh(const struct taps *t, int i, const uint8_t *src, int begin, size_t step, uint8_t rgb[3]) {
  const int32_t *weights = t->weights + (size_t)i * (size_t)t->most;
  src += (size_t)(t->taps[i].first - begin) * step;
  for (int c = 0; c < 3; c++) {
    int64_t sum = 1 << (WEIGHT_BITS - 1);
    for (int k = 0; k < t->taps[i].n; k++) sum += (int64_t)weights[k] * src[(size_t)k * step + (size_t)c];
    const int64_t code = sum >> WEIGHT_BITS;
    rgb[c] = (uint8_t)(code > 255 ? 255 : code);
  }
}

/* The rows of the source that the columns want, scaled to the output's width; then the columns. */
static int scale(const uint8_t *src, int w, const struct taps *across, const struct taps *down, uint8_t *rgb,
                 struct tetra_error *err) {
  const struct tap last = down->taps[down->n - 1];
  const int begin = down->taps[0].first, end = last.first + last.n;
  const size_t row = (size_t)across->n * 3;
  uint8_t *rows = malloc((size_t)(end - begin) * row);
  if (rows == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory to scale an image of %d columns", w);
  for (int y = begin; y < end; y++)
    for (int x = 0; x < across->n; x++)
      weigh(across, x, src + (size_t)y * (size_t)w * 3, 0, 3, rows + (size_t)(y - begin) * row + (size_t)x * 3);
  for (int y = 0; y < down->n; y++)
    for (int x = 0; x < across->n; x++)
      weigh(down, y, rows + (size_t)x * 3, begin, row, rgb + (size_t)y * row + (size_t)x * 3);
  free(rows);
  return TETRA_OK;
}

/* Half of an even difference, or the even one of the two numbers beside it. */
static int crop_offset(int side, int size) {
  const int d = side - size;
  return d / 2 + (d % 2 != 0 && d / 2 % 2 != 0);
}

int sim_image_fit(const struct sim_image *image, int n, int size, uint8_t *rgb, struct tetra_error *err) {
  const int h = image->h, w = image->w;
  const uint8_t *src = image->rgb + (size_t)n * (size_t)h * (size_t)w * 3;
  if (h == size && w == size) {
    memcpy(rgb, src, (size_t)size * (size_t)size * 3);
    return TETRA_OK;
  }
  const int shorter = h < w ? h : w;
  const int target = (size * 256 + 112) / 224;
  const int sh = (int)((int64_t)h * target / shorter), sw = (int)((int64_t)w * target / shorter);
  struct taps across = {0}, down = {0};
  int rc = taps_init(&across, w, sw, crop_offset(sw, size), size, err);
  if (rc == TETRA_OK) rc = taps_init(&down, h, sh, crop_offset(sh, size), size, err);
  if (rc == TETRA_OK) rc = scale(src, w, &across, &down, rgb, err);
  taps_free(&across);
  taps_free(&down);
  return rc;
}

int sim_image_part(const struct sim_image *image, int y, int x, int h, int w, int size, uint8_t *rgb,
                   struct tetra_error *err) {
  const uint8_t *src = image->rgb + ((size_t)y * (size_t)image->w + (size_t)x) * 3;
  struct taps across = {0}, down = {0};
  int rc = taps_init(&across, w, size, 0, size, err);
  if (rc == TETRA_OK) rc = taps_init(&down, h, size, 0, size, err);
  if (rc == TETRA_OK) rc = scale(src, image->w, &across, &down, rgb, err);
  taps_free(&across);
  taps_free(&down);
  return rc;
}
