/* What the driver discovers about an accelerator build from its capability registers. */
#ifndef TETRA_CAPS_H
#define TETRA_CAPS_H

#include <stdint.h>

#include "tetra/hw.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tetra_caps {
  uint32_t n;           /* rows = columns = bytes of an AXI beat and of a buffer word: 4, 8, 16, 32 or 64 */
  uint32_t act_words;   /* activation buffer, words of n bytes; a power of two */
  uint32_t wgt_words;   /* weight buffer, half-words of n bytes; a power of two */
  uint32_t res_words;   /* residual and image-row buffer, words of n bytes; a power of two */
  uint32_t par_entries; /* parameter entries (n channel records each); a power of two */
  uint32_t acc_pixels;  /* pixels in each of the two accumulator buffers; a power of two */
  uint32_t max_layers;  /* layer ids that have counters */
  uint32_t pool_words;  /* line buffer of the fused max pool, words of n bytes; a power of two */
};

/* What any build may have: n fits the bytes of a beat, words and entries the commands' fields that address them, layers
 * the field that names them. The runtime refuses hardware, and the compiler capabilities, beyond that. */
enum tetra_caps_limits {
  TETRA_CAPS_MIN_N = 4,
  TETRA_CAPS_MAX_N = 64,
  TETRA_CAPS_MAX_WORDS = TETRA_MAX_BUF_WORDS, /* of a buffer, pixels of an accumulator buffer */
  TETRA_CAPS_MAX_PAR_ENTRIES = TETRA_CAPS_MAX_WORDS / TETRA_PARAM_BYTES,
  TETRA_CAPS_MAX_LAYERS = TETRA_DEF_MAX_LAYERS /* which is all that a command can name */
};

static inline int tetra_caps_is_size(uint32_t v, uint32_t max) { return v != 0 && (v & (v - 1)) == 0 && v <= max; }
/* Each returns 1 where a build may have so much. */
static inline int tetra_caps_good_n(uint32_t n) {
  return tetra_caps_is_size(n, TETRA_CAPS_MAX_N) && n >= TETRA_CAPS_MIN_N;
}
static inline int tetra_caps_good_words(uint32_t words) { return tetra_caps_is_size(words, TETRA_CAPS_MAX_WORDS); }
static inline int tetra_caps_good_par_entries(uint32_t entries) {
  return tetra_caps_is_size(entries, TETRA_CAPS_MAX_PAR_ENTRIES);
}
static inline int tetra_caps_good_layers(uint32_t layers) { return layers >= 1 && layers <= TETRA_CAPS_MAX_LAYERS; }

/* Capabilities of the default build of an accelerator of n x n, n 4, 8, 16, 32 or 64: what its registers say. The sizes
 * are hw_fields.def's, from which rtl/tetra_top.sv takes its default parameters, too. */
static inline struct tetra_caps tetra_caps_default(uint32_t n) {
  const uint32_t res_words = (uint32_t)TETRA_DEF_RES_BYTES / n;
  struct tetra_caps c;
  c.n = n;
  c.act_words = TETRA_DEF_ACT_WORDS;
  c.wgt_words = TETRA_DEF_WGT_WORDS;
  c.res_words = res_words > (uint32_t)TETRA_DEF_RES_WORDS ? res_words : (uint32_t)TETRA_DEF_RES_WORDS;
  c.par_entries = TETRA_DEF_PAR_ENTRIES;
  c.acc_pixels = TETRA_DEF_ACC_PIXELS;
  c.max_layers = TETRA_DEF_MAX_LAYERS;
  c.pool_words = (uint32_t)TETRA_DEF_POOL_BYTES / n;
  return c;
}

/* The array's 4 x 4 bit multipliers: four in each processing element. */
static inline uint32_t tetra_caps_multipliers(const struct tetra_caps *c) { return 4 * c->n * c->n; }

/* Bits of SRAM (rtl/common/tetra_sram.sv): activations, weights, residuals, parameters and pool lines in words of n
 * bytes, two accumulator buffers of two halves of n 32-bit sums, three 32-bit counters a layer, 256 words on their way
 * out (tetra_write) and 16 commands on their way in (tetra_fetch). */
static inline uint64_t tetra_caps_sram_bits(const struct tetra_caps *c) {
  const uint64_t words = (uint64_t)c->act_words + c->wgt_words + c->res_words + 16ull * c->par_entries + c->pool_words;
  return 8 * c->n * (words + 256) + 2ull * 2 * 32 * c->n * c->acc_pixels + 3ull * 32 * c->max_layers + 16ull * 512;
}

#ifdef __cplusplus
}
#endif

#endif
