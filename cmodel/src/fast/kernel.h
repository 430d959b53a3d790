/* What an instruction set contributes to the fast path: products of a few pixels with a block of output channels, and
 * the requantization of the accumulators that they leave. One file each, compiled for its instructions only. */
#ifndef TETRA_FAST_KERNEL_H
#define TETRA_FAST_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "fast/table.h"

enum {
  kTilePixels = 6,        /* largest number of pixels in a tile */
  kTileChannels = 64,     /* largest number of channels in a block; a row of a tile's accumulators */
  kDepthwiseColumns = 32, /* channels that depthwise tiles compute together, at most */
  kStep = 4               /* codes that one step multiplies for a pixel: neighbours in memory */
};

/* One block of output channels: `vectors` times the kernel's lanes, the last ones possibly unused. */
struct tetra_block {
  int first, channels, vectors;
  int steps;              /* those in which any channel has a weight that is not 0 */
  int wide;               /* the first so many have 16-bit weights; see tetra_kernel.pairs */
  int chain;              /* of the others: steps whose pair sums fit 16 bits together */
  const int32_t *offsets; /* [steps] where a step's codes lie, from a pixel's first */
  const int16_t *wides;   /* [wide][2][vectors * lanes][2]: of a step's codes the even ones', then the odd ones' */
  const int8_t *weights;  /* [steps - wide][vectors * lanes][kStep]; depthwise: [steps][the kernel's block] */
  const int32_t *start;   /* [vectors * lanes] what accumulators begin with */
};

/* acc[j * kTileChannels + c] = start[c] + sum of codes at pixel[j] + offsets times weights, modulo 2^32. Depthwise: of
 * the c-th code there and the c-th weight of each step; whole columns of kDepthwiseColumns codes are read. */
typedef void tetra_tile_fn(const struct tetra_block *b, int pixels, const uint8_t *const *pixel, int32_t *acc);

/* Codes of `pixels` pixels, channels first..first+channels-1, from accumulators without bias. `first` is a multiple of
 * the table's lanes; res and dst point at the first channel of the first pixel, strides are bytes from one pixel to the
 * next. res is NULL without residual. Whole vectors of acc are read, whatever is behind the last channel. */
typedef void tetra_requant_fn(const struct tetra_table *t, int first, int channels, int pixels, const int32_t *acc,
                              const uint8_t *res, size_t res_stride, uint8_t *dst, size_t dst_stride);

struct tetra_kernel {
  const char *name;
  int lanes;           /* channels of a vector */
  int vectors;         /* of a block, at most */
  int flip;            /* 0: codes are stored from 0 up, as u8. 1: as s8, u8 codes minus 128 */
  int pairs;           /* 1: two products of u8 and s8 are added in 16 bits; steps with two that exceed them are wide */
  int (*usable)(void); /* has this processor the instructions? */
  tetra_tile_fn *tile, *depthwise;
  tetra_requant_fn *requant;
};

static inline int tetra_block_channels(const struct tetra_kernel *k) { return k->lanes * k->vectors; }

/* The kernels this program was built with, the best first, NULL behind the last: known by name, usable or not. */
const struct tetra_kernel *const *tetra_kernels(void);

extern const struct tetra_kernel tetra_kernel_avx512vnni, tetra_kernel_avxvnni, tetra_kernel_avx512vl,
    tetra_kernel_avx2, tetra_kernel_dotprod, tetra_kernel_portable;

#endif
