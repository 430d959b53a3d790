/* Requantization of runs of pixels with vectors of 512 bits. */
#include "device/scale.h"

#include <stddef.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx512f,avx512bw,avx512vl")))
#define INLINE static inline __attribute__((always_inline))

/* Eight channels' parameters. */
struct eight {
  __m512i m, mr, lr, fraction, add, s, even, away;
};

WIDE INLINE struct eight eight_of(const struct scale_channels *h, uint32_t i) {
  return (struct eight){_mm512_loadu_si512(h->m + i),    _mm512_loadu_si512(h->mr + i),
                        _mm512_loadu_si512(h->lr + i),   _mm512_loadu_si512(h->fraction + i),
                        _mm512_loadu_si512(h->add + i),  _mm512_loadu_si512(h->s + i),
                        _mm512_loadu_si512(h->even + i), _mm512_loadu_si512(h->away + i)};
}

/* Sums with their residuals, scaled and rounded, in 16 bits: what does not fit there is past any clamp. `looks`:
 * rounding looks at the sum itself, to even or away from zero. */
WIDE INLINE __m128i scaled(const struct eight *e, __m256i sum, __m256i res, int joins, int looks) {
  __m512i x = _mm512_add_epi64(_mm512_mul_epi32(_mm512_cvtepi32_epi64(sum), e->m), e->fraction);
  if (joins) x = _mm512_add_epi64(x, _mm512_sllv_epi64(_mm512_mul_epi32(_mm512_cvtepi32_epi64(res), e->mr), e->lr));
  if (!looks) return _mm512_cvtsepi64_epi16(_mm512_srav_epi64(_mm512_add_epi64(x, e->add), e->s));
  const __m512i odd = _mm512_and_si512(_mm512_srav_epi64(x, e->s), e->even);
  const __m512i negative = _mm512_and_si512(_mm512_srai_epi64(x, 63), e->away);
  x = _mm512_sub_epi64(_mm512_add_epi64(_mm512_add_epi64(x, e->add), odd), negative);
  return _mm512_cvtsepi64_epi16(_mm512_srav_epi64(x, e->s));
}

/* 16 residual codes: bytes, or halves of 8 bytes. */
WIDE INLINE __m512i residuals(const struct scale_codes *c, const uint8_t *from) {
  __m128i codes;
  if (c->res4) {
    const __m128i pairs = _mm_cvtepu8_epi16(_mm_loadl_epi64((const void *)from));
    codes = _mm_and_si128(_mm_or_si128(pairs, _mm_slli_epi16(pairs, 4)), _mm_set1_epi8(15));
  } else {
    codes = _mm_loadu_si128((const void *)from);
  }
  codes = _mm_xor_si128(codes, _mm_set1_epi8((char)c->res_flip));
  return _mm512_sub_epi32(_mm512_cvtepu8_epi32(codes), _mm512_set1_epi32(c->res_sub));
}

WIDE INLINE uint64_t run_as(const struct scale_channels *h, uint32_t first, const struct scale_codes *c,
                            const struct scale_run *run, int joins, int looks) {
  const struct eight low = eight_of(h, first), high = eight_of(h, first + 8);
  const __m512i bias = _mm512_loadu_si512(h->bias + first);
  const __m256i zp = _mm256_set1_epi16((short)c->zp), lo = _mm256_set1_epi16((short)c->lo),
                hi = _mm256_set1_epi16((short)c->hi);
  const __mmask16 counts_low = c->lo != c->zp ? 0xffff : 0; /* not a ReLU's */
  uint64_t changed = 0;
  for (size_t p = 0; p < run->pixels; p++) {
    const size_t at = p * run->n;
    const __m512i sum = _mm512_add_epi32(_mm512_loadu_si512(run->acc + at), bias);
    const __m512i res = joins ? residuals(c, run->res + at) : _mm512_setzero_si512();
    const __m128i a = scaled(&low, _mm512_castsi512_si256(sum), _mm512_castsi512_si256(res), joins, looks);
    const __m128i b = scaled(&high, _mm512_extracti64x4_epi64(sum, 1), _mm512_extracti64x4_epi64(res, 1), joins, looks);
    const __m256i v = _mm256_adds_epi16(_mm256_inserti128_si256(_mm256_castsi128_si256(a), b, 1), zp);
    const __mmask16 past = _mm256_cmpgt_epi16_mask(v, hi) | (_mm256_cmpgt_epi16_mask(lo, v) & counts_low);
    changed += (uint64_t)__builtin_popcount(past);
    const __m128i codes = _mm256_cvtepi16_epi8(_mm256_min_epi16(_mm256_max_epi16(v, lo), hi));
    if (!c->bits4) {
      _mm_storeu_si128((void *)(run->to + at), codes);
      continue;
    }
    const __m128i even = _mm_and_si128(codes, _mm_set1_epi16(15));
    const __m128i odd = _mm_and_si128(_mm_srli_epi16(codes, 4), _mm_set1_epi16(0xf0));
    _mm_storel_epi64((void *)(run->to + at), _mm_cvtepi16_epi8(_mm_or_si128(even, odd)));
  }
  return changed;
}

WIDE static uint64_t run_wide(const struct scale_channels *h, uint32_t first, const struct scale_codes *codes,
                              const struct scale_run *run) {
  int64_t looks = 0;
  for (uint32_t i = first; i < first + SCALE_CHANNELS; i++) looks |= h->even[i] | h->away[i];
  if (run->res == NULL) return looks ? run_as(h, first, codes, run, 0, 1) : run_as(h, first, codes, run, 0, 0);
  return looks ? run_as(h, first, codes, run, 1, 1) : run_as(h, first, codes, run, 1, 0);
}

scale_fn *scale_choose(void) {
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") ? run_wide : NULL;
}
#else
scale_fn *scale_choose(void) { return NULL; }
#endif
