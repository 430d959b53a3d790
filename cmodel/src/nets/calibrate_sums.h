/* Products of the calibration run by the fast path's kernels, and its loops over pixels shared among threads. Private
 * to the library. */
#ifndef TETRA_NETS_CALIBRATE_SUMS_H
#define TETRA_NETS_CALIBRATE_SUMS_H

#include "nets/builder.h"

/* The sums of `op`, which has its weights and window but no outputs, over the codes of `in`. Allocates out. Sums are
 * whole numbers, in floats exact below 2^24. */
TETRA_NODISCARD int calibrate_sums(struct builder *b, const struct tetra_op *op, const struct operand *in,
                                   const struct resnet_conv *c, struct ftensor *out);
/* One pixel's codes, held in floats, to a tensor's bytes. */
void calibrate_pack(enum tetra_fmt fmt, const float *codes, int n, uint8_t *out);
/* Calls work(arg, first, end, worker) for pieces of 0..n-1, at least `least` long, that the crew shares. */
void calibrate_share(struct builder *b, size_t n, size_t least,
                     void (*work)(void *arg, size_t first, size_t end, int worker), void *arg);

#endif
