/* Which image comes when, and how it is cut out: by seed, epoch and number alone, so that any process, and a run that
 * goes on later, does the same. */
#include "math/random.h"
#include "tetra/train.h"

enum { ORDER = 1, CROP = 2 }; /* streams of random numbers */

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
