/* Arm's dot products: four channels a vector, four s8*s8 products a lane added in 32 bits. */
#include "fast/kernel.h"

#ifdef __ARM_FEATURE_DOTPROD
#include <arm_neon.h>
#include <string.h>
#include <sys/auxv.h>

#define LANES 4
#define VECTORS 4
typedef int64x2_t V;
typedef int32x4_t I;

static inline V ld(const int64_t *p) { return vld1q_s64(p); }
static inline V zero(void) { return vdupq_n_s64(0); }
static inline V eleven(void) { return vdupq_n_s64(11); }
static inline V add(V a, V b) { return vaddq_s64(a, b); }
static inline V sub(V a, V b) { return vsubq_s64(a, b); }
static inline V and_(V a, V b) { return vandq_s64(a, b); }
static inline V mul(V a, V b) { return vmull_s32(vmovn_s64(a), vmovn_s64(b)); }
static inline V sll(V a, V s) { return vshlq_s64(a, s); }
static inline V sra(V a, V s) { return vshlq_s64(a, vnegq_s64(s)); }
static inline V sign(V a) { return vshrq_n_s64(a, 63); }
static inline V even(I a) { return vreinterpretq_s64_s32(a); }
static inline V odd(I a) { return vshrq_n_s64(vreinterpretq_s64_s32(a), 32); }
static inline I join(V e, V o) { return vtrn1q_s32(vreinterpretq_s32_s64(e), vreinterpretq_s32_s64(o)); }
static inline V clamp64(V a) { return vmovl_s32(vqmovn_s64(a)); }
static inline I load_acc(const int32_t *p) { return vld1q_s32(p); }
static inline void store_y(int32_t *p, I y) { vst1q_s32(p, y); }

/* Four residual codes; those past the last channel read as 0. */
static inline I read_res(const struct tetra_table *t, int v, const uint8_t *src, int channels) {
  const int left = channels - v * LANES < LANES ? channels - v * LANES : LANES;
  uint8_t b[8] = {0};
  if (tetra_fmt_bits(t->res_fmt) == 8) {
    memcpy(b, src + v * LANES, (size_t)left);
  } else {
    for (int i = 0; i < left; i++) b[i] = (uint8_t)(src[(v * LANES + i) / 2] >> (4 * (i & 1)) & 15);
    if (t->res_fmt == TETRA_S4)
      for (int i = 0; i < left; i++) b[i] = (uint8_t)((b[i] ^ 8) - 8);
  }
  if (tetra_fmt_signed(t->res_fmt)) return vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_u8(vld1_u8(b)))));
  return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(vld1_u8(b)))));
}

/* int32 to codes: saturating steps to 16 and 8 bits keep the order, and lo..hi lies within both. */
static inline void pack(const struct tetra_table *t, const int32_t *y, int channels, uint8_t *dst) {
  uint8_t codes[VECTORS * LANES];
  for (int v = 0; v < tetra_ceil_div(channels, LANES); v++) {
    const int16x4_t narrow = vqmovn_s32(load_acc(y + v * LANES));
    const int16x8_t a = vcombine_s16(narrow, narrow);
    const int16x8_t z = vqaddq_s16(a, vdupq_n_s16((int16_t)t->zp));
    const int16x8_t c = vminq_s16(vmaxq_s16(z, vdupq_n_s16((int16_t)t->lo)), vdupq_n_s16((int16_t)t->hi));
    const uint8x8_t b = vmovn_u16(vreinterpretq_u16_s16(c));
    memcpy(codes + 4 * v, &b, 4);
  }
  if (t->bytes || tetra_fmt_bits(t->fmt) == 8) {
    memcpy(dst, codes, (size_t)channels);
    return;
  }
  for (int i = 0; i < channels / 2; i++) dst[i] = (uint8_t)((codes[2 * i] & 15) | (codes[2 * i + 1] << 4));
  if (channels & 1) dst[channels / 2] = codes[channels - 1] & 15;
}

#include "fast/kernels/requant_body.h"

typedef int8x16_t weights_t;
static inline weights_t load_weights(const int8_t *p) { return vld1q_s8(p); }
static inline weights_t spread(int32_t codes) { return vreinterpretq_s8_s32(vdupq_n_s32(codes)); }
static inline I dot(I sum, weights_t c, weights_t w) { return vdotq_s32(sum, w, c); }
static inline void store_acc(int32_t *p, I sum) { vst1q_s32(p, sum); }

#include "fast/kernels/dot_body.h"
#include "fast/kernels/tile_body.h"

#define BLOCK (LANES * VECTORS)
#define COLUMNS 8
#define CODE int8_t
#include "fast/kernels/depthwise_body.h"

static int usable(void) { return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }

const struct tetra_kernel tetra_kernel_dotprod = {"dotprod", LANES, VECTORS, 1, 0, usable, tile, depthwise, requant};
#endif
