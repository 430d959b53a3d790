/* Weights of built-in networks: random, of a seed and a name. */
#include "nets/synth.h"

#include "tetra/random.h"

struct synth synth_open(uint64_t seed, const char *name) {
  uint64_t h = tetra_random_mix(seed + TETRA_RANDOM_STEP);
  for (; *name; name++) h = tetra_random_mix((h ^ (uint64_t)(unsigned char)*name) + TETRA_RANDOM_STEP);
  return (struct synth){h};
}

uint64_t synth_next(struct synth *s) { return tetra_random(&s->state); }

float synth_uniform(struct synth *s, float lo, float hi) {
  const float u = (float)(synth_next(s) >> 40) * (1.0f / 16777216.0f);
  return lo + (hi - lo) * u;
}

void synth_weights(struct synth *s, float std, size_t n, float *w) {
  /* Four 16-bit uniforms: mean 4 * 65535 / 2, standard deviation sqrt(4 * (2^32 - 1) / 12). */
  const float unit = std / 37837.227f;
  const uint64_t base = s->state;
  for (size_t i = 0; i < n; i++) {
    const uint64_t z = tetra_random_mix(base + (uint64_t)(i + 1) * TETRA_RANDOM_STEP);
    const int sum = (int)((z & 0xffff) + (z >> 16 & 0xffff) + (z >> 32 & 0xffff) + (z >> 48));
    w[i] = (float)(sum - 131070) * unit;
  }
  s->state = base + (uint64_t)n * TETRA_RANDOM_STEP;
}
