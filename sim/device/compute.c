/* COMPUTE: k-steps over a tile of pixels, as products of panels of weights with a few pixels' codes at a time.
 *
 * Codes are u8 to the products: of signed ones the sign bit is turned over, which adds as much to each code, and to a
 * sum that many times its column's weights. */
#include <string.h>

#include "device/core.h"
#include "device/dot.h"

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
  uint8_t pad[128]; /* a word outside of the image, as codes */
};

static int s16(uint32_t v) { return (int)(v ^ 0x8000u) - 0x8000; }

#define F(name) tetra_cmd_get(k->c, TETRA_F_COMP_##name)

static void begin(struct compute *k, struct dev_core *d, const struct tetra_cmd *c) {
  memset(k, 0, sizeof *k);
  k->d = d;
  k->c = c;
  k->dot = dot_choose();
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
  const uint32_t pad = F(PAD);
  for (uint32_t i = 0; i < k->lanes; i++) k->pad[i] = (uint8_t)((k->act8 ? pad : pad >> 4 * (i & 1) & 15) ^ k->flip);
}

/* Half-words of four lanes into a panel: 16 columns at most from `first` on. */
static void panel_lanes(struct compute *k, uint32_t half, uint32_t first, const uint8_t *const w[4], int8_t *to) {
  const uint32_t left = k->d->caps.n - first, columns = left < DOT_COLUMNS ? left : DOT_COLUMNS;
  const int up = k->wgt8 ? 0 : half ? 0 : 4, down = k->wgt8 ? 0 : 4;
  for (uint32_t c = 0; c < columns; c++) {
    for (int j = 0; j < 4; j++) to[4 * c + (uint32_t)j] = (int8_t)((int8_t)(uint8_t)(w[j][first + c] << up) >> down);
  }
  for (uint32_t c = columns; c < DOT_COLUMNS; c++) memset(to + (size_t)4 * c, 0, 4);
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

/* A pixel's codes in k-steps first .. first + steps - 1. */
static void gather(const struct compute *k, uint32_t pixel, uint32_t first, uint32_t steps, uint8_t *to) {
  const uint32_t oy = pixel / k->columns, ox = pixel % k->columns, n = k->d->caps.n;
  const uint32_t base = F(ACT_BASE) + oy * F(OY_STRIDE) + ox * F(OX_STRIDE);
  const uint32_t kb_stride = F(KB_STRIDE), ky_stride = F(KY_STRIDE), kx_stride = F(KX_STRIDE), h = F(H), w = F(W);
  const int iy0 = s16(F(IY0)) + (int)(oy * F(SY)), ix0 = s16(F(IX0)) + (int)(ox * F(SX));
  const int dky = (int)F(DKY), dkx = (int)F(DKX);
  uint32_t kx = first % k->kw, ky = first / k->kw % k->kh, kb = first / (k->kw * k->kh);
  for (uint32_t s = 0; s < steps; s++, to += k->lanes) {
    const int iy = iy0 + (int)ky * dky, ix = ix0 + (int)kx * dkx;
    if (iy < 0 || iy >= (int)h || ix < 0 || ix >= (int)w) {
      memcpy(to, k->pad, k->lanes);
    } else {
      const uint8_t *from = dev_word(k->d, TETRA_BUF_ACT, base + kb * kb_stride + ky * ky_stride + kx * kx_stride);
      if (k->act8) {
        for (uint32_t i = 0; i < n; i++) to[i] = from[i] ^ k->flip;
      } else {
        for (uint32_t i = 0; i < n; i++) {
          to[2 * i] = (uint8_t)((from[i] & 15) ^ k->flip);
          to[2 * i + 1] = (uint8_t)(from[i] >> 4 ^ k->flip);
        }
      }
    }
    if (++kx == k->kw) {
      kx = 0;
      if (++ky == k->kh) {
        ky = 0;
        kb++;
      }
    }
  }
}

/* A pixel's sums meet its accumulators. `fresh`: they are the first. */
static void accumulate(const struct compute *k, int32_t *acc, const int32_t *sums, uint32_t half, uint32_t group,
                       int fresh) {
  const uint32_t left = k->d->caps.n - group * DOT_COLUMNS, columns = left < DOT_COLUMNS ? left : DOT_COLUMNS;
  const int32_t *correction = k->column_sums[half] + (size_t)group * DOT_COLUMNS;
  acc += (size_t)group * DOT_COLUMNS;
  for (uint32_t c = 0; c < columns; c++) {
    const uint32_t sum = (uint32_t)sums[c] - (uint32_t)k->flip * (uint32_t)correction[c];
    if (fresh) {
      acc[c] = (int32_t)sum;
    } else if (k->max) {
      acc[c] = acc[c] > (int32_t)sum ? acc[c] : (int32_t)sum;
    } else {
      acc[c] = (int32_t)((uint32_t)acc[c] + sum);
    }
  }
}

/* K-steps first .. first + steps - 1 of all pixels. */
static void chunk(struct compute *k, uint32_t first, uint32_t steps) {
  const uint32_t base = F(ACC_BASE), buffer = F(ACC_BUF);
  const int fresh = F(FIRST) && first == 0, lanes = (int)(steps * k->lanes);
  make_panels(k, first, steps);
  for (uint32_t p = 0; p < k->pixels; p += DOT_PIXELS) {
    const uint32_t left = k->pixels - p, pixels = left < DOT_PIXELS ? left : DOT_PIXELS;
    for (uint32_t i = 0; i < pixels; i++) gather(k, p + i, first, steps, k->codes + (size_t)i * DOT_LANES);
    for (uint32_t half = 0; half < 2; half++) {
      if (!writes_half(k, half)) continue;
      for (uint32_t group = 0; group < k->groups; group++) {
        int32_t sums[DOT_PIXELS][DOT_COLUMNS];
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
