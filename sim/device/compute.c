/* COMPUTE: k-steps over a tile of pixels, as products of panels of weights with a few pixels' codes at a time.
 *
 * Codes are u8 to the products: of signed ones the sign bit is turned over, which adds as much to each code, and to a
 * sum that many times its column's weights. */
#include <string.h>

#include "device/core.h"
#include "device/dot.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Where a pixel's words are. */
struct walk {
  uint32_t base, kb_stride, ky_stride, kx_stride, oy_stride, ox_stride;
  int iy0, ix0, sy, sx, dky, dkx, h, w;
};

struct compute {
  const struct dev_core *d;
  const struct tetra_cmd *c;
  dot_fn *dot;
  uint8_t *codes;             /* [DOT_PIXELS][DOT_LANES] */
  int8_t *panels;             /* [half][columns / 16][DOT_LANES * 16] */
  int32_t column_sums[2][64]; /* of the panels' weights, by half */
  uint32_t act8, wgt8, max, hold, groups;
  uint32_t lanes; /* of a k-step */
  uint8_t flip;   /* of a code's bits */
  uint32_t kh, kw, steps, columns, pixels;
  struct walk walk;
  uint8_t pad[128]; /* a word outside of the image, as codes */
};

static int s16(uint32_t v) { return (int)(v ^ 0x8000u) - 0x8000; }

#define F(name) tetra_cmd_get(k->c, TETRA_F_COMP_##name)

static void begin(struct compute *k, struct dev_core *d, const struct tetra_cmd *c) {
  memset(k, 0, sizeof *k);
  k->d = d;
  k->c = c;
  k->dot = d->portable ? dot_portable : dot_choose();
  k->codes = d->scratch;
  k->panels = (int8_t *)d->scratch + (size_t)DOT_PIXELS * DOT_LANES;
  k->act8 = F(ACT8);
  k->wgt8 = F(WGT8);
  k->max = F(MAX);
  k->hold = F(HOLD);
  k->groups = (d->caps.n + DOT_COLUMNS - 1) / DOT_COLUMNS;
  k->lanes = k->act8 ? d->caps.n : 2 * d->caps.n;
  k->flip = !F(ACT_SIGNED) ? 0 : k->act8 ? 0x80 : 8;
  k->kh = F(KH);
  k->kw = F(KW);
  k->steps = F(KB) * k->kh * k->kw;
  k->columns = F(OX);
  k->pixels = F(OY) * k->columns;
  k->walk = (struct walk){.base = F(ACT_BASE),
                          .kb_stride = F(KB_STRIDE),
                          .ky_stride = F(KY_STRIDE),
                          .kx_stride = F(KX_STRIDE),
                          .oy_stride = F(OY_STRIDE),
                          .ox_stride = F(OX_STRIDE),
                          .iy0 = s16(F(IY0)),
                          .ix0 = s16(F(IX0)),
                          .sy = (int)F(SY),
                          .sx = (int)F(SX),
                          .dky = (int)F(DKY),
                          .dkx = (int)F(DKX),
                          .h = (int)F(H),
                          .w = (int)F(W)};
  const uint32_t pad = F(PAD);
  for (uint32_t i = 0; i < k->lanes; i++) k->pad[i] = (uint8_t)((k->act8 ? pad : pad >> 4 * (i & 1) & 15) ^ k->flip);
}

/* Four lanes of up to 16 columns into a panel: a column's four weights side by side. 4-bit ones are sign-extended in
 * all four bytes at once. (Inline, with a number of columns that is known: a loop of 16 is two or four vectors.) */
static inline __attribute__((always_inline)) void panel_columns(const uint8_t *const w[4], uint32_t columns, int shift,
                                                                int wgt8, int8_t *to) {
  uint32_t four[DOT_COLUMNS] = {0};
  for (uint32_t c = 0; c < columns; c++) {
    const uint32_t v = w[0][c] | (uint32_t)w[1][c] << 8 | (uint32_t)w[2][c] << 16 | (uint32_t)w[3][c] << 24;
    const uint32_t nibbles = v >> shift & 0x0f0f0f0fu;
    four[c] = wgt8 ? v : ((nibbles ^ 0x88888888u) - 0x08080808u) ^ 0x80808080u;
  }
  memcpy(to, four, sizeof four);
}

