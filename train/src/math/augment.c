/* Which image comes when, and how it is cut out: by seed, epoch and number alone, so that any process, and a run that
 * goes on later, does the same. */
#include <math.h>

#include "math/random.h"
#include "tetra/train.h"

enum { ORDER = 1, CROP = 2, PART = 3 }; /* streams of random numbers */

static uint64_t stream(uint64_t seed, uint64_t epoch, int what) {
  return train_bits(seed ^ (uint64_t)what << 56, epoch);
}

void tetra_train_order(uint64_t seed, int epoch, int n, int *order) {
  const uint64_t s = stream(seed, (uint64_t)epoch, ORDER);
  for (int i = 0; i < n; i++) order[i] = i;
  for (int i = n - 1; i > 0; i--) {
    const int j = (int)(train_bits(s, (uint64_t)i) % (uint64_t)(i + 1)), k = order[i];
    order[i] = order[j];
    order[j] = k;
  }
}

struct tetra_train_crop tetra_train_crop_of(uint64_t seed, int epoch, int image, int margin) {
  const uint64_t bits = train_bits(stream(seed, (uint64_t)epoch, CROP), (uint64_t)image);
  const uint64_t places = 2 * (uint64_t)margin + 1;
  return (struct tetra_train_crop){.dy = (int)((bits >> 32) % places) - margin,
                                   .dx = (int)((bits & 0xffffffffu) % places) - margin,
                                   .flip = (int)(train_bits(bits, 1) & 1)};
}

/* In 0..1, the k-th of a picture. */
static double uniform(uint64_t s, int k) { return (double)(train_bits(s, (uint64_t)k) >> 11) * 0x1p-53; }

struct tetra_train_part tetra_train_part_of(uint64_t seed, int epoch, int image, int h, int w) {
  enum { TRIES = 10, NUMBERS = 4 };
  const uint64_t s = train_bits(stream(seed, (uint64_t)epoch, PART), (uint64_t)image);
  const int side = h < w ? h : w;
  struct tetra_train_part p = {(h - side) / 2, (w - side) / 2, side, side, (int)(train_bits(s, TRIES * NUMBERS) & 1)};
  for (int k = 0; k < TRIES * NUMBERS; k += NUMBERS) {
    const double area = (0.08 + 0.92 * uniform(s, k)) * h * w, ratio = exp((2 * uniform(s, k + 1) - 1) * log(4.0 / 3));
    const int width = (int)lround(sqrt(area * ratio)), height = (int)lround(sqrt(area / ratio));
    if (width < 1 || height < 1 || width > w || height > h) continue;
    p.w = width;
    p.h = height;
    p.y = (int)(uniform(s, k + 2) * (h - height + 1));
    p.x = (int)(uniform(s, k + 3) * (w - width + 1));
    break;
  }
  return p;
}
