/* Seeded numbers that are the same on every machine: integer generator, one stream per name. Private to the library. */
#ifndef TETRA_SYNTH_H
#define TETRA_SYNTH_H

#include <stddef.h>
#include <stdint.h>

struct synth {
  uint64_t state;
};

/* The stream of `name` under `seed`; streams of different names are independent. */
struct synth synth_open(uint64_t seed, const char *name);
uint64_t synth_next(struct synth *s);
/* Uniform in [lo, hi). */
float synth_uniform(struct synth *s, float lo, float hi);
/* n weights of mean 0 and the given standard deviation: sums of four uniforms, so |w| <= 3.47 of it. */
void synth_weights(struct synth *s, float std, size_t n, float *w);

#endif
