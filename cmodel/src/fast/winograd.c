/* Convolutions of 3x3 with 4-bit operands in fewer products: Winograd's F(2x2, 3x3) (Lavin and Gray, Fast algorithms
 * for convolutional neural networks, CVPR 2016) takes 16 for four outputs where the sum itself takes 36. Weights are
 * transformed by twice Winograd's G on both sides, so everything is whole numbers: 4-bit weights become 8-bit ones,
 * 4-bit codes at most 7 bits with a sign, and the result is four times the sum. Nothing is rounded. (8-bit operands
 * would need more than 8 bits.)
 *
 *      2 0  0 |      1 0 -1  0 |
 *   G: 1 1  1 | B^T: 0 1  1  0 | A^T: 1 1  1  0
 *      1 -1 1 |      0 -1 1  0 |      0 1 -1 -1
 *      0 0  2 |      0 1  0 -1 |
 */
#include <stdlib.h>
#include <string.h>

#include "fast/bands.h"

enum {
  kPositions = 16, /* of a transformed tile */
  kLift = 32,      /* added to transformed codes where a kernel wants them from 0 up: they are -30..60 */
  kMost = 60 + kLift,
  kLeastTiles = 40, /* of a plane: with fewer the transformed weights, 16/9 of the plain ones, take longer to fetch */
  kAlign = 64
};

struct tetra_winograd {
  struct tetra_packed packed[kPositions];
};

static int lift(const struct tetra_kernel *k) { return k->flip ? 0 : kLift; }

int tetra_winograd_fits(const struct tetra_kernel *k, const struct tetra_op_io *io) {
  const struct tetra_op *op = io->op;
  const int64_t h = tetra_op_plane_h(op, io->in->d.h), w = tetra_op_plane_w(op, io->in->d.w);
  return k->tile && op->n_outputs > 0 && op->groups == 1 && !op->pool && op->wbits == 4 &&
         tetra_fmt_bits(io->in->d.fmt) == 4 && op->win.kh == 3 && op->win.kw == 3 && op->win.stride_y == 1 &&
         op->win.stride_x == 1 && op->win.dilation_y == 1 && op->win.dilation_x == 1 &&
         (h + 1) / 2 * ((w + 1) / 2) >= kLeastTiles;
}

/* u = G g G^T of one channel pair; g and u are `step` apart. */
static void transform_weights(const int8_t *g, size_t step, int u[kPositions]) {
  int t[4][3];
  for (int x = 0; x < 3; x++) {
    const int a = g[(size_t)x * step], b = g[(size_t)(3 + x) * step], c = g[(size_t)(6 + x) * step];
    t[0][x] = 2 * a;
    t[1][x] = a + b + c;
    t[2][x] = a - b + c;
    t[3][x] = 2 * c;
  }
  for (int y = 0; y < 4; y++) {
    u[4 * y] = 2 * t[y][0];
    u[4 * y + 1] = t[y][0] + t[y][1] + t[y][2];
    u[4 * y + 2] = t[y][0] - t[y][1] + t[y][2];
    u[4 * y + 3] = 2 * t[y][2];
  }
}

/* What the input's own zero adds to all four outputs of a tile comes in at position (1, 1), which all of them add. */
static void add_zero(struct tetra_packed *p, const struct tetra_op *op, size_t k, int zero) {
  for (int i = 0; i < p->n_blocks; i++) {
    const struct tetra_block *b = &p->blocks[i];
    for (int c = 0; c < b->channels; c++) {
      int sum = 0; /* k <= 9 * 65536, |w| <= 8 */
      for (size_t j = 0; j < k; j++) sum += op->weights[(size_t)(b->first + c) * k + j];
      ((int32_t *)b->start)[c] += 4 * zero * sum;
    }
  }
}

int tetra_winograd_init(struct tetra_winograd **made, const struct tetra_kernel *k, const struct tetra_op_io *io) {
  const int cin = io->in->d.c, cout = io->op->cout;
  const size_t n = (size_t)cin * (size_t)cout;
  struct tetra_winograd *w = calloc(1, sizeof *w);
  int8_t *u = malloc(kPositions * n);
  int status = w && u ? TETRA_OK : TETRA_ENOMEM;
  *made = w;
  for (size_t i = 0; i < n && !status; i++) {
    int one[kPositions];
    const size_t out = i / (size_t)cin, in = i % (size_t)cin;
    transform_weights(io->op->weights + out * 9 * (size_t)cin + in, (size_t)cin, one);
    for (int p = 0; p < kPositions; p++) u[(size_t)p * n + i] = (int8_t)one[p];
  }
  const struct tetra_runs runs = {.runs = 1, .length = cin, .per_row = 1};
  for (int p = 0; p < kPositions && !status; p++) {
    const struct tetra_weights m = {u + (size_t)p * n, cout, cin, 1, k->flip ? 128 : kMost, -lift(k)};
    status = tetra_pack_weights(&w->packed[p], k, &m, &runs);
  }
  free(u);
  if (!status) add_zero(&w->packed[5], io->op, 9 * (size_t)cin, tetra_stored_zero(io->in->d.fmt, k->flip));
  return status;
}

