/* Tiles of 256-bit vectors with the instruction that adds four u8*s8 products a lane in 32 bits: DPBUSD(sum, u, s). */
#include "fast/kernels/vec256.h"

typedef __m256i weights_t;
static inline weights_t load_weights(const int8_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
static inline weights_t spread(int32_t codes) { return _mm256_set1_epi32(codes); }
static inline I dot(I sum, weights_t c, weights_t w) { return DPBUSD(sum, c, w); }
static inline void store_acc(int32_t *p, I sum) { _mm256_storeu_si256((__m256i *)p, sum); }

#include "fast/kernels/dot_body.h"
#include "fast/kernels/tile_body.h"
