/* tile_mn for an instruction that adds four products of bytes to each lane: included by a kernel's file behind
 * requant_body.h, with these inline functions for its vectors:
 *   weights_t; load_weights(p): LANES * kStep weights; spread(codes): four codes in every lane, as weights_t;
 *   dot(I sum, weights_t codes, weights_t weights); load_acc, store_acc: I in memory, at any address */

INLINE void tile_mn(const int pixels, const int vectors, const struct tetra_block *b, const uint8_t *const *pixel,
                    int32_t *acc) {
  I sum[kTilePixels][VECTORS];
  const uint8_t *p[kTilePixels];
  const int8_t *w = b->weights;
#pragma GCC unroll 6
  for (int j = 0; j < pixels; j++) {
    p[j] = pixel[j];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) sum[j][v] = load_acc(b->start + LANES * v);
  }
  for (const int32_t *o = b->offsets, *end = o + b->steps; o < end; o++, w += vectors * LANES * kStep) {
    weights_t weights[VECTORS];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) weights[v] = load_weights(w + LANES * kStep * v);
#pragma GCC unroll 6
    for (int j = 0; j < pixels; j++) {
      int32_t codes;
      memcpy(&codes, p[j] + *o, sizeof codes);
      const weights_t c = spread(codes);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; v++) sum[j][v] = dot(sum[j][v], c, weights[v]);
    }
  }
#pragma GCC unroll 6
  for (int j = 0; j < pixels; j++)
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) store_acc(acc + kTileChannels * j + LANES * v, sum[j][v]);
}