void tetra_winograd_free(struct tetra_winograd *w) {
  for (int p = 0; w && p < kPositions; p++) tetra_packed_free(&w->packed[p]);
  free(w);
}

struct conv {
  const struct tetra_fast_op *f;
  const struct tetra_op_io *io;
  struct tetra_bands bands;
  void *const *room;
  int across, down;   /* tiles of a row of tiles, rows of tiles in a band's image */
  size_t channels;    /* of a transformed tile: cin, to a whole number of lines */
  size_t tiles_bytes; /* from one position's tiles to the next's */
  size_t codes_bytes, sums_bytes, stage_bytes;
};

/* One column of B^T d, or one row of d B, for `n` channels: at most 7 bits and a sign, so bytes do. */
static inline void transform_four(int n, const uint8_t *restrict a, const uint8_t *restrict b,
                                  const uint8_t *restrict c, const uint8_t *restrict d, uint8_t *restrict to,
                                  size_t step, int plus) {
  for (int i = 0; i < n; i++) {
    to[i] = (uint8_t)(a[i] - c[i] + plus);
    to[step + (size_t)i] = (uint8_t)(b[i] + c[i] + plus);
    to[2 * step + (size_t)i] = (uint8_t)(c[i] - b[i] + plus);
    to[3 * step + (size_t)i] = (uint8_t)(b[i] - d[i] + plus);
  }
}

/* n <= kAlign channels of one tile: codes at d, pixels c bytes apart; position p goes to v + p * step. */
static inline void transform_codes(int n, const uint8_t *d, size_t c, size_t row, int plus, uint8_t *v, size_t step) {
  uint8_t t[4][4][kAlign]; /* [column][row] */
  for (int x = 0; x < 4; x++) {
    const uint8_t *p = d + (size_t)x * c;
    transform_four(n, p, p + row, p + 2 * row, p + 3 * row, t[x][0], kAlign, 0);
  }
  for (int y = 0; y < 4; y++)
    transform_four(n, t[0][y], t[1][y], t[2][y], t[3][y], v + (size_t)(4 * y) * step, step, plus);
}

static void transform_band(const struct conv *v, int images, const uint8_t *codes, uint8_t *to) {
  const size_t c = (size_t)v->io->in->d.c;
  const int plus = lift(v->f->kernel);
  for (int n = 0; n < images; n++)
    for (int y = 0; y < v->down; y++)
      for (int x = 0; x < v->across; x++, to += v->channels) {
        const uint8_t *d =
            codes + (size_t)n * v->bands.image_bytes + (size_t)(2 * y) * v->bands.row_bytes + (size_t)(2 * x) * c;
        size_t at = 0;
        for (; at + kAlign <= c; at += kAlign)
          transform_codes(kAlign, d + at, c, v->bands.row_bytes, plus, to + at, v->tiles_bytes);
        if (at < c) transform_codes((int)(c - at), d + at, c, v->bands.row_bytes, plus, to + at, v->tiles_bytes);
      }
}

static int32_t quarter(uint32_t sum) { return (int32_t)sum >> 2; }

/* A^T m A / 4 of one tile: m's positions are kTilePixels rows apart, outputs go to two pixels of two rows. Unsigned, as
 * lanes past the last channel hold anything. */
static void transform_sums(const int32_t *restrict m, int32_t *restrict up, int32_t *restrict down) {
  enum { kStepM = kTilePixels * kTileChannels };
  for (int i = 0; i < kTileChannels; i++) {
    uint32_t s0[4], s1[4];
    for (int k = 0; k < 4; k++) {
      const uint32_t a = (uint32_t)m[k * kStepM + i], b = (uint32_t)m[(4 + k) * kStepM + i],
                     c = (uint32_t)m[(8 + k) * kStepM + i];
      s0[k] = a + b + c;
      s1[k] = b - c - (uint32_t)m[(12 + k) * kStepM + i];
    }
    up[i] = quarter(s0[0] + s0[1] + s0[2]);
    up[kTileChannels + i] = quarter(s0[1] - s0[2] - s0[3]);
    down[i] = quarter(s1[0] + s1[1] + s1[2]);
    down[kTileChannels + i] = quarter(s1[1] - s1[2] - s1[3]);
  }
}

