/* The same tile and requantization in plain C, for any processor. */
#include <string.h>

#include "fast/kernel.h"

#define LANES 1
typedef int64_t V;
typedef int32_t I;

static inline V ld(const int64_t *p) { return *p; }
static inline V zero(void) { return 0; }
static inline V eleven(void) { return 11; }
static inline V add(V a, V b) { return (V)((uint64_t)a + (uint64_t)b); }
static inline V sub(V a, V b) { return (V)((uint64_t)a - (uint64_t)b); }
static inline V and_(V a, V b) { return a & b; }
static inline V mul(V a, V b) { return (V)(int32_t)a * (int32_t)b; }
static inline V sll(V a, V s) { return (V)((uint64_t)a << s); }
static inline V sra(V a, V s) { return a >> s; }
static inline V sign(V a) { return a >> 63; }
/* A vector of one lane has no odd one: what is computed for it is dropped. */
static inline V even(I a) { return a; }
static inline V odd(I a) { return a; }
static inline I join(V e, V o) {
  (void)o;
  return (I)e;
}
static inline V clamp64(V a) { return a < INT32_MIN ? INT32_MIN : a > INT32_MAX ? INT32_MAX : a; }
static inline I load_acc(const int32_t *p) { return *p; }
static inline void store_y(int32_t *p, I y) { *p = y; }

static inline I read_res(const struct tetra_table *t, int v, const uint8_t *src, int channels) {
  (void)channels;
  switch (t->res_fmt) {
    case TETRA_U8:
      return src[v];
    case TETRA_S8:
      return (int8_t)src[v];
    case TETRA_U4:
      return src[v / 2] >> (4 * (v & 1)) & 15;
    default:
      return ((src[v / 2] >> (4 * (v & 1)) & 15) ^ 8) - 8;
  }
}

static inline void pack(const struct tetra_table *t, const int32_t *y, int channels, uint8_t *dst) {
  uint8_t codes[kTileChannels + 1];
  for (int v = 0; v < channels; v++) {
    const int64_t code = (int64_t)y[v] + t->zp;
    codes[v] = (uint8_t)(code < t->lo ? t->lo : code > t->hi ? t->hi : code);
  }
  if (t->bytes || tetra_fmt_bits(t->fmt) == 8) {
    memcpy(dst, codes, (size_t)channels);
    return;
  }
  codes[channels] = 0;
  for (int i = 0; i < (channels + 1) / 2; i++) dst[i] = (uint8_t)((codes[2 * i] & 15) | (codes[2 * i + 1] << 4));
}

#include "fast/kernels/requant_body.h"

enum { kVectors = 16 };

/* With 16 channels side by side compilers find vectors of their own. */
static void tile(const struct tetra_block *b, int pixels, const uint8_t *const *pixel, int32_t *acc) {
  for (int j = 0; j < pixels; j++, acc += kTileChannels) {
    const int8_t *w = b->weights;
    const int n = b->vectors;
    memcpy(acc, b->start, (size_t)n * sizeof *acc);
    for (int s = 0; s < b->steps; s++, w += n * kStep) {
      const uint8_t *p = pixel[j] + b->offsets[s];
      for (int c = 0; c < n; c++) {
        const int32_t sum = p[0] * w[4 * c] + p[1] * w[4 * c + 1] + p[2] * w[4 * c + 2] + p[3] * w[4 * c + 3];
        acc[c] = (int32_t)((uint32_t)acc[c] + (uint32_t)sum);
      }
    }
  }
}

#define BLOCK kVectors
#define COLUMNS 8
#define CODE uint8_t
#include "fast/kernels/depthwise_body.h"

static int usable(void) { return 1; }

const struct tetra_kernel tetra_kernel_portable = {"portable", LANES, kVectors, 0, 0, usable, tile, depthwise, requant};
