/* STORE: requantization of an accumulator tile, the fused max pool, and where the words go. */
#include <string.h>

#include "device/core.h"
#include "device/scale.h"
#include "tetra/requant.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { kMaxN = TETRA_CAPS_MAX_N };

struct output {
  const struct dev_core *d;
  const struct tetra_cmd *c;
  uint32_t index, form, n;
  int bits4, is_signed, zp, lo, hi;
  enum tetra_round round;
  scale_fn *fast;              /* or NULL: pixel by pixel */
  struct scale_codes codes;    /* for it */
  struct scale_channels ch[2]; /* by half */
};

#define F(name) tetra_cmd_get(c, TETRA_F_STORE_##name)
#define OUT(name) (index ? F(OUT1_##name) : F(OUT0_##name))

static uint32_t word32(const uint8_t *p) {
  return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void set_rounding(struct scale_channels *h, uint32_t i, enum tetra_round round) {
  const int64_t half = h->s[i] == 0 ? 0 : (int64_t)1 << (h->s[i] - 1);
  h->even[i] = round == TETRA_HALF_EVEN && half != 0;
  h->away[i] = round == TETRA_HALF_AWAY && half != 0;
  h->add[i] = round == TETRA_FLOOR ? 0 : h->even[i] ? half - 1 : half;
}

/* Entry `entry` of the parameter buffer. */
static void read_channels(struct output *o, struct scale_channels *h, uint32_t entry) {
  const uint32_t mask = (1u << TETRA_PARAM_SHIFT_W) - 1, lr_mask = (1u << TETRA_PARAM_LR_W) - 1;
  const uint8_t *records = dev_word(o->d, TETRA_BUF_PAR, entry * 16); /* 16 words: an entry does not wrap */
  for (uint32_t i = 0; i < o->n; i++) {
    const uint8_t *record = records + (size_t)i * TETRA_PARAM_BYTES;
    const uint32_t m = word32(record + 4), mr = word32(record + 8), shifts = word32(record + 12);
    h->bias[i] = (int32_t)word32(record);
    h->m[i] = m & 0x7fffffff;
    h->mr[i] = mr & 0x7fffffff;
    h->s[i] = shifts >> TETRA_PARAM_S_LSB & mask;
    h->sr[i] = shifts >> TETRA_PARAM_SR_LSB & mask;
    h->lr[i] = shifts >> TETRA_PARAM_LR_LSB & lr_mask;
    const uint32_t f = shifts >> TETRA_PARAM_FRAC_LSB << 2 | mr >> 31 << 1 | m >> 31;
    const int64_t fraction = (int64_t)(f ^ 0x8000u) - 0x8000;
    h->fraction[i] =
        fraction * ((int64_t)1 << (TETRA_PARAM_FRAC_SHIFT + (o->form == TETRA_RES_FORM_PRE ? h->lr[i] : 0)));
    set_rounding(h, i, o->round);
  }
}

/* Where sums and residuals are rounded together, in words of whole vectors. */
static void choose(struct output *o) {
  const struct tetra_cmd *c = o->c;
  const int sums = o->form <= TETRA_RES_FORM_JOINT && o->round != TETRA_TFLITE;
  o->fast = sums && !o->d->portable && o->n % SCALE_CHANNELS == 0 ? scale_choose() : NULL;
  const int res4 = (int)F(RES4), flip = !F(RES_SIGNED) ? 0 : res4 ? 8 : 0x80;
  const int zp = dev_code(F(RES_ZP), res4 ? 4 : 8, (int)F(RES_SIGNED));
  o->codes = (struct scale_codes){
      .bits4 = o->bits4, .zp = o->zp, .lo = o->lo, .hi = o->hi, .res4 = res4, .res_flip = flip, .res_sub = flip + zp};
}

static void begin(struct output *o, const struct dev_core *d, const struct tetra_cmd *c, uint32_t index) {
  o->d = d;
  o->c = c;
  o->index = index;
  o->n = d->caps.n;
  o->form = F(RES_FORM);
  o->bits4 = (int)OUT(BITS4);
  o->is_signed = (int)OUT(SIGNED);
  const int bits = o->bits4 ? 4 : 8;
  o->zp = dev_code(OUT(ZP), bits, o->is_signed);
  o->lo = dev_code(OUT(LO), bits, o->is_signed);
  o->hi = dev_code(OUT(HI), bits, o->is_signed);
  o->round = (enum tetra_round)OUT(RND);
  read_channels(o, &o->ch[0], OUT(PAR));
  if (F(HALVES2)) read_channels(o, &o->ch[1], OUT(PAR) + 1);
  choose(o);
}

/* Bytes, or sign-extended bytes, less a zero point. */
static inline __attribute__((always_inline)) void residual_bytes(const uint8_t *w, uint32_t n, int is_signed,
                                                                 int64_t zp, int64_t *res) {
  const int64_t flip = is_signed ? 0x80 : 0;
  for (uint32_t i = 0; i < n; i++) res[i] = (w[i] ^ flip) - flip - zp;
}

/* Residual codes of a pixel, less their zero point. */
static void read_residual(const struct output *o, uint32_t half, uint32_t pixel, int64_t *res) {
  const struct tetra_cmd *c = o->c;
  const int bits = F(RES4) ? 4 : 8, is_signed = (int)F(RES_SIGNED), zp = dev_code(F(RES_ZP), bits, is_signed);
  const uint32_t stride = bits == 8 ? F(RES_HALF_STRIDE) : 0, n = o->n;
  const uint8_t *w = dev_word(o->d, TETRA_BUF_RES, F(RES_BASE) + pixel + half * stride);
  if (bits == 8 && n == 16) {
    residual_bytes(w, 16, is_signed, zp, res);
  } else if (bits == 8) {
    residual_bytes(w, n, is_signed, zp, res);
  } else {
    for (uint32_t i = half * n; i < half * n + n; i++)
      res[i - half * n] = dev_code((uint32_t)w[i / 2] >> 4 * (i & 1), bits, is_signed) - zp;
  }
}

static int64_t shift_left(int64_t x, int64_t s) { return (int64_t)((uint64_t)x << s); }

/* R(x, S) of channel i. */
static inline int64_t rounded(const struct scale_channels *h, uint32_t i, int64_t x) {
  const int64_t s = h->s[i];
  return (x + h->add[i] + (h->even[i] & (x >> s)) - (h->away[i] & (x >> 63))) >> s;
}

/* The sums of a pixel's channels, scaled and rounded: with a residual that is rounded together, or without (NULL). */
static inline __attribute__((always_inline)) void scale_as(const struct scale_channels *h, uint32_t n,
                                                           const int32_t *acc, const int64_t *res, int64_t *y) {
  for (uint32_t i = 0; i < n; i++) {
    const int64_t a = (int32_t)((uint32_t)acc[i] + (uint32_t)h->bias[i]);
    const int64_t r = res == NULL ? 0 : shift_left(res[i] * h->mr[i], h->lr[i]);
    y[i] = rounded(h, i, a * h->m[i] + h->fraction[i] + r);
  }
}

/* The default array's with a number of channels that the compiler knows. */
static void scale(const struct scale_channels *h, uint32_t n, const int32_t *acc, const int64_t *res, int64_t *y) {
  if (n == 16 && res == NULL) {
    scale_as(h, 16, acc, NULL, y);
  } else if (n == 16) {
    scale_as(h, 16, acc, res, y);
  } else {
    scale_as(h, n, acc, res, y);
  }
}

/* Codes from scaled sums; returns how many the clamp changed. */
static inline __attribute__((always_inline)) uint32_t clamp_as(const struct output *o, uint32_t n, const int64_t *y,
                                                               uint8_t *codes) {
  const int64_t zp = o->zp, lo = o->lo, hi = o->hi;
  const int counts_low = lo != zp; /* not a ReLU's */
  uint64_t changed = 0;
  for (uint32_t i = 0; i < n; i++) {
    const int64_t v = y[i] + zp, up = v < lo ? lo : v, code = up > hi ? hi : up;
    changed += (uint64_t)((v > hi) | (counts_low & (v < lo)));
    codes[i] = (uint8_t)code;
  }
  return (uint32_t)changed;
}

/* Any form and rounding, as cmodel defines them. */
static void scale_any(const struct output *o, const struct scale_channels *h, const int32_t *acc, const int64_t *res,
                      int64_t *y) {
  for (uint32_t i = 0; i < o->n; i++) {
    int64_t a = (int32_t)((uint32_t)acc[i] + (uint32_t)h->bias[i]), r = res[i] * h->mr[i];
    if (o->form == TETRA_RES_FORM_PRE) {
      const int64_t t = tetra_round_shift((r + 1024) >> 11, (int)h->sr[i], TETRA_HALF_AWAY);
      a = (int32_t)((uint32_t)shift_left(a, h->lr[i]) + (uint32_t)t);
    }
    int64_t sum = a * h->m[i] + h->fraction[i];
    if (o->form == TETRA_RES_FORM_JOINT) sum += shift_left(r, h->lr[i]);
    y[i] = tetra_round_shift(sum, (int)h->s[i], o->round);
    if (o->form == TETRA_RES_FORM_SEPARATE) y[i] += tetra_round_shift(r, (int)h->sr[i], o->round);
  }
}

/* The codes of half `half` of a pixel; returns how many the clamp changed, a ReLU's lower one not counted. */
static uint32_t codes_of(const struct output *o, uint32_t half, uint32_t pixel, uint8_t *codes) {
  const struct tetra_cmd *c = o->c;
  const struct scale_channels *h = &o->ch[half];
  const int32_t *acc = dev_acc(o->d, F(ACC_BUF), half, F(ACC_BASE) + pixel);
  int64_t res[kMaxN], y[kMaxN];
  const int joins = o->form != TETRA_RES_FORM_NONE;
  if (joins) read_residual(o, half, pixel, res);
  if (o->form <= TETRA_RES_FORM_JOINT && o->round != TETRA_TFLITE) {
    scale(h, o->n, acc, joins ? res : NULL, y);
  } else {
    if (!joins) memset(res, 0, sizeof res);
    scale_any(o, h, acc, res, y);
  }
  return o->n == 16 ? clamp_as(o, 16, y, codes) : clamp_as(o, o->n, y, codes);
}

/* Pixels from one on that neither accumulators nor residuals wrap around in. */
static uint32_t straight(const struct output *o, uint32_t entry, uint32_t word, uint32_t left) {
  const uint32_t entries = o->d->caps.acc_pixels, words = o->d->words[TETRA_BUF_RES];
  const uint32_t a = entries - (entry & (entries - 1)), r = words - (word & (words - 1));
  const uint32_t least = a < r ? a : r;
  return least < left ? least : left;
}

/* The codes of half `half` of all pixels, by whole vectors. */
static uint64_t fast_half(const struct output *o, uint32_t half, uint8_t *words) {
  const struct tetra_cmd *c = o->c;
  const uint32_t pixels = F(PIXELS), n = o->n, joins = o->form != TETRA_RES_FORM_NONE;
  const uint32_t res_byte = F(RES4) ? half * n / 2 : 0, byte = o->bits4 ? half * n / 2 : 0;
  const uint32_t res_base = F(RES_BASE) + (F(RES4) ? 0 : half * F(RES_HALF_STRIDE));
  uint64_t changed = 0;
  for (uint32_t p = 0, some; p < pixels; p += some) {
    const uint32_t entry = F(ACC_BASE) + p, word = res_base + p;
    some = straight(o, entry, word, pixels - p);
    for (uint32_t i = 0; i < n; i += SCALE_CHANNELS) {
      const uint8_t *res = dev_word(o->d, TETRA_BUF_RES, word) + res_byte + (F(RES4) ? i / 2 : i);
      const struct scale_run run = {.acc = dev_acc(o->d, F(ACC_BUF), half, entry) + i,
                                    .res = joins ? res : NULL,
                                    .to = words + (size_t)p * n + byte + (o->bits4 ? i / 2 : i),
                                    .pixels = some,
                                    .n = n};
      changed += o->fast(&o->ch[half], i, &o->codes, &run);
    }
  }
  return changed;
}

static uint64_t fast_section(const struct output *o, uint32_t half, uint8_t *words) {
  const struct tetra_cmd *c = o->c;
  if (!o->bits4) return fast_half(o, half, words);
  if (F(HALVES2)) return fast_half(o, 0, words) + fast_half(o, 1, words);
  memset(words, 0, (size_t)F(PIXELS) * o->n);
  return fast_half(o, 0, words);
}

/* The words of a section: of one half of 8-bit codes, or both halves of 4-bit ones. */
static uint64_t section(const struct output *o, uint32_t half, uint8_t *words) {
  const struct tetra_cmd *c = o->c;
  const uint32_t pixels = F(PIXELS), n = o->n;
  uint64_t changed = 0;
  if (o->fast != NULL) return fast_section(o, half, words);
  for (uint32_t p = 0; p < pixels; p++, words += n) {
    if (!o->bits4) {
      changed += codes_of(o, half, p, words);
      continue;
    }
    uint8_t codes[2 * kMaxN] = {0};
    changed += codes_of(o, 0, p, codes);
    if (F(HALVES2)) changed += codes_of(o, 1, p, codes + n);
    for (uint32_t i = 0; i < n; i++) words[i] = (uint8_t)((codes[2 * i] & 15) | codes[2 * i + 1] << 4);
  }
  return changed;
}

#if defined(__SSE2__)
/* 16 bytes of `larger`. */
static inline void larger_16(uint8_t flip, uint8_t part, const uint8_t *a, const uint8_t *b, uint8_t *to) {
  const __m128i f = _mm_set1_epi8((char)flip), l = _mm_set1_epi8((char)part);
  const __m128i x = _mm_xor_si128(_mm_loadu_si128((const void *)a), f);
  const __m128i y = _mm_xor_si128(_mm_loadu_si128((const void *)b), f);
  const __m128i high = _mm_max_epu8(x, y), low = _mm_max_epu8(_mm_and_si128(x, l), _mm_and_si128(y, l));
  _mm_storeu_si128((void *)to, _mm_xor_si128(_mm_or_si128(_mm_andnot_si128(l, high), low), f));
}
#endif

/* The larger code in each place of a and b. */
static void larger(const struct output *o, const uint8_t *a, const uint8_t *b, uint8_t *to) {
  const uint8_t flip = !o->is_signed ? 0 : o->bits4 ? 0x88 : 0x80, part = o->bits4 ? 15 : 0;
#if defined(__SSE2__)
  if (o->n % 16 == 0) {
    for (uint32_t i = 0; i < o->n; i += 16) larger_16(flip, part, a + i, b + i, to + i);
    return;
  }
#endif
  uint8_t both[kMaxN] = {0}; /* to[] may be a[] */
  for (uint32_t i = 0; i < o->n; i++) {
    const uint8_t x = a[i] ^ flip, y = b[i] ^ flip, xl = x & part, yl = y & part;
    const uint8_t high = x > y ? x : y, low = xl > yl ? xl : yl;
    both[i] = (uint8_t)((high & ~part) | low) ^ flip;
  }
  memcpy(to, both, o->n);
}

/* A section's words pass the max pool, whose line begins at word `at`. Returns the end of what it lets out. */
static uint8_t *pool(const struct output *o, const uint8_t *words, uint32_t at, uint8_t *to) {
  const struct tetra_cmd *c = o->c;
  const uint32_t rows = F(POOL_ROWS), columns = F(SEG_BEATS), pad = F(POOL_PAD_X), n = o->n;
  const uint32_t windows = (columns + pad) / 2;
  for (uint32_t y = 0; y < rows; y++, words += (size_t)columns * n) {
    const int odd = (F(POOL_ODD_Y) + y) & 1, above = !(F(POOL_TOP) && y == 0);
    for (uint32_t w = 0; w < windows; w++) {
      const uint32_t first = 2 * w < pad ? 0 : 2 * w - pad, end = 2 * w - pad + 3;
      uint8_t across[kMaxN], down[kMaxN];
      memcpy(across, words + (size_t)first * n, n);
      for (uint32_t x = first + 1; x < (end < columns ? end : columns); x++)
        larger(o, across, words + (size_t)x * n, across);
      uint8_t *line = o->d->line + (size_t)((at + w) & (o->d->caps.pool_words - 1)) * n;
      memcpy(down, across, n);
      if (above) larger(o, across, line, down);
      memcpy(line, odd ? down : across, n);
      if (odd ? !(F(POOL_END) && y == rows - 1) : !above) continue;
      memcpy(to, down, n);
      to += n;
    }
  }
  return to;
}

void dev_store(struct dev_core *d, const struct tetra_cmd *c, uint8_t *words) {
  const uint32_t n = d->caps.n, pooled = F(POOL_BEATS), windows = (F(SEG_BEATS) + F(POOL_PAD_X)) / 2;
  uint32_t at = F(POOL_LINE);
  for (uint32_t i = 0; i <= F(TWO_OUT); i++) {
    struct output o;
    begin(&o, d, c, i);
    const uint32_t sections = o.bits4 || !F(HALVES2) ? 1 : 2;
    for (uint32_t half = 0; half < sections; half++, at += windows) {
      d->sat[i] += section(&o, half, pooled ? d->scratch : words);
      words = pooled ? pool(&o, d->scratch, at, words) : words + (size_t)F(PIXELS) * n;
    }
  }
}

uint32_t dev_runs_next(struct dev_runs *r, uint32_t *addr) {
  const struct tetra_cmd *c = r->c;
  const uint32_t index = r->out, pixels = F(PIXELS), seg = F(SEG_BEATS), pooled = F(POOL_BEATS);
  if (index > F(TWO_OUT)) return 0;
  *addr = OUT(ADDR) + r->half * OUT(HALF_STRIDE) + (pooled ? 0 : r->pixel / seg * F(SEG_STRIDE));
  const uint32_t left = pixels - r->pixel, beats = pooled ? pooled : left < seg ? left : seg;
  r->pixel += pooled ? pixels : beats;
  if (r->pixel == pixels) {
    r->pixel = 0;
    if (!OUT(BITS4) && F(HALVES2) && r->half == 0) {
      r->half = 1;
    } else {
      r->half = 0;
      r->out++;
    }
  }
  return beats;
}
