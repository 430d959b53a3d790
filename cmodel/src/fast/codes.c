/* Codes of every format to floats and integers, many at once. */
#include "fast/fast.h"

/* One body for both element types: a byte's two nibbles, sign-extended where `sign` is 8 and not where it is 0. */
#define NIBBLES(type)                                       \
  for (int i = 0; i < count / 2; i++) {                     \
    dst[2 * i] = (type)(((src[i] & 15) ^ sign) - sign);     \
    dst[2 * i + 1] = (type)(((src[i] >> 4) ^ sign) - sign); \
  }                                                         \
  if (count & 1) dst[count - 1] = (type)(((src[count / 2] & 15) ^ sign) - sign)

void tetra_codes_f32(enum tetra_fmt fmt, const uint8_t *restrict src, int count, float *restrict dst) {
  const int sign = fmt == TETRA_S4 ? 8 : 0;
  if (fmt == TETRA_U8) {
    for (int i = 0; i < count; i++) dst[i] = (float)src[i];
  } else if (fmt == TETRA_S8) {
    for (int i = 0; i < count; i++) dst[i] = (float)(int8_t)src[i];
  } else {
    NIBBLES(float);
  }
}

void tetra_codes_i32(enum tetra_fmt fmt, const uint8_t *restrict src, int count, int32_t *restrict dst) {
  const int sign = fmt == TETRA_S4 ? 8 : 0;
  if (fmt == TETRA_U8) {
    for (int i = 0; i < count; i++) dst[i] = src[i];
  } else if (fmt == TETRA_S8) {
    for (int i = 0; i < count; i++) dst[i] = (int8_t)src[i];
  } else {
    NIBBLES(int32_t);
  }
}

int tetra_stored_zero(enum tetra_fmt fmt, int flip) {
  if (flip) return fmt == TETRA_U8 ? 128 : 0;
  return tetra_fmt_min(fmt);
}

void tetra_codes_stored(enum tetra_fmt fmt, int flip, const uint8_t *restrict src, size_t count,
                        uint8_t *restrict dst) {
  if (tetra_fmt_bits(fmt) == 8) {
    const uint8_t turn = (fmt == TETRA_S8) != flip ? 0x80 : 0; /* u8 to s8 or s8 to u8 */
    for (size_t i = 0; i < count; i++) dst[i] = src[i] ^ turn;
    return;
  }
  /* s4 as s8 is sign-extended, as u8 moved up by 8. */
  const int sign = fmt == TETRA_S4 ? 8 : 0, zero = flip ? sign : 0;
  for (size_t i = 0; i < count / 2; i++) {
    dst[2 * i] = (uint8_t)(((src[i] & 15) ^ sign) - zero);
    dst[2 * i + 1] = (uint8_t)(((src[i] >> 4) ^ sign) - zero);
  }
  if (count & 1) dst[count - 1] = (uint8_t)(((src[count / 2] & 15) ^ sign) - zero);
}
