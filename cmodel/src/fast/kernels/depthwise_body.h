/* depthwise(): a depthwise convolution's tile, channel by channel, in plain loops that compilers make vectors of. The
 * including file has BLOCK, the channels of a block, COLUMNS, those whose sums of six pixels stay in registers, and
 * CODE, the type of codes. */
INLINE void depthwise_columns(const int pixels, const struct tetra_block *b, const uint8_t *const *pixel, int first,
                              int32_t *acc) {
  uint32_t sum[kTilePixels][COLUMNS];
  const int8_t *w = b->weights + first;
  for (int j = 0; j < pixels; j++)
    for (int c = 0; c < COLUMNS; c++) sum[j][c] = (uint32_t)b->start[first + c];
  for (int s = 0; s < b->steps; s++, w += BLOCK) {
#pragma GCC unroll 6
    for (int j = 0; j < pixels; j++) {
      const CODE *p = (const CODE *)(pixel[j] + b->offsets[s] + first);
      for (int c = 0; c < COLUMNS; c++) sum[j][c] += (uint32_t)((int16_t)p[c] * (int16_t)w[c]);
    }
  }
  for (int j = 0; j < pixels; j++) memcpy(acc + j * kTileChannels + first, sum[j], sizeof sum[j]);
}

static void depthwise(const struct tetra_block *b, int pixels, const uint8_t *const *pixel, int32_t *acc) {
  for (int c = 0; c < b->channels; c += COLUMNS) switch (pixels) {
      case 1:
        depthwise_columns(1, b, pixel, c, acc);
        break;
      case 2:
        depthwise_columns(2, b, pixel, c, acc);
        break;
      case 3:
        depthwise_columns(3, b, pixel, c, acc);
        break;
      case 4:
        depthwise_columns(4, b, pixel, c, acc);
        break;
      case 5:
        depthwise_columns(5, b, pixel, c, acc);
        break;
      default:
        depthwise_columns(6, b, pixel, c, acc);
    }
}

_Static_assert((int)COLUMNS <= (int)kDepthwiseColumns && (int)BLOCK % (int)COLUMNS == 0, "tiles of whole columns");
