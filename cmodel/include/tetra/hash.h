/* A number for bytes that are to be told apart: FNV-1a of 64 bits (Fowler, Noll, Vo). Not against people who look for
 * bytes of the same number. */
#ifndef TETRA_HASH_H
#define TETRA_HASH_H

#include <stddef.h>
#include <stdint.h>

#define TETRA_HASH_START UINT64_C(0xcbf29ce484222325)

/* The hash of all bytes before, which is h (TETRA_HASH_START: none), and of these n. */
static inline uint64_t tetra_hash(uint64_t h, const void *bytes, size_t n) {
  const unsigned char *p = (const unsigned char *)bytes;
  for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * UINT64_C(0x100000001b3);
  return h;
}

#endif
