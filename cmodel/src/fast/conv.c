/* Integer convolutions: tiles of pixels by channels, requantized while their accumulators are in the nearest cache. */
#include <stdlib.h>
#include <string.h>

#include "fast/bands.h"

enum { kSlack = 64 }; /* a step may read past the last code; its weights there are 0 */

struct conv {
  const struct tetra_fast_op *f;
  const struct tetra_op_io *io;
  struct tetra_bands bands;
  void *const *room;
  float *sums;                     /* [pixels][cout] in the place of outputs; or NULL */
  size_t codes_bytes, pixel_bytes; /* of a worker's room: stored codes, pixels' addresses, then planes of a pool */
};

/* Where output o's codes go, and how far it is to the next pixel. */
struct target {
  uint8_t *first;
  size_t stride;
  int bits;
};

static void put_sums(const struct conv *v, const struct tetra_block *b, int pixels, size_t out_pixel,
                     const int32_t *acc) {
  float *to = v->sums + out_pixel * (size_t)v->io->op->cout + (size_t)b->first;
  for (int j = 0; j < pixels; j++, acc += kTileChannels, to += v->io->op->cout)
    for (int c = 0; c < b->channels; c++) to[c] = (float)acc[c];
}

/* The sums of the other arrays of weights for a tile of block i. */
static void add_more(const struct conv *v, int i, int pixels, const uint8_t **pixel, int32_t *acc) {
  _Alignas(64) int32_t sums[kTilePixels * kTileChannels];
  for (int e = 0; e < v->io->op->extra; e++) {
    const struct tetra_block *b = &v->f->more[e].blocks[i];
    v->f->tile(b, pixels, pixel, sums);
    for (int j = 0; j < pixels; j++)
      for (int c = 0; c < b->channels; c++) acc[j * kTileChannels + c] += sums[j * kTileChannels + c];
  }
}

static void block_tiles(const struct conv *v, int i, size_t pixels, const uint8_t **pixel, size_t out_pixel,
                        const struct target *to) {
  const struct tetra_block *b = &v->f->packed.blocks[i];
  const struct tetra_tensor *res = v->io->res;
  _Alignas(64) int32_t acc[kTilePixels * kTileChannels];
  for (size_t p = 0; p < pixels; p += kTilePixels) {
    const int count = pixels - p < kTilePixels ? (int)(pixels - p) : kTilePixels;
    v->f->tile(b, count, pixel + p, acc);
    if (v->io->op->extra) add_more(v, i, count, pixel + p, acc);
    if (v->sums) put_sums(v, b, count, out_pixel + p, acc);
    const uint8_t *r = NULL;
    if (res) r = res->data + (out_pixel + p) * res->pixel_bytes + b->first * tetra_fmt_bits(res->d.fmt) / 8;
    for (int o = 0; o < v->io->op->n_outputs; o++)
      v->f->kernel->requant(&v->f->tables[o], b->first, b->channels, count, acc, r, res ? res->pixel_bytes : 0,
                            to[o].first + p * to[o].stride + b->first * to[o].bits / 8, to[o].stride);
  }
}

/* A band's planes, a byte a code, behind one another in the worker's room; then pooled. */
static void pool_band(const struct conv *v, const struct tetra_band *band, const struct target *to) {
  for (int o = 0; o < v->io->op->n_outputs; o++)
    tetra_pool_rows(v->io, o, band->n0, to[o].first, band->y0, band->u0, band->u1);
}

static void task(void *arg, int i, int worker) {
  const struct conv *v = arg;
  const struct tetra_op *op = v->io->op;
  const struct tetra_band band = tetra_band_at(&v->bands, v->io, i / v->bands.shares);
  uint8_t *codes = v->room[worker];
  const uint8_t **pixel = (const uint8_t **)(void *)(codes + v->codes_bytes);
  if (!v->f->direct) tetra_band_fill(&v->bands, v->f, v->io, &band, codes);
  const size_t pixels = tetra_band_pixels(&v->bands, v->f, v->io, &band, codes, pixel);
  const size_t first = ((size_t)band.n0 * (size_t)v->bands.ho + (size_t)band.y0) * (size_t)v->bands.wo;
  struct target to[TETRA_MAX_OUTPUTS];
  for (int o = 0; o < op->n_outputs; o++) {
    const struct tetra_tensor *out = v->io->out[o];
    to[o] = (struct target){out->data + first * out->pixel_bytes, out->pixel_bytes, tetra_fmt_bits(out->d.fmt)};
    if (op->pool)
      to[o] = (struct target){codes + v->codes_bytes + v->pixel_bytes + (size_t)o * v->bands.pixels * (size_t)op->cout,
                              (size_t)op->cout, 8};
  }
  const int n = v->f->packed.n_blocks, share = i % v->bands.shares;
  for (int b = n * share / v->bands.shares; b < n * (share + 1) / v->bands.shares; b++)
    block_tiles(v, b, pixels, pixel, first, to);
  if (op->pool) pool_band(v, &band, to);
}

static int run(const struct tetra_fast_op *f, const struct tetra_op_io *io, struct tetra_crew *crew, float *sums) {
  struct conv v = {.f = f, .io = io, .sums = sums};
  tetra_bands_init(&v.bands, f, io, crew->count);
  v.codes_bytes = tetra_aligned_bytes((size_t)v.bands.images * v.bands.image_bytes + kSlack);
  v.pixel_bytes = tetra_aligned_bytes(v.bands.pixels * sizeof(uint8_t *));
  const size_t planes = io->op->pool ? (size_t)io->op->n_outputs * v.bands.pixels * (size_t)io->op->cout : 0;
  if (tetra_crew_need(crew, v.codes_bytes + v.pixel_bytes + planes)) return TETRA_ENOMEM;
  v.room = crew->room;
  tetra_threads_run(crew->threads, v.bands.n * v.bands.shares, task, &v);
  return TETRA_OK;
}

int tetra_fast_conv(const struct tetra_fast_op *f, const struct tetra_op_io *io, struct tetra_crew *crew) {
  return run(f, io, crew, NULL);
}

int tetra_fast_sums(const struct tetra_fast_op *f, const struct tetra_op_io *io, struct tetra_crew *crew, float *sums) {
  return run(f, io, crew, sums);
}
