/* splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014). */
#include "nets/synth.h"

static const uint64_t kGolden = 0x9e3779b97f4a7c15u;

static inline uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

struct synth synth_open(uint64_t seed, const char *name) {
  uint64_t h = mix(seed + kGolden);
  for (; *name; name++) h = mix((h ^ (uint64_t)(unsigned char)*name) + kGolden);
  return (struct synth){h};
}

uint64_t synth_next(struct synth *s) { return mix(s->state += kGolden); }

float synth_uniform(struct synth *s, float lo, float hi) {
  const float u = (float)(synth_next(s) >> 40) * (1.0f / 16777216.0f);
  return lo + (hi - lo) * u;
}

void synth_weights(struct synth *s, float std, size_t n, float *w) {
  /* Four 16-bit uniforms: mean 4 * 65535 / 2, standard deviation sqrt(4 * (2^32 - 1) / 12). */
  const float unit = std / 37837.227f;
  const uint64_t base = s->state;
  for (size_t i = 0; i < n; i++) {
    const uint64_t z = mix(base + (uint64_t)(i + 1) * kGolden);
    const int sum = (int)((z & 0xffff) + (z >> 16 & 0xffff) + (z >> 32 & 0xffff) + (z >> 48));
    w[i] = (float)(sum - 131070) * unit;
  }
  s->state = base + (uint64_t)n * kGolden;
}
