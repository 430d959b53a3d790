/* Division upwards. */
#ifndef TETRA_CEIL_DIV_H
#define TETRA_CEIL_DIV_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* a / b rounded up, for a >= 0, b >= 1 and a + b - 1 that fits the type. */
static inline int tetra_ceil_div(int a, int b) { return (a + b - 1) / b; }
static inline int64_t tetra_ceil_div64(int64_t a, int64_t b) { return (a + b - 1) / b; }
static inline size_t tetra_ceil_div_size(size_t a, size_t b) { return (a + b - 1) / b; }

/* The least multiple of b that is n or more. */
static inline size_t tetra_round_up(size_t n, size_t b) { return tetra_ceil_div_size(n, b) * b; }

#ifdef __cplusplus
}
#endif
#endif
