/* Packs weights for a kernel: by blocks of channels, step by step, without steps whose weights are all 0. Where pairs
 * of products are added in 16 bits, a step in which some pair could exceed them has its weights in 16 bits. */
#include <stdlib.h>
#include <string.h>

#include "fast/fast.h"

enum { kSum16 = INT16_MAX };

struct packer {
  const struct tetra_kernel *kernel;
  const struct tetra_weights *m;
  const struct tetra_runs *runs;
  size_t k;          /* weights of a channel */
  int run_steps;     /* steps of a run */
  int group, inputs; /* channels of a group: outputs, inputs */
  int taps;          /* of a run: runs->length / m->cin */
  int *steps;        /* of the block that is packed */
};

/* Weights of step s (run s / run_steps) for channel c of a convolution in groups, zeros where it reads nothing. */
static void grouped_step(const struct packer *p, int s, int c, int8_t w[kStep]) {
  const int first = s % p->run_steps * kStep, run = s / p->run_steps, left = p->runs->length - first;
  for (int i = 0; i < kStep && i < left; i++) {
    const int tap = run * p->taps + (first + i) / p->m->cin, in = (first + i) % p->m->cin;
    if (in / p->inputs != c / p->group) continue;
    w[i] = p->m->w[(size_t)c * p->k + (size_t)tap * (size_t)p->inputs + (size_t)(in % p->inputs)];
  }
}

/* Of all `channels` from `first` on, of one that is not. */
static void whole_step(const struct packer *p, int s, int first, int channels, int8_t *w) {
  const int from = s % p->run_steps * kStep, left = p->runs->length - from;
  const int8_t *at =
      p->m->w + (size_t)first * p->k + (size_t)(s / p->run_steps) * (size_t)p->runs->length + (size_t)from;
  for (int c = 0; c < channels; c++, at += p->k, w += kStep) {
    if (left >= kStep) /* known to the compiler, it is one load and one store */
      memcpy(w, at, kStep);
    else
      memcpy(w, at, (size_t)left);
  }
}

/* The steps that meet codes which channels first..first+channels-1 read, in order, to `steps` where not NULL; how many
 * they are. */
