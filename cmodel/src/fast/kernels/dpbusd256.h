/* Tiles of 256-bit vectors with the instruction that adds four u8*s8 products a lane in 32 bits: DPBUSD(sum, u, s). */
#include "fast/kernels/vec256.h"

INLINE void tile_mn(const int pixels, const int vectors, const struct tetra_block *b, const uint8_t *const *pixel,
                    int32_t *acc) {
  __m256i sum[kTilePixels][VECTORS];
  const uint8_t *p[kTilePixels];
  const int8_t *w = b->weights;
#pragma GCC unroll 6
  for (int j = 0; j < pixels; j++) {
    p[j] = pixel[j];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) sum[j][v] = load_acc(b->start + LANES * v);
  }
  for (const int32_t *o = b->offsets, *end = o + b->steps; o < end; o++, w += vectors * LANES * kStep) {
    __m256i weights[VECTORS];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) weights[v] = _mm256_loadu_si256((const __m256i *)(w + LANES * kStep * v));
#pragma GCC unroll 6
    for (int j = 0; j < pixels; j++) {
      int32_t codes;
      memcpy(&codes, p[j] + *o, sizeof codes);
      const __m256i c = _mm256_set1_epi32(codes);
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++) sum[j][v] = DPBUSD(sum[j][v], c, weights[v]);
    }
  }
#pragma GCC unroll 6
  for (int j = 0; j < pixels; j++)
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) _mm256_storeu_si256((__m256i *)(acc + kTileChannels * j + LANES * v), sum[j][v]);
}

#include "fast/kernels/tile_body.h"
