/* Random numbers that are the same everywhere: splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, OOPSLA 2014). */
#ifndef TETRA_SIM_RANDOM_H
#define TETRA_SIM_RANDOM_H

#include <stdint.h>

/* What the state moves by: number i of the sequence from 0 is the next one of state i * SIM_RANDOM_STEP. */
#define SIM_RANDOM_STEP UINT64_C(0x9e3779b97f4a7c15)

/* The next of the sequence. */
static inline uint64_t sim_random(uint64_t *state) {
  uint64_t z = *state += SIM_RANDOM_STEP;
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

#endif