/* One row of tiles for block b: accumulators of two rows of pixels to `stage`. */
static void tile_row(const struct conv *v, int b, const uint8_t *tiles, int32_t *sums, int32_t *stage) {
  int32_t *down = stage + (size_t)(2 * v->across) * kTileChannels;
  for (int x = 0; x < v->across; x += kTilePixels) {
    const int count = v->across - x < kTilePixels ? v->across - x : kTilePixels;
    for (int p = 0; p < kPositions; p++) {
      const uint8_t *pixel[kTilePixels];
      for (int j = 0; j < count; j++) pixel[j] = tiles + (size_t)p * v->tiles_bytes + (size_t)(x + j) * v->channels;
      v->f->kernel->tile(&v->f->winograd->packed[p].blocks[b], count, pixel,
                         sums + (size_t)p * kTilePixels * kTileChannels);
    }
    for (int j = 0; j < count; j++) {
      const size_t at = (size_t)(2 * (x + j)) * kTileChannels;
      transform_sums(sums + j * kTileChannels, stage + at, down + at);
    }
  }
}

static void finish_row(const struct conv *v, const struct tetra_block *b, size_t pixel, const int32_t *acc) {
  for (int x = 0; x < v->bands.wo; x += kTilePixels)
    tetra_sink_tile(v->f, v->io, pixel + (size_t)x, v->bands.wo - x < kTilePixels ? v->bands.wo - x : kTilePixels,
                    b->first, b->channels, acc + (size_t)x * kTileChannels);
}

static void task(void *arg, int i, int worker) {
  const struct conv *v = arg;
  const struct tetra_band band = tetra_band_at(&v->bands, v->io, i / v->bands.shares);
  uint8_t *codes = v->room[worker], *tiles = codes + v->codes_bytes;
  int32_t *sums = (int32_t *)(void *)(tiles + kPositions * v->tiles_bytes);
  int32_t *stage = (int32_t *)(void *)((uint8_t *)sums + v->sums_bytes);
  const int wo = v->bands.wo, rows = band.y1 - band.y0;
  tetra_band_fill(&v->bands, v->f, v->io, &band, codes);
  transform_band(v, band.n1 - band.n0, codes, tiles);
  const int n = v->f->winograd->packed[0].n_blocks, share = i % v->bands.shares;
  for (int b = n * share / v->bands.shares; b < n * (share + 1) / v->bands.shares; b++)
    for (int image = band.n0; image < band.n1; image++)
      for (int y = 0; y < rows; y += 2) {
        const struct tetra_block *block = &v->f->winograd->packed[0].blocks[b];
        const size_t first_tile = ((size_t)(image - band.n0) * (size_t)v->down + (size_t)(y / 2)) * (size_t)v->across;
        const size_t pixel = ((size_t)image * (size_t)v->bands.ho + (size_t)(band.y0 + y)) * (size_t)wo;
        tile_row(v, b, tiles + first_tile * v->channels, sums, stage);
        finish_row(v, block, pixel, stage);
        if (y + 1 < rows) finish_row(v, block, pixel + (size_t)wo, stage + (size_t)(2 * v->across) * kTileChannels);
      }
}

int tetra_winograd_conv(const struct tetra_fast_op *f, const struct tetra_op_io *io, struct tetra_crew *crew) {
  struct conv v = {.f = f, .io = io};
  tetra_bands_init(&v.bands, f, io, crew->count);
  v.across = (v.bands.wo + 1) / 2;
  v.down = (v.bands.rows + 1) / 2;
  v.channels = tetra_round_up((size_t)io->in->d.c, kAlign);
  v.tiles_bytes = (size_t)v.bands.images * (size_t)v.across * (size_t)v.down * v.channels;
  v.codes_bytes = ((size_t)v.bands.images * v.bands.image_bytes + kAlign) / kAlign * kAlign;
  v.sums_bytes = (size_t)kPositions * kTilePixels * kTileChannels * sizeof(int32_t);
  v.stage_bytes = (size_t)(4 * v.across) * kTileChannels * sizeof(int32_t);
  if (tetra_crew_need(crew, v.codes_bytes + kPositions * v.tiles_bytes + v.sums_bytes + v.stage_bytes))
    return TETRA_ENOMEM;
  v.room = crew->room;
  tetra_threads_run(crew->threads, v.bands.n * v.bands.shares, task, &v);
  return TETRA_OK;
}