#if defined(__SSE2__)
/* The same of 16 columns by vectors: bytes of four rows are interleaved, twice. */
static inline void panel_16(const uint8_t *const w[4], int shift, int wgt8, int8_t *to) {
  const __m128i mask = _mm_set1_epi8(15), eight = _mm_set1_epi8(8), by = _mm_cvtsi32_si128(shift);
  __m128i row[4];
  for (int j = 0; j < 4; j++) {
    row[j] = _mm_loadu_si128((const void *)w[j]);
    if (!wgt8) row[j] = _mm_sub_epi8(_mm_xor_si128(_mm_and_si128(_mm_srl_epi16(row[j], by), mask), eight), eight);
  }
  const __m128i a = _mm_unpacklo_epi8(row[0], row[1]), b = _mm_unpackhi_epi8(row[0], row[1]);
  const __m128i c = _mm_unpacklo_epi8(row[2], row[3]), d = _mm_unpackhi_epi8(row[2], row[3]);
  _mm_storeu_si128((void *)to, _mm_unpacklo_epi16(a, c));
  _mm_storeu_si128((void *)(to + 16), _mm_unpackhi_epi16(a, c));
  _mm_storeu_si128((void *)(to + 32), _mm_unpacklo_epi16(b, d));
  _mm_storeu_si128((void *)(to + 48), _mm_unpackhi_epi16(b, d));
}
#endif

static void panel_lanes(const struct compute *k, uint32_t half, uint32_t first, const uint8_t *const from[4],
                        int8_t *to) {
  const uint8_t *const w[4] = {from[0] + first, from[1] + first, from[2] + first, from[3] + first};
  const uint32_t left = k->d->caps.n - first;
  const int shift = half ? 4 : 0;
#if defined(__SSE2__)
  if (left >= DOT_COLUMNS) {
    panel_16(w, shift, (int)k->wgt8, to);
    return;
  }
#endif
  if (left < DOT_COLUMNS) {
    panel_columns(w, left, shift, (int)k->wgt8, to);
  } else if (k->wgt8) {
    panel_columns(w, DOT_COLUMNS, 0, 1, to);
  } else {
    panel_columns(w, DOT_COLUMNS, shift, 0, to);
  }
}

static void sum_columns(struct compute *k, uint32_t half, uint32_t group, const int8_t *panel, uint32_t lanes) {
  int32_t *sum = k->column_sums[half] + (size_t)group * DOT_COLUMNS;
  memset(sum, 0, DOT_COLUMNS * sizeof *sum);
  for (uint32_t l = 0; l < lanes; l += 4) {
    for (int c = 0; c < DOT_COLUMNS; c++) {
      const int8_t *w = panel + (size_t)l * DOT_COLUMNS + (size_t)4 * (size_t)c;
      sum[c] += w[0] + w[1] + w[2] + w[3];
    }
  }
}

/* Halves that the command writes. */
static int writes_half(const struct compute *k, uint32_t half) { return !k->wgt8 || half == F(HALF); }

static int8_t *panel_at(const struct compute *k, uint32_t half, uint32_t group) {
  return k->panels + (size_t)(half * k->groups + group) * DOT_LANES * DOT_COLUMNS;
}

/* Weights of k-steps first .. first + steps - 1. */
static void make_panels(struct compute *k, uint32_t first, uint32_t steps) {
  const uint32_t base = F(WGT_BASE);
  for (uint32_t half = 0; half < 2; half++) {
    if (!writes_half(k, half)) continue;
    for (uint32_t group = 0; group < k->groups; group++) {
      int8_t *panel = panel_at(k, half, group), *to = panel;
      for (uint32_t s = first; s < first + steps; s++) {
        const uint32_t word = base + (k->hold ? 0 : s * k->lanes);
        for (uint32_t l = 0; l < k->lanes; l += 4, to += 4 * DOT_COLUMNS) {
          const uint8_t *w[4];
          for (uint32_t j = 0; j < 4; j++) w[j] = dev_word(k->d, TETRA_BUF_WGT, word + l + j);
          panel_lanes(k, half, group * DOT_COLUMNS, w, to);
        }
      }
      if (k->flip) sum_columns(k, half, group, panel, steps * k->lanes);
    }
  }
}

