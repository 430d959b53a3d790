/* Integer activation tensors: NHWC, 8- or 4-bit codes, 4-bit codes packed two to a byte. */
#ifndef TETRA_TENSOR_H
#define TETRA_TENSOR_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Storage format of a tensor's codes. Bit 0: signed. Bit 1: 4 bits wide. */
enum tetra_fmt { TETRA_U8 = 0, TETRA_S8 = 1, TETRA_U4 = 2, TETRA_S4 = 3 };

static inline int tetra_fmt_bits(enum tetra_fmt f) { return (f & 2) ? 4 : 8; }
static inline int tetra_fmt_signed(enum tetra_fmt f) { return (int)(f & 1); }
/* The format of 4- or 8-bit codes. */
static inline enum tetra_fmt tetra_fmt_of(int bits, int is_signed) {
  if (bits == 4) return is_signed ? TETRA_S4 : TETRA_U4;
  return is_signed ? TETRA_S8 : TETRA_U8;
}
/* Smallest and largest code of a format: u8 0..255, s8 -128..127, u4 0..15, s4 -8..7. */
int tetra_fmt_min(enum tetra_fmt f);
int tetra_fmt_max(enum tetra_fmt f);
const char *tetra_fmt_name(enum tetra_fmt f); /* "u8", "s8", "u4", "s4" */

/* Shape and meaning of a tensor. real = (code - zero_point) * scale. */
struct tetra_desc {
  int n, h, w, c; /* batch, height, width, channels, all >= 1 */
  enum tetra_fmt fmt;
  int zero_point; /* a code of fmt */
  double scale;   /* > 0; one per tensor (activations) */
};

/* A tensor's codes. Pixel (n,y,x) starts at byte ((n*h + y)*w + x) * pixel_bytes; channel c of an 8-bit tensor is byte
 * c of the pixel; of a 4-bit tensor nibble c & 1 (0 = low) of byte c / 2. The pad nibble of an odd c is 0. */
struct tetra_tensor {
  struct tetra_desc d;
  size_t pixel_bytes; /* c, or (c + 1) / 2 for 4-bit formats */
  uint8_t *data;      /* owned; n*h*w*pixel_bytes bytes */
};

/* Allocates *t for d, every code 0. TETRA_EINVAL for a dimension < 1, more than 2^31 - 1 elements or an unknown format;
 * TETRA_ENOMEM. On an error *t holds no data. */
TETRA_NODISCARD int tetra_tensor_init(struct tetra_tensor *t, const struct tetra_desc *d, struct tetra_error *err);
/* Frees what init allocated; safe on a zeroed struct and twice. */
void tetra_tensor_free(struct tetra_tensor *t);

static inline int tetra_tensor_get(const struct tetra_tensor *t, int n, int y, int x, int c) {
  const uint8_t *p = t->data + (((size_t)n * (size_t)t->d.h + (size_t)y) * (size_t)t->d.w + (size_t)x) * t->pixel_bytes;
  switch (t->d.fmt) {
    case TETRA_U8:
      return p[c];
    case TETRA_S8:
      return (int8_t)p[c];
    case TETRA_U4:
      return (p[c / 2] >> (4 * (c & 1))) & 15;
    default:
      return (((p[c / 2] >> (4 * (c & 1))) & 15) ^ 8) - 8;
  }
}
/* Stores a code; the caller keeps it in the format's range. */
void tetra_tensor_set(struct tetra_tensor *t, int n, int y, int x, int c, int code);
/* Stores codes[i], of the format, as channel c of pixel `pixel` + i of image n, for `count` pixels in the order of
 * rows.
 */
void tetra_tensor_set_pixels(struct tetra_tensor *t, int n, size_t pixel, int count, int c, const int *codes);
/* Unpacks all codes, or packs them, one int16 an element, NHWC: codes[] has n*h*w*c entries, all codes of the format.
 */
void tetra_tensor_unpack(const struct tetra_tensor *t, int16_t *codes);
void tetra_tensor_pack(struct tetra_tensor *t, const int16_t *codes);

#ifdef __cplusplus
}
#endif
#endif
