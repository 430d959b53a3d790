/* AVX-512 with VNNI: sixteen channels a vector, four u8*s8 products a lane added in 32 bits without saturation. */
#include "fast/kernel.h"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
#include <immintrin.h>
#include <string.h>

#define LANES 16
#define VECTORS 4
typedef __m512i V;
typedef __m512i I;

static inline V ld(const int64_t *p) { return _mm512_load_si512(p); }
static inline V zero(void) { return _mm512_setzero_si512(); }
static inline V eleven(void) { return _mm512_set1_epi64(11); }
static inline V add(V a, V b) { return _mm512_add_epi64(a, b); }
static inline V sub(V a, V b) { return _mm512_sub_epi64(a, b); }
static inline V and_(V a, V b) { return _mm512_and_si512(a, b); }
static inline V mul(V a, V b) { return _mm512_mul_epi32(a, b); }
static inline V sll(V a, V s) { return _mm512_sllv_epi64(a, s); }
static inline V sra(V a, V s) { return _mm512_srav_epi64(a, s); }
static inline V sign(V a) { return _mm512_srai_epi64(a, 63); }
static inline V even(I a) { return a; }
static inline V odd(I a) { return _mm512_srli_epi64(a, 32); }
static inline I join(V e, V o) { return _mm512_mask_blend_epi32(0xaaaa, e, _mm512_slli_epi64(o, 32)); }
static inline V clamp64(V a) {
  return _mm512_min_epi64(_mm512_max_epi64(a, _mm512_set1_epi64(INT32_MIN)), _mm512_set1_epi64(INT32_MAX));
}
static inline I load_acc(const int32_t *p) { return _mm512_loadu_si512(p); }
static inline void store_y(int32_t *p, I y) { _mm512_store_si512(p, y); }

static inline __mmask64 below(int n) { return n >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << n) - 1; }

/* Stores and loads with a mask of bytes are slow on some processors, and seldom needed. */
static inline void store_bytes(uint8_t *dst, int n, __m512i c) {
  if (n == 64)
    _mm512_storeu_si512(dst, c);
  else if (n == 32)
    _mm256_storeu_si256((__m256i *)(void *)dst, _mm512_castsi512_si256(c));
  else if (n == 16)
    _mm_storeu_si128((__m128i *)(void *)dst, _mm512_castsi512_si128(c));
  else
    _mm512_mask_storeu_epi8(dst, below(n), c);
}

static inline __m128i load_bytes(const uint8_t *src, int n) {
  if (n == 16) return _mm_loadu_si128((const __m128i *)(const void *)src);
  if (n == 8) return _mm_loadl_epi64((const __m128i *)(const void *)src);
  return _mm_maskz_loadu_epi8((__mmask16)below(n), src);
}

/* Sixteen residual codes; those past the last channel read as 0. */
static inline I read_res(const struct tetra_table *t, int v, const uint8_t *src, int channels) {
  const int left = channels - v * LANES < LANES ? channels - v * LANES : LANES;
  if (tetra_fmt_bits(t->res_fmt) == 8) {
    const __m128i b = load_bytes(src + v * LANES, left);
    return t->res_fmt == TETRA_U8 ? _mm512_cvtepu8_epi32(b) : _mm512_cvtepi8_epi32(b);
  }
  const __m128i b = load_bytes(src + v * LANES / 2, (left + 1) / 2);
  const __m128i w = _mm_cvtepu8_epi16(b);
  const __m128i n = _mm_and_si128(_mm_or_si128(w, _mm_slli_epi16(w, 4)), _mm_set1_epi16(0x0f0f));
  if (t->res_fmt == TETRA_U4) return _mm512_cvtepu8_epi32(n);
  const __m128i eight = _mm_set1_epi8(8);
  return _mm512_cvtepi8_epi32(_mm_sub_epi8(_mm_xor_si128(n, eight), eight));
}

/* int32 to codes: saturating steps to 16 and 8 bits keep the order, and lo..hi lies within both. */
static inline void pack(const struct tetra_table *t, const int32_t *y, int channels, uint8_t *dst) {
  const __m512i zp = _mm512_set1_epi16((short)t->zp);
  const __m512i a = _mm512_adds_epi16(_mm512_packs_epi32(load_acc(y), load_acc(y + 16)), zp);
  const __m512i b = _mm512_adds_epi16(_mm512_packs_epi32(load_acc(y + 32), load_acc(y + 48)), zp);
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m512i lo = _mm512_set1_epi8((char)t->lo), hi = _mm512_set1_epi8((char)t->hi);
  __m512i c;
  if (tetra_fmt_signed(t->fmt))
    c = _mm512_min_epi8(_mm512_max_epi8(_mm512_packs_epi16(a, b), lo), hi);
  else
    c = _mm512_min_epu8(_mm512_max_epu8(_mm512_packus_epi16(a, b), lo), hi);
  c = _mm512_permutexvar_epi32(order, c);
  if (t->bytes || tetra_fmt_bits(t->fmt) == 8) {
    store_bytes(dst, channels, c);
    return;
  }
  c = _mm512_maskz_and_epi32(0xffff, c, _mm512_set1_epi8(15));
  if (channels & 1) c = _mm512_maskz_mov_epi8(below(channels), c);
  const __m512i pairs = _mm512_maddubs_epi16(c, _mm512_set1_epi16(0x1001));
  store_bytes(dst, (channels + 1) / 2, _mm512_castsi256_si512(_mm512_cvtepi16_epi8(pairs)));
}

#include "fast/kernels/requant_body.h"

typedef __m512i weights_t;
static inline weights_t load_weights(const int8_t *p) { return _mm512_loadu_si512(p); }
static inline weights_t spread(int32_t codes) { return _mm512_set1_epi32(codes); }
static inline I dot(I sum, weights_t c, weights_t w) { return _mm512_dpbusd_epi32(sum, c, w); }
static inline void store_acc(int32_t *p, I sum) { _mm512_storeu_si512(p, sum); }

#include "fast/kernels/dot_body.h"
#include "fast/kernels/tile_body.h"

#define BLOCK (LANES * VECTORS)
#define COLUMNS 32
#define CODE uint8_t
#include "fast/kernels/depthwise_body.h"

static int usable(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}

const struct tetra_kernel tetra_kernel_avx512vnni = {"avx512-vnni", LANES, VECTORS,   0,      0,
                                                     usable,        tile,  depthwise, requant};
#endif
