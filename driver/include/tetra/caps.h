/* What the driver discovers about an accelerator build from its capability registers. */
#ifndef TETRA_CAPS_H
#define TETRA_CAPS_H

#include <stdint.h>

struct tetra_caps {
  uint32_t n;           /* rows = columns = bytes of an AXI beat and of a buffer word: 4, 8, 16, 32 or 64 */
  uint32_t act_words;   /* activation buffer, words of n bytes; a power of two */
  uint32_t wgt_words;   /* weight buffer, half-words of n bytes; a power of two */
  uint32_t res_words;   /* residual and image-row buffer, words of n bytes; a power of two */
  uint32_t par_entries; /* parameter entries (n channel records each); a power of two */
  uint32_t acc_pixels;  /* pixels in each of the two accumulator buffers; a power of two */
  uint32_t max_layers;  /* layer ids that have counters */
};

#endif
