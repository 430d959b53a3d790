/* Requantization of a tile in vectors, for any width: an instruction set's file defines the types and operations below
 * and includes this.
 *   V: lanes/2 int64, I: lanes int32.
 *   ld(p), add, sub, and_, mul (of the low halves, signed, 32x32 to 64), sll, sra (by a vector), sign (0 or -1), zero
 *   odd(I): every odd lane as the low half of a V; even(I): the same bits as V
 *   join(V, V): low halves of even and odd lanes; clamp64(V): to the range of int32; load_acc, store_y: I in memory
 *   read_res(t, v, src, channels): residual codes of vector v as I
 *   pack(t, y, channels, dst): adds the zero point to int32 values of one pixel, clamps and stores codes
 */
#ifndef TETRA_FAST_REQUANT_BODY_H
#define TETRA_FAST_REQUANT_BODY_H

#define INLINE static inline __attribute__((always_inline))

enum how { PLAIN, EVEN, AWAY, TWICE };

/* Parameters of half a vector, in registers. */
struct rounding {
  V shift, half, mask, shift1, half1;
};
struct half {
  V m, add, mr, left, res_add, bias;
  struct rounding main, second;
};

INLINE struct rounding load_rounding(enum how how, const struct tetra_rounding *r, size_t at) {
  struct rounding v = {.shift = ld(r->shift + at)};
  if (how != PLAIN) v.half = ld(r->half + at), v.mask = ld(r->mask + at);
  if (how == EVEN) v.half = sub(v.half, v.mask);
  if (how == TWICE) v.shift1 = ld(r->shift1 + at), v.half1 = ld(r->half1 + at);
  return v;
}

INLINE struct half load_half(const struct tetra_table *t, enum tetra_res_form form, enum how how, size_t at) {
  struct half h = {.m = ld(t->m + at), .add = ld(t->add + at), .main = load_rounding(how, &t->main, at)};
  if (form != TETRA_RES_NONE) h.mr = ld(t->mr + at);
  if (form == TETRA_RES_JOINT || form == TETRA_RES_PRE) h.left = ld(t->left + at);
  if (form == TETRA_RES_SEPARATE) h.second = load_rounding(how, &t->second, at);
  if (form == TETRA_RES_PRE) h.second = load_rounding(AWAY, &t->second, at), h.bias = ld(t->bias + at);
  if (form == TETRA_RES_SEPARATE || form == TETRA_RES_PRE) h.res_add = ld(t->res_add + at);
  return h;
}

INLINE V round_by(enum how how, const struct rounding *r, V x) {
  if (how == EVEN) x = add(x, add(r->half, and_(sra(x, r->shift), r->mask)));
  if (how == TWICE) x = sra(add(x, r->half1), r->shift1);
  if (how == AWAY || how == TWICE) x = add(x, add(r->half, and_(sign(x), r->mask)));
  return sra(x, r->shift);
}

/* The even or the odd channels of a vector: y before the zero point. */
INLINE V half_vector(const struct half *h, enum tetra_res_form form, enum how how, int wide, V acc, V res) {
  V r = zero();
  if (form != TETRA_RES_NONE) r = mul(res, h->mr);
  if (form == TETRA_RES_JOINT) r = sll(r, h->left);
  if (form == TETRA_RES_SEPARATE) r = round_by(how, &h->second, add(r, h->res_add));
  if (form == TETRA_RES_PRE) {
    r = round_by(AWAY, &h->second, sra(add(r, h->res_add), eleven()));
    acc = add(sll(add(acc, h->bias), h->left), r);
  }
  V x = add(mul(acc, h->m), h->add);
  if (form == TETRA_RES_JOINT) x = add(x, r);
  x = round_by(how, &h->main, x);
  if (form == TETRA_RES_SEPARATE) x = add(x, r);
  return wide ? clamp64(x) : x;
}

/* y of all pixels, vector by vector, so that parameters are loaded once. */
INLINE void tile_of(const struct tetra_table *t, enum tetra_res_form form, enum how how, int first, int channels,
                    int pixels, const int32_t *acc, const uint8_t *res, size_t res_stride, int32_t *y) {
  const int vectors = tetra_ceil_div(channels, LANES), wide = t->wide;
  for (int v = 0; v < vectors; v++) {
    const size_t at = (size_t)first + (size_t)v * LANES;
    const struct half e = load_half(t, form, how, at), o = load_half(t, form, how, at + LANES / 2);
    const uint8_t *src = res;
    for (int j = 0; j < pixels; j++, src += res_stride) {
      const I a = load_acc(acc + j * kTileChannels + v * LANES);
      const I r = form == TETRA_RES_NONE ? a : read_res(t, v, src, channels);
      store_y(y + j * kTileChannels + v * LANES, join(half_vector(&e, form, how, wide, even(a), even(r)),
                                                      half_vector(&o, form, how, wide, odd(a), odd(r))));
    }
  }
}

#define CASE(form, how)                                                                \
  case 4 * (form) + (how):                                                             \
    tile_of(t, form, how, first, channels, pixels, acc, res, res ? res_stride : 0, y); \
    break

static enum how how_of(const struct tetra_rounding *r) {
  if (r->plain) return PLAIN;
  return r->mode == TETRA_HALF_EVEN ? EVEN : r->mode == TETRA_HALF_AWAY ? AWAY : TWICE;
}

static void requant(const struct tetra_table *t, int first, int channels, int pixels, const int32_t *acc,
                    const uint8_t *res, size_t res_stride, uint8_t *dst, size_t dst_stride) {
  _Alignas(64) int32_t y[kTilePixels * kTileChannels];
  switch (4 * (int)t->form + (int)how_of(&t->main)) {
    CASE(TETRA_RES_NONE, PLAIN);
    CASE(TETRA_RES_NONE, EVEN);
    CASE(TETRA_RES_NONE, AWAY);
    CASE(TETRA_RES_NONE, TWICE);
    CASE(TETRA_RES_JOINT, PLAIN);
    CASE(TETRA_RES_JOINT, EVEN);
    CASE(TETRA_RES_JOINT, AWAY);
    CASE(TETRA_RES_JOINT, TWICE);
    CASE(TETRA_RES_SEPARATE, PLAIN);
    CASE(TETRA_RES_SEPARATE, EVEN);
    CASE(TETRA_RES_SEPARATE, AWAY);
    CASE(TETRA_RES_SEPARATE, TWICE);
    CASE(TETRA_RES_PRE, PLAIN);
    CASE(TETRA_RES_PRE, EVEN);
    CASE(TETRA_RES_PRE, AWAY);
    CASE(TETRA_RES_PRE, TWICE);
  }
  for (int j = 0; j < pixels; j++) pack(t, y + j * kTileChannels, channels, dst + (size_t)j * dst_stride);
}

#endif
