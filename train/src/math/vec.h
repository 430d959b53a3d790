/* Vectors of floats as wide as the processor that this is compiled for has them. */
#ifndef TRAIN_VEC_H
#define TRAIN_VEC_H

#include <stddef.h>

#if defined(__AVX512F__)
enum { LANES = 16 };
#elif defined(__AVX__)
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

typedef float vec __attribute__((vector_size(LANES * sizeof(float))));
/* The same anywhere in memory. */
typedef float vec_at __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));

/* c rounded up to whole vectors. */
static inline int whole_vectors(int c) { return (c + LANES - 1) / LANES * LANES; }

#endif
