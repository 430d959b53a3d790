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
