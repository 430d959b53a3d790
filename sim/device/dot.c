/* Dot products of u8 codes and s8 weights, for any processor and for those with instructions for it. */
#include "device/dot.h"

#include <string.h>

void dot_portable(const uint8_t *codes, const int8_t *panel, int lanes, int pixels,
                  int32_t sums[DOT_PIXELS][DOT_COLUMNS]) {
  for (int p = 0; p < pixels; p++) {
    int32_t *sum = sums[p];
    memset(sum, 0, DOT_COLUMNS * sizeof *sum);
    const uint8_t *a = codes + (size_t)p * DOT_LANES;
    for (int k = 0; k < lanes; k += 4) {
      const int8_t *w = panel + (size_t)k * DOT_COLUMNS;
      for (int c = 0; c < DOT_COLUMNS; c++)
        sum[c] += a[k] * w[4 * c] + a[k + 1] * w[4 * c + 1] + a[k + 2] * w[4 * c + 2] + a[k + 3] * w[4 * c + 3];
    }
  }
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

static inline int32_t four(const uint8_t *p) {
  int32_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

__attribute__((target("avx512f,avx512vnni"))) static void dot_vnni(const uint8_t *codes, const int8_t *panel, int lanes,
                                                                   int pixels, int32_t sums[DOT_PIXELS][DOT_COLUMNS]) {
  /* Rows past the last pixel hold codes of another block: their sums are not looked at. */
  (void)pixels;
  __m512i s[DOT_PIXELS];
  for (int p = 0; p < DOT_PIXELS; p++) s[p] = _mm512_setzero_si512();
  for (int k = 0; k < lanes; k += 4) {
    const __m512i w = _mm512_loadu_si512(panel + (size_t)k * DOT_COLUMNS);
    for (int p = 0; p < DOT_PIXELS; p++)
      s[p] = _mm512_dpbusd_epi32(s[p], _mm512_set1_epi32(four(codes + (size_t)p * DOT_LANES + k)), w);
  }
  for (int p = 0; p < DOT_PIXELS; p++) _mm512_storeu_si512(sums[p], s[p]);
}

/* Four columns of a group of 4 lanes are 16 products, which pairs of 16-bit ones add to 8 sums, two a column. */
__attribute__((target("avx2"))) static void dot_avx2(const uint8_t *codes, const int8_t *panel, int lanes, int pixels,
                                                     int32_t sums[DOT_PIXELS][DOT_COLUMNS]) {
  for (int p = 0; p < pixels; p++) {
    const uint8_t *a = codes + (size_t)p * DOT_LANES;
    __m256i s[4];
    for (int i = 0; i < 4; i++) s[i] = _mm256_setzero_si256();
    for (int k = 0; k < lanes; k += 4) {
      const __m256i x = _mm256_cvtepu8_epi16(_mm_set1_epi32(four(a + k)));
      for (int i = 0; i < 4; i++) {
        const void *w = panel + (size_t)k * DOT_COLUMNS + 16 * i;
        s[i] = _mm256_add_epi32(s[i], _mm256_madd_epi16(x, _mm256_cvtepi8_epi16(_mm_loadu_si128(w))));
      }
    }
    for (int i = 0; i < 4; i++) {
      int32_t two[8];
      _mm256_storeu_si256((void *)two, s[i]);
      for (int c = 0; c < 4; c++) sums[p][4 * i + c] = two[2 * c] + two[2 * c + 1];
    }
  }
}

dot_fn *dot_choose(void) {
  if (__builtin_cpu_supports("avx512vnni")) return dot_vnni;
  return __builtin_cpu_supports("avx2") ? dot_avx2 : dot_portable;
}
#else
dot_fn *dot_choose(void) { return dot_portable; }
#endif
