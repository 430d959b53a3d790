/* Random numbers that are the same everywhere: splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, OOPSLA 2014). */
#ifndef TETRA_RANDOM_H
#define TETRA_RANDOM_H

#include <stdint.h>

/* What the state moves by: number i of the sequence from 0 is the next one of state i * TETRA_RANDOM_STEP. */
#define TETRA_RANDOM_STEP UINT64_C(0x9e3779b97f4a7c15)

/* What a state becomes: a bijection of 64 bits that leaves no trace of how they were related. */
static inline uint64_t tetra_random_mix(uint64_t z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* The next of the sequence: 64 random bits. */
static inline uint64_t tetra_random(uint64_t *state) { return tetra_random_mix(*state += TETRA_RANDOM_STEP); }

#endif
