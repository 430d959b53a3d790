/* PACK: image rows in the residual buffer become densely packed words of activations. */
#include <string.h>

#include "device/core.h"

struct pack {
  int bits4, lanes, ring, kh, seg, xstep, x0, iy0, row_elems, h, pad;
  uint32_t src, pitch, slot, sy;
};

static int s16(uint32_t v) { return (int)(v ^ 0x8000u) - 0x8000; }

static struct pack decode(const struct tetra_cmd *c, int n) {
#define F(name) (int)tetra_cmd_get(c, TETRA_F_PACK_##name)
  const int bits4 = F(BITS4);
  const struct pack p = {.bits4 = bits4,
                         .lanes = bits4 ? 2 * n : n,
                         .ring = F(RING_ROWS),
                         .kh = F(KH),
                         .seg = F(SEG),
                         .xstep = F(XSTEP),
                         .x0 = s16((uint32_t)F(X0)),
                         .iy0 = s16((uint32_t)F(IY0)),
                         .row_elems = F(ROW_ELEMS),
                         .h = F(H),
                         .pad = bits4 ? F(PAD) & 15 : F(PAD),
                         .src = (uint32_t)F(SRC),
                         .pitch = (uint32_t)F(PITCH),
                         .slot = (uint32_t)F(SLOT),
                         .sy = (uint32_t)F(SY)};
#undef F
  return p;
}

/* Element x of the image row in ring slot `row`. */
static int element(const struct dev_core *d, const struct pack *p, uint32_t row, int x) {
  const uint8_t *w = dev_word(d, TETRA_BUF_RES, row + (uint32_t)(x / p->lanes));
  const int i = x % p->lanes;
  return p->bits4 ? w[i / 2] >> 4 * (i & 1) & 15 : w[i];
}

/* Elements x0 .. x0 + seg - 1 of the image row in a ring slot, `inside` the image or not, to to[]. */
static void row_elements(const struct dev_core *d, const struct pack *p, uint32_t row, int inside, int x0,
                         uint8_t *to) {
  const int first = x0 < 0 ? 0 : x0, end = x0 + p->seg < p->row_elems ? x0 + p->seg : p->row_elems;
  if (!inside || end - first < p->seg) memset(to, p->pad, (size_t)p->seg);
  if (!inside || first >= end) return;
  const uint32_t words = d->words[TETRA_BUF_RES], at = row & (words - 1);
  if (!p->bits4 && at + (uint32_t)((end - 1) / p->lanes) < words) {
    memcpy(to + (first - x0), dev_word(d, TETRA_BUF_RES, row) + first, (size_t)(end - first));
    return;
  }
  for (int x = first; x < end; x++) to[x - x0] = (uint8_t)element(d, p, row, x);
}

/* A pixel's vector of `count` elements into its words. */
static void put(const struct dev_core *d, const struct pack *p, const struct tetra_cmd *c, uint32_t pixel,
                const uint8_t *vector, int count) {
  const uint32_t stride = tetra_cmd_get(c, TETRA_F_PACK_DST_STRIDE), n = d->caps.n;
  uint32_t word = tetra_cmd_get(c, TETRA_F_PACK_DST_ADDR) + pixel;
  for (; count > 0; count -= p->lanes, vector += p->lanes, word += stride) {
    uint8_t *w = dev_word(d, TETRA_BUF_ACT, word);
    const int some = count < p->lanes ? count : p->lanes;
    memset(w, 0, n);
    if (!p->bits4) {
      memcpy(w, vector, (size_t)some);
      continue;
    }
    for (int i = 0; i < some; i++) w[i / 2] = (uint8_t)(w[i / 2] | vector[i] << 4 * (i & 1));
  }
}

void dev_pack(struct dev_core *d, const struct tetra_cmd *c) {
  const struct pack p = decode(c, (int)d->caps.n);
  const uint32_t rows = tetra_cmd_get(c, TETRA_F_PACK_OY), columns = tetra_cmd_get(c, TETRA_F_PACK_OX);
  for (uint32_t oy = 0; oy < rows; oy++) {
    for (uint32_t ox = 0; ox < columns; ox++) {
      uint8_t *vector = d->pixel;
      for (int ky = 0; ky < p.kh; ky++, vector += p.seg) {
        const uint32_t step = oy * p.sy + (uint32_t)ky;
        const int y = p.iy0 + (int)step;
        const uint32_t row = p.src + (p.slot + step) % (uint32_t)p.ring * p.pitch;
        row_elements(d, &p, row, y >= 0 && y < p.h, p.x0 + (int)ox * p.xstep, vector);
      }
      put(d, &p, c, oy * columns + ox, d->pixel, p.kh * p.seg);
    }
  }
}
