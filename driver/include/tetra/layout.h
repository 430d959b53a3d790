/* How tensors lie in the accelerator's memory, for hosted and freestanding programs. */
#ifndef TETRA_LAYOUT_H
#define TETRA_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a tensor lies in DRAM (docs/commands.md, "Data layouts"). */
enum tetra_layout {
  TETRA_LAYOUT_BLOCKED, /* [image][channel block][y][x][n bytes] */
  TETRA_LAYOUT_ROWS     /* plain NHWC rows, each padded to `pitch` bytes: input of a densely packed (Cin <= 4) conv */
};

struct tetra_placement {
  uint32_t addr;  /* byte address, multiple of n */
  uint32_t bytes; /* size of the region, multiple of n */
  enum tetra_layout layout;
  uint32_t pitch; /* ROWS: bytes between rows of pixels; BLOCKED: 0 */
};

/* Bytes of a pixel's codes in a tensor: a byte a code, or two 4-bit codes a byte. */
static inline uint32_t tetra_layout_pixel_bytes(const struct tetra_desc *d) {
  return tetra_fmt_bits(d->fmt) == 8 ? (uint32_t)d->c : ((uint32_t)d->c + 1) / 2;
}
/* Blocks of n bytes that a pixel's codes take. */
static inline uint32_t tetra_layout_blocks(uint32_t n, const struct tetra_desc *d) {
  return (tetra_layout_pixel_bytes(d) + n - 1) / n;
}
/* Copy a tensor of *d between its NHWC form `codes` (as struct tetra_tensor has it) and its region for an array of n
 * rows, place->bytes long. write: padding becomes 0; read: padding is left out. */
void tetra_layout_write(const struct tetra_placement *place, uint32_t n, const struct tetra_desc *d,
                        const uint8_t *codes, uint8_t *region);
void tetra_layout_read(const struct tetra_placement *place, uint32_t n, const struct tetra_desc *d,
                       const uint8_t *region, uint8_t *codes);

#ifdef __cplusplus
}
#endif
#endif
