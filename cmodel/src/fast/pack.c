/* Packs weights for a kernel: by blocks of channels, step by step, without steps whose weights are all 0. Where pairs
 * of products are added in 16 bits, a step in which some pair could exceed them becomes two steps of half the weights.
 */
#include <stdlib.h>
#include <string.h>

#include "fast/fast.h"

enum { kSum16 = INT16_MAX };

struct packer {
  const struct tetra_kernel *kernel;
  const struct tetra_weights *m;
  const struct tetra_runs *runs;
  size_t k;      /* weights of a channel */
  int run_steps; /* steps of a run */
};

/* Weights of step s (run s / run_steps) for channel c, zeros past the run's end. */
static void step_weights(const struct packer *p, int s, int c, int8_t w[kStep]) {
  const int first = s % p->run_steps * kStep, left = p->runs->length - first;
  memset(w, 0, kStep);
  if (c >= p->m->cout) return;
  const size_t at = (size_t)c * p->k + (size_t)(s / p->run_steps) * (size_t)p->runs->length + (size_t)first;
  memcpy(w, p->m->w + at, (size_t)(left < kStep ? left : kStep));
}

static int32_t step_offset(const struct packer *p, int s) {
  const int run = s / p->run_steps;
  const size_t at = (size_t)(run / p->runs->per_row) * p->runs->row + (size_t)(run % p->runs->per_row) * p->runs->tap;
  return (int32_t)(at + (size_t)(s % p->run_steps * kStep));
}

/* Largest |sum| of a pair of products over all stored codes. */
static int pair_most(const struct packer *p, const int8_t *w, int lanes) {
  int most = 0;
  for (int i = 0; i < lanes * kStep; i += 2) {
    const int up = (w[i] > 0 ? w[i] : 0) + (w[i + 1] > 0 ? w[i + 1] : 0);
    const int down = (w[i] < 0 ? -w[i] : 0) + (w[i + 1] < 0 ? -w[i + 1] : 0);
    most = up > most ? up : most;
    most = down > most ? down : most;
  }
  return most * p->m->most;
}

static int all_zero(const int8_t *w, int n) {
  for (int i = 0; i < n; i++)
    if (w[i]) return 0;
  return 1;
}

static void start_values(const struct packer *p, const struct tetra_block *b, int lanes, int32_t *start) {
  memset(start, 0, (size_t)lanes * sizeof *start);
  for (int c = 0; c < b->channels; c++) {
    const int8_t *w = p->m->w + (size_t)(b->first + c) * p->k;
    int64_t sum = 0;
    for (size_t j = 0; j < p->k; j++) sum += w[j];
    start[c] = (int32_t)(uint32_t)(uint64_t)(sum * p->m->zero); /* modulo 2^32, as the products are added */
  }
}

/* Appends a step of the weights w. */
static void add_step(struct tetra_block *b, int32_t offset, const int8_t *w, int bytes) {
  memcpy((int8_t *)b->weights + (size_t)b->steps * (size_t)bytes, w, (size_t)bytes);
  ((int32_t *)b->offsets)[b->steps++] = offset;
}

/* b's arrays have room for twice the steps there are, or once where no pairs are added. */
static void pack_block(const struct packer *p, struct tetra_block *b) {
  const int lanes = b->vectors * p->kernel->lanes, bytes = lanes * kStep;
  const int steps = p->runs->runs * p->run_steps;
  int8_t w[kTileChannels * kStep], half[kTileChannels * kStep];
  int most = 1;
  for (int s = 0; s < steps; s++) {
    for (int c = 0; c < lanes; c++) step_weights(p, s, b->first + c, w + c * kStep);
    if (all_zero(w, bytes)) continue;
    if (p->kernel->pairs && pair_most(p, w, lanes) > kSum16) {
      for (int i = 0; i < bytes; i++) {
        half[i] = (int8_t)(w[i] >> 1);
        w[i] = (int8_t)(w[i] - half[i]);
      }
      add_step(b, step_offset(p, s), half, bytes);
    }
    add_step(b, step_offset(p, s), w, bytes);
    const int pair = pair_most(p, w, lanes);
    most = pair > most ? pair : most;
  }
  b->chain = most > kSum16 / 2 ? 1 : kSum16 / most;
  start_values(p, b, lanes, (int32_t *)b->start);
}

/* Bytes of one block's three arrays, each on a boundary of 64. */
static size_t room(size_t bytes) { return (bytes + 63) / 64 * 64; }

static void place_arrays(struct tetra_block *b, uint8_t *at, size_t steps, size_t lanes) {
  b->weights = (int8_t *)at;
  at += room(steps * lanes * kStep);
  b->offsets = (int32_t *)(void *)at;
  at += room(steps * sizeof *b->offsets);
  b->start = (int32_t *)(void *)at;
}

int tetra_pack_weights(struct tetra_packed *packed, const struct tetra_kernel *k, const struct tetra_weights *m,
                       const struct tetra_runs *runs) {
  const int block = tetra_block_channels(k), run_steps = (runs->length + kStep - 1) / kStep;
  struct packer p = {.kernel = k, .m = m, .runs = runs, .run_steps = run_steps};
  p.k = (size_t)runs->runs * (size_t)runs->length;
  const size_t steps = (size_t)runs->runs * (size_t)run_steps * (k->pairs ? 2 : 1);
  const size_t bytes =
      room(steps * (size_t)block * kStep) + room(steps * sizeof(int32_t)) + room((size_t)block * sizeof(int32_t));
  packed->n_blocks = (m->cout + block - 1) / block;
  packed->blocks = calloc((size_t)packed->n_blocks, sizeof *packed->blocks);
  packed->memory = aligned_alloc(64, (size_t)packed->n_blocks * bytes);
  if (!packed->blocks || !packed->memory) return TETRA_ENOMEM;
  for (int i = 0; i < packed->n_blocks; i++) {
    struct tetra_block *b = &packed->blocks[i];
    b->first = i * block;
    b->channels = m->cout - b->first < block ? m->cout - b->first : block;
    b->vectors = (b->channels + k->lanes - 1) / k->lanes;
    place_arrays(b, (uint8_t *)packed->memory + (size_t)i * bytes, steps, (size_t)block);
    pack_block(&p, b);
  }
  return TETRA_OK;
}

void tetra_packed_free(struct tetra_packed *p) {
  free(p->blocks);
  free(p->memory);
  *p = (struct tetra_packed){0};
}
