/* Packs a depthwise convolution's weights: tap by tap, channels side by side as they lie in the input. */
#include <stdlib.h>
#include <string.h>

#include "fast/fast.h"

/* From a pixel's first code to channel 0 of tap t. */
static size_t tap_offset(const struct tetra_runs *r, int cin, int t) {
  const int taps = r->length / cin, run = t / taps;
  return (size_t)(run / r->per_row) * r->row + (size_t)(run % r->per_row) * r->tap + (size_t)(t % taps) * (size_t)cin;
}

/* A block's arrays: offsets, start values, weights. */
static void pack_block(const struct tetra_weights *m, const struct tetra_runs *runs, struct tetra_block *b,
                       int32_t *offsets, int32_t *start, int8_t *weights, int block) {
  b->offsets = offsets;
  b->start = start;
  b->weights = weights;
  for (int t = 0; t < b->steps; t++) {
    offsets[t] = (int32_t)tap_offset(runs, m->cin, t) + b->first;
    for (int c = 0; c < b->channels; c++) {
      const int w = m->w[(size_t)(b->first + c) * (size_t)b->steps + (size_t)t];
      weights[t * block + c] = (int8_t)w;
      start[c] += w * m->zero; /* taps <= 2^20, |w * zero| <= 2^14; sums that leave int32 were refused */
    }
  }
}

int tetra_pack_depthwise(struct tetra_packed *p, const struct tetra_kernel *k, const struct tetra_weights *m,
                         const struct tetra_runs *runs) {
  const int block = tetra_block_channels(k);
  const int taps = runs->runs * (runs->length / m->cin);
  const size_t offsets = tetra_aligned_bytes((size_t)taps * sizeof(int32_t)),
               start = tetra_aligned_bytes((size_t)block * sizeof(int32_t)),
               bytes = offsets + start + tetra_aligned_bytes((size_t)taps * (size_t)block);
  p->n_blocks = tetra_ceil_div(m->cout, block);
  p->blocks = calloc((size_t)p->n_blocks, sizeof *p->blocks);
  p->memory = aligned_alloc(kCacheLine, (size_t)p->n_blocks * bytes);
  if (!p->blocks || !p->memory) return TETRA_ENOMEM;
  memset(p->memory, 0, (size_t)p->n_blocks * bytes);
  for (int i = 0; i < p->n_blocks; i++) {
    struct tetra_block *b = &p->blocks[i];
    uint8_t *at = (uint8_t *)p->memory + (size_t)i * bytes;
    b->first = i * block;
    b->channels = m->cout - b->first < block ? m->cout - b->first : block;
    b->steps = taps;
    pack_block(m, runs, b, (int32_t *)(void *)at, (int32_t *)(void *)(at + offsets), (int8_t *)(at + offsets + start),
               block);
  }
  return TETRA_OK;
}
