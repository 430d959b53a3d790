/* AVX2: vpmaddubsw adds two u8*s8 products in 16 bits and would saturate beyond, so steps in which two can come apart,
 * with weights of 16 bits (see pack.c). Several steps' sums are added in 16 bits too where they fit: always with 4-bit
 * operands. */
#include "fast/kernel.h"

#ifdef __AVX2__
#include "fast/kernels/vec256.h"

/* One step of every pixel and vector. 16 bits: sum of chained steps; else sum in 32. */
INLINE void step(const int pixels, const int vectors, const int chained, const uint8_t *const *p, int32_t offset,
                 const int8_t *w, __m256i sum[kTilePixels][VECTORS]) {
  __m256i weights[VECTORS];
#pragma GCC unroll 2
  for (int v = 0; v < vectors; v++) weights[v] = _mm256_loadu_si256((const __m256i *)(w + LANES * kStep * v));
#pragma GCC unroll 6
  for (int j = 0; j < pixels; j++) {
    int32_t codes;
    memcpy(&codes, p[j] + offset, sizeof codes);
    const __m256i c = _mm256_set1_epi32(codes);
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
      const __m256i two = _mm256_maddubs_epi16(c, weights[v]);
      sum[j][v] = chained ? _mm256_add_epi16(sum[j][v], two)
                          : _mm256_add_epi32(sum[j][v], _mm256_madd_epi16(two, _mm256_set1_epi16(1)));
    }
  }
}

/* One step whose pairs may exceed 16 bits: its even and its odd codes as 16-bit numbers of their own. */
INLINE void wide_step(const int pixels, const int vectors, const uint8_t *const *p, int32_t offset, const int16_t *w,
                      __m256i sum[kTilePixels][VECTORS]) {
#pragma GCC unroll 6
  for (int j = 0; j < pixels; j++) {
    int32_t codes;
    memcpy(&codes, p[j] + offset, sizeof codes);
    const __m256i c = _mm256_set1_epi32(codes), odd = _mm256_srli_epi16(c, 8);
    const __m256i even = _mm256_and_si256(c, _mm256_set1_epi16(255));
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
      const __m256i *of_even = (const __m256i *)(w + LANES * 2 * v), *of_odd = of_even + vectors;
      sum[j][v] = _mm256_add_epi32(sum[j][v], _mm256_madd_epi16(even, _mm256_loadu_si256(of_even)));
      sum[j][v] = _mm256_add_epi32(sum[j][v], _mm256_madd_epi16(odd, _mm256_loadu_si256(of_odd)));
    }
  }
}

INLINE void tile_mn(const int pixels, const int vectors, const struct tetra_block *b, const uint8_t *const *pixel,
                    int32_t *acc) {
  __m256i sum[kTilePixels][VECTORS];
  const uint8_t *p[kTilePixels] = {NULL};
  const int8_t *w = b->weights;
  const int bytes = vectors * LANES * kStep, wide = b->wide;
#pragma GCC unroll 6
  for (int j = 0; j < pixels; j++) {
    p[j] = pixel[j];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) sum[j][v] = load_acc(b->start + LANES * v);
  }
  for (int s = 0; s < wide; s++) wide_step(pixels, vectors, p, b->offsets[s], b->wides + bytes * s, sum);
  if (b->chain < 2)
    for (int s = wide; s < b->steps; s++, w += bytes) step(pixels, vectors, 0, p, b->offsets[s], w, sum);
#pragma GCC unroll 6
  for (int j = 0; j < pixels; j++)
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) _mm256_storeu_si256((__m256i *)(acc + kTileChannels * j + LANES * v), sum[j][v]);
  for (int s = wide; b->chain > 1 && s < b->steps; s += b->chain) {
    const int end = s + b->chain < b->steps ? s + b->chain : b->steps;
#pragma GCC unroll 6
    for (int j = 0; j < pixels; j++)
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++) sum[j][v] = zero();
    for (int k = s; k < end; k++, w += bytes) step(pixels, vectors, 1, p, b->offsets[k], w, sum);
#pragma GCC unroll 6
    for (int j = 0; j < pixels; j++)
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++) {
        __m256i *to = (__m256i *)(acc + kTileChannels * j + LANES * v);
        const __m256i four = _mm256_madd_epi16(sum[j][v], _mm256_set1_epi16(1));
        _mm256_storeu_si256(to, _mm256_add_epi32(_mm256_loadu_si256(to), four));
      }
  }
}

#include "fast/kernels/tile_body.h"

static int usable(void) { return __builtin_cpu_supports("avx2"); }

const struct tetra_kernel tetra_kernel_avx2 = {"avx2", LANES, VECTORS, 0, 1, usable, tile, depthwise, requant};
#endif
