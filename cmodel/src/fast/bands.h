/* How a convolution is cut into tasks, and where a task's codes lie. */
#ifndef TETRA_FAST_BANDS_H
#define TETRA_FAST_BANDS_H

#include "fast/fast.h"

/* A task is a band of the output, some rows of one image or whole images, times a share of the channels' blocks. */
struct tetra_bands {
  int ho, wo;         /* the plane, before a fused pool */
  int units;          /* rows of an image that are shared out: of the plane, with a fused pool of its output */
  int rows, images;   /* of a band; rows < units only where images is 1 */
  int per_image, n;   /* bands of an image (or of `images` images), and in all */
  int shares;         /* of the blocks */
  size_t row_bytes;   /* of stored codes, padding included */
  size_t image_bytes; /* those of a band's rows of one image */
  size_t pixels;      /* of the plane, in a band at most */
};

/* One band: images n0..n1-1, units u0..u1-1, plane rows y0..y1-1. */
struct tetra_band {
  int n0, n1, u0, u1, y0, y1;
};

void tetra_bands_init(struct tetra_bands *b, const struct tetra_fast_op *f, const struct tetra_op_io *io, int workers);
struct tetra_band tetra_band_at(const struct tetra_bands *b, const struct tetra_op_io *io, int i);
/* Stored codes of the input rows under a band, with their padding, to `to`: images one after the other. */
void tetra_band_fill(const struct tetra_bands *b, const struct tetra_fast_op *f, const struct tetra_op_io *io,
                     const struct tetra_band *band, uint8_t *to);
/* pixel[i] = the first code under the band's plane pixel i, in `codes` as tetra_band_fill left them, or NULL: in the
 * input tensor. Returns the number of pixels. */
size_t tetra_band_pixels(const struct tetra_bands *b, const struct tetra_fast_op *f, const struct tetra_op_io *io,
                         const struct tetra_band *band, const uint8_t *codes, const uint8_t **pixel);

#endif
