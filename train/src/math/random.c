/* Random numbers by place: any of them without those before it, so threads, processes and resumed runs agree. */
#include "math/random.h"

#include <math.h>

static uint64_t mix(uint64_t z) { /* the finalizer of SplitMix64 */
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

uint64_t train_bits(uint64_t seed, uint64_t place) {
  return mix(mix(seed + 0x9e3779b97f4a7c15u) + 0x9e3779b97f4a7c15u * (place + 1));
}

static double uniform(uint64_t bits) { return ((double)(bits >> 11) + 0.5) * 0x1p-53; }

double train_normal(uint64_t seed, uint64_t place) {
  const double u = uniform(train_bits(seed, 2 * place)), v = uniform(train_bits(seed, 2 * place + 1));
  return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}
