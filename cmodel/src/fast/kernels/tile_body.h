/* A tile function out of tile_mn(pixels, vectors, block, pixel, acc), compiled for every size up to 6 x VECTORS. */
#define TILE(m, n)                \
  case 4 * (m) + (n)-1:           \
    tile_mn(m, n, b, pixel, acc); \
    return;
#if VECTORS == 4
#define TILES(m) TILE(m, 1) TILE(m, 2) TILE(m, 3) TILE(m, 4)
#else
#define TILES(m) TILE(m, 1) TILE(m, 2)
#endif

static void tile(const struct tetra_block *b, int pixels, const uint8_t *const *pixel, int32_t *acc) {
  switch (4 * pixels + b->vectors - 1) { TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6) }
}
