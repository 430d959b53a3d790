/* Sets of cycles as bits of a word, bit i for cycle i from now. */
#ifndef TETRA_TIMING_BITS_H
#define TETRA_TIMING_BITS_H

#include <stdint.h>

/* The first n of 64 cycles. */
static inline uint64_t bits_first(uint32_t n) { return n >= 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1; }

/* Members among the first eight cycles. */
static inline uint32_t bits_count8(uint32_t x) {
  x -= x >> 1 & 0x55;
  x = (x & 0x33) + (x >> 2 & 0x33);
  return (x + (x >> 4)) & 0x0f;
}

/* The lowest member, which is one of the first eight. */
static inline uint32_t bits_lowest8(uint32_t x) { return bits_count8((x ^ (x - 1)) & 0xff) - 1; }

/* Bits 0 to 31 at even places. */
static inline uint64_t bits_apart(uint64_t x) {
  x &= 0xffffffffu;
  x = (x | x << 16) & 0x0000ffff0000ffffu;
  x = (x | x << 8) & 0x00ff00ff00ff00ffu;
  x = (x | x << 4) & 0x0f0f0f0f0f0f0f0fu;
  x = (x | x << 2) & 0x3333333333333333u;
  return (x | x << 1) & 0x5555555555555555u;
}

/* Members of each byte, as bytes. */
static inline uint64_t bits_by_byte(uint64_t x) {
  x -= x >> 1 & 0x5555555555555555u;
  x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
  return (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
}

static inline uint32_t bits_count(uint64_t x) { return (uint32_t)(bits_by_byte(x) * 0x0101010101010101u >> 56); }

/* `cycles`, or as many as end with member k, counted from 0. */
static inline uint32_t bits_until(uint32_t cycles, uint64_t x, uint32_t k) {
  if (k >= cycles) return cycles;
  const uint64_t ones = 0x0101010101010101u;
  const uint64_t upto = bits_by_byte(x & bits_first(cycles)) * ones; /* members up to each byte's end, 64 at most */
  if (upto >> 56 <= k) return cycles;
  const uint64_t beyond = (upto + (127 - k) * ones) >> 7 & ones; /* bytes that end with more than k */
  const uint32_t at = 64 - 8 * (uint32_t)(beyond * ones >> 56);
  if (at != 0) k -= upto >> (at - 8) & 0xff;
  for (x >>= at; k != 0; k--) x &= x - 1;
  return at + bits_lowest8((uint32_t)x) + 1;
}

/* Every other member of eight cycles, the first included. */
static inline uint32_t bits_every_other8(uint32_t x) {
  uint32_t odd = x ^ x << 1; /* bit i: an odd number of members up to i */
  odd ^= odd << 2;
  return x & (odd ^ odd << 4);
}

/* Of eight cycles, member k for each k that is in `pattern`, which repeats every four. */
static inline uint32_t bits_pick(uint32_t x, uint64_t pattern) {
  const uint32_t even = bits_every_other8(x), odd = x ^ even;
  const uint32_t k0 = bits_every_other8(even), k1 = bits_every_other8(odd);
  return (pattern & 1 ? k0 : 0) | (pattern & 2 ? k1 : 0) | (pattern & 4 ? even ^ k0 : 0) | (pattern & 8 ? odd ^ k1 : 0);
}

/* The first eight cycles, a byte each: 1 or 0. */
static inline uint64_t bits_to_bytes(uint64_t x) {
  const uint64_t own = (x & 0xff) * 0x0101010101010101u & 0x8040201008040201u;
  return (own + 0x7f7f7f7f7f7f7f7fu) >> 7 & 0x0101010101010101u;
}

/* And back. */
static inline uint32_t bits_from_bytes(uint64_t bytes) { return (uint32_t)(bytes * 0x0102040810204080u >> 56); }

#endif
