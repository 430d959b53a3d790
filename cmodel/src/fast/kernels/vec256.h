/* Operations of requant_body.h in 256-bit vectors, without what only AVX-512 has. */
#ifndef TETRA_FAST_VEC256_H
#define TETRA_FAST_VEC256_H

#include <immintrin.h>
#include <string.h>

#include "fast/kernel.h"

#define LANES 8
#define VECTORS 2
typedef __m256i V;
typedef __m256i I;

static inline V ld(const int64_t *p) { return _mm256_load_si256((const __m256i *)p); }
static inline V zero(void) { return _mm256_setzero_si256(); }
static inline V eleven(void) { return _mm256_set1_epi64x(11); }
static inline V add(V a, V b) { return _mm256_add_epi64(a, b); }
static inline V sub(V a, V b) { return _mm256_sub_epi64(a, b); }
static inline V and_(V a, V b) { return _mm256_and_si256(a, b); }
static inline V mul(V a, V b) { return _mm256_mul_epi32(a, b); }
static inline V sll(V a, V s) { return _mm256_sllv_epi64(a, s); }
/* There is no arithmetic shift of 64 bits: with 2^63 added the logical one is right but for that constant. */
static inline V sra(V a, V s) {
  const V top = _mm256_set1_epi64x(INT64_MIN);
  return sub(_mm256_srlv_epi64(_mm256_xor_si256(a, top), s), _mm256_srlv_epi64(top, s));
}
static inline V sign(V a) { return _mm256_cmpgt_epi64(zero(), a); }
static inline V even(I a) { return a; }
static inline V odd(I a) { return _mm256_srli_epi64(a, 32); }
static inline I join(V e, V o) { return _mm256_blend_epi32(e, _mm256_slli_epi64(o, 32), 0xaa); }
static inline V clamp64(V a) {
  const V most = _mm256_set1_epi64x(INT32_MAX), least = _mm256_set1_epi64x(INT32_MIN);
  a = _mm256_blendv_epi8(a, most, _mm256_cmpgt_epi64(a, most));
  return _mm256_blendv_epi8(a, least, _mm256_cmpgt_epi64(least, a));
}
static inline I load_acc(const int32_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
static inline void store_y(int32_t *p, I y) { _mm256_store_si256((__m256i *)p, y); }

/* Eight residual codes; those past the last channel read as 0. */
static inline I read_res(const struct tetra_table *t, int v, const uint8_t *src, int channels) {
  const int left = channels - v * LANES < LANES ? channels - v * LANES : LANES;
  uint64_t bits = 0;
  if (tetra_fmt_bits(t->res_fmt) == 8) {
    if (left == LANES)
      memcpy(&bits, src + v * LANES, sizeof bits);
    else
      memcpy(&bits, src + v * LANES, (size_t)left);
    const __m128i b = _mm_cvtsi64_si128((long long)bits);
    return t->res_fmt == TETRA_U8 ? _mm256_cvtepu8_epi32(b) : _mm256_cvtepi8_epi32(b);
  }
  if (left == LANES)
    memcpy(&bits, src + v * LANES / 2, LANES / 2);
  else
    memcpy(&bits, src + v * LANES / 2, (size_t)(left + 1) / 2);
  const __m128i w = _mm_cvtepu8_epi16(_mm_cvtsi64_si128((long long)bits));
  const __m128i n = _mm_and_si128(_mm_or_si128(w, _mm_slli_epi16(w, 4)), _mm_set1_epi16(0x0f0f));
  if (t->res_fmt == TETRA_U4) return _mm256_cvtepu8_epi32(n);
  const __m128i eight = _mm_set1_epi8(8);
  return _mm256_cvtepi8_epi32(_mm_sub_epi8(_mm_xor_si128(n, eight), eight));
}

static inline void store(const uint8_t *from, int bytes, int whole, uint8_t *dst) {
  if (bytes == whole)
    memcpy(dst, from, (size_t)whole);
  else
    memcpy(dst, from, (size_t)bytes);
}

/* int32 to codes: saturating steps to 16 and 8 bits keep the order, and lo..hi lies within both. */
static inline void pack(const struct tetra_table *t, const int32_t *y, int channels, uint8_t *dst) {
  __m256i a = _mm256_packs_epi32(load_acc(y), load_acc(y + LANES));
  a = _mm256_adds_epi16(_mm256_permute4x64_epi64(a, 0xd8), _mm256_set1_epi16((short)t->zp));
  const __m128i low = _mm256_castsi256_si128(a), high = _mm256_extracti128_si256(a, 1);
  const __m128i lo = _mm_set1_epi8((char)t->lo), hi = _mm_set1_epi8((char)t->hi);
  __m128i c;
  if (tetra_fmt_signed(t->fmt))
    c = _mm_min_epi8(_mm_max_epi8(_mm_packs_epi16(low, high), lo), hi);
  else
    c = _mm_min_epu8(_mm_max_epu8(_mm_packus_epi16(low, high), lo), hi);
  uint8_t codes[16];
  if (t->bytes || tetra_fmt_bits(t->fmt) == 8) {
    _mm_storeu_si128((__m128i *)codes, c);
    store(codes, channels, 16, dst);
    return;
  }
  const __m128i index = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m128i there = _mm_cmpgt_epi8(_mm_set1_epi8((char)channels), index);
  c = _mm_and_si128(_mm_and_si128(c, _mm_set1_epi8(15)), there);
  const __m128i pairs = _mm_maddubs_epi16(c, _mm_set1_epi16(0x1001));
  _mm_storeu_si128((__m128i *)codes, _mm_packus_epi16(pairs, pairs));
  store(codes, (channels + 1) / 2, 8, dst);
}

#include "fast/kernels/requant_body.h"

#define BLOCK (LANES * VECTORS)
#define COLUMNS 16
#define CODE uint8_t
#include "fast/kernels/depthwise_body.h"

#endif