#if defined(__SSE2__)
/* 32 codes of 4 bits from a word of 16 bytes. */
static inline void nibbles_of_16(const uint8_t *from, uint8_t flip, uint8_t *to) {
  const __m128i x = _mm_loadu_si128((const void *)from), mask = _mm_set1_epi8(15), f = _mm_set1_epi8((char)flip);
  const __m128i low = _mm_and_si128(x, mask), high = _mm_and_si128(_mm_srli_epi16(x, 4), mask);
  _mm_storeu_si128((void *)to, _mm_xor_si128(_mm_unpacklo_epi8(low, high), f));
  _mm_storeu_si128((void *)(to + 16), _mm_xor_si128(_mm_unpackhi_epi8(low, high), f));
}
#endif

/* A word's codes, four bytes at a time: of 8-bit codes they are that, of 4-bit ones eight bytes with a nibble each. n
 * is a multiple of 4; bytes are in the order of a little-endian host, as everywhere in this model. */
static inline __attribute__((always_inline)) void codes_of_word(const uint8_t *from, uint32_t n, int act8, uint8_t flip,
                                                                uint8_t *to) {
#if defined(__SSE2__)
  if (n == 16 && !act8) {
    nibbles_of_16(from, flip, to);
    return;
  }
#endif
  for (uint32_t i = 0; i < n; i += 4) {
    uint32_t four;
    memcpy(&four, from + i, sizeof four);
    if (act8) {
      four ^= flip * 0x01010101u;
      memcpy(to + i, &four, sizeof four);
      continue;
    }
    uint64_t v = four;
    v = (v | v << 16) & 0x0000ffff0000ffffu;
    v = (v | v << 8) & 0x00ff00ff00ff00ffu;
    v = ((v | v << 4) & 0x0f0f0f0f0f0f0f0fu) ^ flip * (uint64_t)0x0101010101010101u;
    memcpy(to + (size_t)2 * i, &v, sizeof v);
  }
}

/* A pixel's codes in k-steps first .. first + steps - 1. What the loops look at is in locals: bytes that are written
 * might be *k's otherwise. */
static inline __attribute__((always_inline)) void gather_as(const struct compute *k, uint32_t pixel, uint32_t first,
                                                            uint32_t steps, uint8_t *to, uint32_t n, int act8) {
  const struct walk g = k->walk;
  const uint32_t kh = k->kh, kw = k->kw, oy = pixel / k->columns, ox = pixel % k->columns;
  const uint32_t base = g.base + oy * g.oy_stride + ox * g.ox_stride, mask = k->d->words[TETRA_BUF_ACT] - 1;
  const size_t lanes = act8 ? n : 2 * n;
  const int iy0 = g.iy0 + (int)oy * g.sy, ix0 = g.ix0 + (int)ox * g.sx;
  const uint8_t *words = k->d->buf[TETRA_BUF_ACT], flip = k->flip, *pad = k->pad, *end = to + steps * lanes;
  if (kh * kw == 1 && iy0 >= 0 && iy0 < g.h && ix0 >= 0 && ix0 < g.w) {
    for (uint32_t word = base + first * g.kb_stride; to != end; to += lanes, word += g.kb_stride)
      codes_of_word(words + (size_t)(word & mask) * n, n, act8, flip, to);
    return;
  }
  uint32_t kx = first % kw, ky = first / kw % kh, kb = first / (kw * kh);
  while (to != end) {
    /* k-steps that are neighbours along a kernel's row */
    const int iy = iy0 + (int)ky * g.dky, inside = iy >= 0 && iy < g.h;
    int ix = ix0 + (int)kx * g.dkx;
    uint32_t word = base + kb * g.kb_stride + ky * g.ky_stride + kx * g.kx_stride;
    for (; kx < kw && to != end; kx++, to += lanes, ix += g.dkx, word += g.kx_stride) {
      if (!inside || ix < 0 || ix >= g.w) {
        memcpy(to, pad, lanes);
      } else {
        codes_of_word(words + (size_t)(word & mask) * n, n, act8, flip, to);
      }
    }
    kx = 0;
    if (++ky != kh) continue;
    ky = 0;
    kb++;
  }
}

