/* Random numbers by place: any of them without those before it, so threads, processes and resumed runs agree. */
#include "math/random.h"

#include <math.h>

#include "tetra/random.h"

uint64_t train_bits(uint64_t seed, uint64_t place) {
  return tetra_random_mix(tetra_random_mix(seed + TETRA_RANDOM_STEP) + TETRA_RANDOM_STEP * (place + 1));
}

static double uniform(uint64_t bits) { return ((double)(bits >> 11) + 0.5) * 0x1p-53; }

double train_normal(uint64_t seed, uint64_t place) {
  const double u = uniform(train_bits(seed, 2 * place)), v = uniform(train_bits(seed, 2 * place + 1));
  return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}