static int list_steps(const struct packer *p, int first, int channels, int *steps) {
  const int from = first / p->group * p->inputs, end = ((first + channels - 1) / p->group + 1) * p->inputs;
  int n = 0;
  for (int run = 0; run < p->runs->runs; run++)
    for (int tap = 0, next = 0; tap < p->taps; tap++) {
      const int last = (tap * p->m->cin + end - 1) / kStep;
      int s = (tap * p->m->cin + from) / kStep;
      for (s = s > next ? s : next; s <= last; s++, n++)
        if (steps) steps[n] = run * p->run_steps + s;
      next = last + 1;
    }
  return n;
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

/* The weights of a block's step s, zeros where a channel reads nothing, and for lanes without one. */
static void block_step(const struct packer *p, const struct tetra_block *b, int s, int8_t *w) {
  const int lanes = b->vectors * p->kernel->lanes, left = p->m->cout - b->first;
  const int channels = left < lanes ? left : lanes;
  memset(w, 0, (size_t)lanes * kStep);
  if (p->m->groups == 1)
    whole_step(p, s, b->first, channels, w);
  else
    for (int c = 0; c < channels; c++) grouped_step(p, s, b->first + c, w + c * kStep);
}

/* Steps whose pairs exceed 16 bits, at the front of b's arrays. */
static void pack_wide(const struct packer *p, struct tetra_block *b, int steps) {
  const int lanes = b->vectors * p->kernel->lanes;
  int8_t w[kTileChannels * kStep];
  int16_t *to = (int16_t *)b->wides;
  for (int i = 0; i < steps; i++) {
    block_step(p, b, p->steps[i], w);
    if (pair_most(p, w, lanes) <= kSum16) continue;
    for (int odd = 0; odd < 2; odd++)
      for (int j = 0; j < lanes * kStep; j += 2) *to++ = w[j + odd];
    ((int32_t *)b->offsets)[b->wide++] = step_offset(p, p->steps[i]);
  }
  b->steps = b->wide;
  b->weights = (int8_t *)to;
}

/* b's arrays have room for twice the steps there are, or once where no pairs are added. */
static void pack_block(const struct packer *p, struct tetra_block *b) {
  const int lanes = b->vectors * p->kernel->lanes, bytes = lanes * kStep;
  const int steps = list_steps(p, b->first, b->channels, p->steps);
  int8_t w[kTileChannels * kStep];
  int most = 1;
  if (p->kernel->pairs) pack_wide(p, b, steps);
  for (int i = 0; i < steps; i++) {
    block_step(p, b, p->steps[i], w);
    const int pair = pair_most(p, w, lanes);
    if (all_zero(w, bytes) || (p->kernel->pairs && pair > kSum16)) continue;
    most = pair > most ? pair : most;
    memcpy((int8_t *)b->weights + (size_t)(b->steps - b->wide) * (size_t)bytes, w, (size_t)bytes);
    ((int32_t *)b->offsets)[b->steps++] = step_offset(p, p->steps[i]);
  }
  b->chain = most > kSum16 / 2 ? 1 : kSum16 / most;
  start_values(p, b, lanes, (int32_t *)b->start);
}

/* A block's three arrays, each on a boundary of 64. */
static void place_arrays(struct tetra_block *b, uint8_t *at, size_t steps, size_t lanes) {
  b->wides = (int16_t *)(void *)at;
  b->weights = (int8_t *)at;
  at += tetra_aligned_bytes(steps * lanes * kStep);
  b->offsets = (int32_t *)(void *)at;
  at += tetra_aligned_bytes(steps * sizeof *b->offsets);
  b->start = (int32_t *)(void *)at;
}

static int min_int(int a, int b) { return a < b ? a : b; }

/* Channels of a block: of whole vectors, so many that no block reads two groups, where there is such a number. (Of two
 * 4-bit codes in a byte both belong to one block: it is even.) */
static int choose_block(const struct packer *p) {
  const int least = p->kernel->lanes > 4 ? p->kernel->lanes : 4;
  for (int block = tetra_block_channels(p->kernel); block > least; block -= least)
    if (p->m->groups == 1 || p->group % block == 0) return block;
  return least;
}

/* Arrays of all blocks, and the list of steps. */
static int allocate(struct packer *p, struct tetra_packed *packed, int block, size_t *steps, size_t *bytes) {
  int most = 0;
  for (int c = 0; c < p->m->cout; c += block) {
    const int n = list_steps(p, c, min_int(block, p->m->cout - c), NULL);
    most = n > most ? n : most;
  }
  *steps = (size_t)most * (p->kernel->pairs ? 2 : 1);
  *bytes = tetra_aligned_bytes(*steps * (size_t)block * kStep) + tetra_aligned_bytes(*steps * sizeof(int32_t)) +
           tetra_aligned_bytes((size_t)block * sizeof(int32_t));
  packed->n_blocks = tetra_ceil_div(p->m->cout, block);
  packed->blocks = calloc((size_t)packed->n_blocks, sizeof *packed->blocks);
  packed->memory = aligned_alloc(kCacheLine, (size_t)packed->n_blocks * *bytes);
  p->steps = malloc(((size_t)most + 1) * sizeof *p->steps);
  return packed->blocks && packed->memory && p->steps ? TETRA_OK : TETRA_ENOMEM;
}

int tetra_pack_weights(struct tetra_packed *packed, const struct tetra_kernel *k, const struct tetra_weights *m,
                       const struct tetra_runs *runs) {
  struct packer p = {.kernel = k, .m = m, .runs = runs, .run_steps = tetra_ceil_div(runs->length, kStep)};
  p.group = m->cout / m->groups;
  p.inputs = m->cin / m->groups;
  p.taps = runs->length / m->cin;
  p.k = (size_t)runs->runs * (size_t)p.taps * (size_t)p.inputs;
  const int block = choose_block(&p);
  size_t steps, bytes;
  const int status = allocate(&p, packed, block, &steps, &bytes);
  for (int i = 0; i < packed->n_blocks && !status; i++) {
    struct tetra_block *b = &packed->blocks[i];
    b->first = i * block;
    b->channels = min_int(block, m->cout - b->first);
    b->vectors = tetra_ceil_div(b->channels, k->lanes);
    place_arrays(b, (uint8_t *)packed->memory + (size_t)i * bytes, steps, (size_t)block);
    pack_block(&p, b);
  }
  free(p.steps);
  return status;
}

void tetra_packed_free(struct tetra_packed *p) {
  free(p->blocks);
  free(p->memory);
  *p = (struct tetra_packed){0};
}
