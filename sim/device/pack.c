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

/* Adds element k of a pixel's vector to its word. */
static void put(const struct dev_core *d, const struct pack *p, const struct tetra_cmd *c, uint32_t pixel, int k,
                int code) {
  const uint32_t stride = tetra_cmd_get(c, TETRA_F_PACK_DST_STRIDE), word = (uint32_t)(k / p->lanes);
  uint8_t *w = dev_word(d, TETRA_BUF_ACT, tetra_cmd_get(c, TETRA_F_PACK_DST_ADDR) + word * stride + pixel);
  const int i = k % p->lanes;
  if (i == 0) memset(w, 0, d->caps.n);
  if (p->bits4) {
    w[i / 2] = (uint8_t)(w[i / 2] | code << 4 * (i & 1));
  } else {
    w[i] = (uint8_t)code;
  }
}

void dev_pack(struct dev_core *d, const struct tetra_cmd *c) {
  const struct pack p = decode(c, (int)d->caps.n);
  const uint32_t rows = tetra_cmd_get(c, TETRA_F_PACK_OY), columns = tetra_cmd_get(c, TETRA_F_PACK_OX);
  for (uint32_t oy = 0; oy < rows; oy++) {
    for (uint32_t ox = 0; ox < columns; ox++) {
      int k = 0;
      for (int ky = 0; ky < p.kh; ky++) {
        const uint32_t step = oy * p.sy + (uint32_t)ky;
        const int y = p.iy0 + (int)step, x0 = p.x0 + (int)ox * p.xstep;
        const uint32_t row = p.src + (p.slot + step) % (uint32_t)p.ring * p.pitch;
        for (int x = x0; x < x0 + p.seg; x++, k++) {
          const int inside = y >= 0 && y < p.h && x >= 0 && x < p.row_elems;
          put(d, &p, c, oy * columns + ox, k, inside ? element(d, &p, row, x) : p.pad);
        }
      }
    }
  }
}