/* The default array's loops with numbers that the compiler knows. */
static void gather(const struct compute *k, uint32_t pixel, uint32_t first, uint32_t steps, uint8_t *to) {
  const uint32_t n = k->d->caps.n;
  if (n == 16 && k->act8) {
    gather_as(k, pixel, first, steps, to, 16, 1);
  } else if (n == 16) {
    gather_as(k, pixel, first, steps, to, 16, 0);
  } else {
    gather_as(k, pixel, first, steps, to, n, (int)k->act8);
  }
}

/* A pixel's sums meet its accumulators. `fresh`: they are the first. */
static inline __attribute__((always_inline)) void accumulate_as(int32_t *acc, const int32_t *sums,
                                                                const int32_t *correction, uint32_t flip,
                                                                uint32_t columns, int max, int fresh) {
  for (uint32_t c = 0; c < columns; c++) {
    const uint32_t sum = (uint32_t)sums[c] - flip * (uint32_t)correction[c];
    if (fresh) {
      acc[c] = (int32_t)sum;
    } else if (max) {
      acc[c] = acc[c] > (int32_t)sum ? acc[c] : (int32_t)sum;
    } else {
      acc[c] = (int32_t)((uint32_t)acc[c] + sum);
    }
  }
}

static void accumulate(const struct compute *k, int32_t *acc, const int32_t *sums, uint32_t half, uint32_t group,
                       int fresh) {
  const uint32_t left = k->d->caps.n - group * DOT_COLUMNS, columns = left < DOT_COLUMNS ? left : DOT_COLUMNS;
  const int32_t *correction = k->column_sums[half] + (size_t)group * DOT_COLUMNS;
  acc += (size_t)group * DOT_COLUMNS;
  if (columns == DOT_COLUMNS && fresh) {
    accumulate_as(acc, sums, correction, k->flip, DOT_COLUMNS, 0, 1);
  } else if (columns == DOT_COLUMNS && !k->max) {
    accumulate_as(acc, sums, correction, k->flip, DOT_COLUMNS, 0, 0);
  } else {
    accumulate_as(acc, sums, correction, k->flip, columns, (int)k->max, fresh);
  }
}

/* K-steps first .. first + steps - 1 of all pixels. */
static void chunk(struct compute *k, uint32_t first, uint32_t steps) {
  const uint32_t base = F(ACC_BASE), buffer = F(ACC_BUF);
  const int fresh = F(FIRST) && first == 0, lanes = (int)(steps * k->lanes);
  /* Whole blocks of sums may be the accumulators as they are. */
  const int direct = fresh && k->flip == 0 && k->d->caps.n == DOT_COLUMNS;
  make_panels(k, first, steps);
  for (uint32_t p = 0; p < k->pixels; p += DOT_PIXELS) {
    const uint32_t left = k->pixels - p, pixels = left < DOT_PIXELS ? left : DOT_PIXELS;
    const uint32_t entry = (base + p) & (k->d->caps.acc_pixels - 1);
    for (uint32_t i = 0; i < pixels; i++) gather(k, p + i, first, steps, k->codes + (size_t)i * DOT_LANES);
    for (uint32_t half = 0; half < 2; half++) {
      if (!writes_half(k, half)) continue;
      for (uint32_t group = 0; group < k->groups; group++) {
        int32_t sums[DOT_PIXELS][DOT_COLUMNS];
        if (direct && pixels == DOT_PIXELS && entry + DOT_PIXELS <= k->d->caps.acc_pixels) {
          k->dot(k->codes, panel_at(k, half, 0), lanes, DOT_PIXELS, (void *)dev_acc(k->d, buffer, half, entry));
          continue;
        }
        k->dot(k->codes, panel_at(k, half, group), lanes, (int)pixels, sums);
        for (uint32_t i = 0; i < pixels; i++)
          accumulate(k, dev_acc(k->d, buffer, half, base + p + i), sums[i], half, group, fresh);
      }
    }
  }
}

void dev_compute(struct dev_core *d, const struct tetra_cmd *c) {
  struct compute k;
  begin(&k, d, c);
  /* A maximum is taken k-step by k-step. */
  const uint32_t most = k.max ? 1 : DOT_LANES / k.lanes;
  for (uint32_t first = 0; first < k.steps; first += most)
    chunk(&k, first, k.steps - first < most ? k.steps - first : most);
}
