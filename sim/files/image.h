/* Decoded pictures: RGB pixels, and how they become a network's input. */
#ifndef TETRA_SIM_IMAGE_H
#define TETRA_SIM_IMAGE_H

#include <stdint.h>

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_IMAGE_MAX_SIDE 16384
#define SIM_IMAGE_MAX_BYTES (256u << 20) /* decoded, all images of a file together */

struct sim_image {
  int n, h, w;  /* n images of h rows of w pixels; n > 1 only from a NumPy file */
  uint8_t *rgb; /* [n][h][w][3], owned */
};

void sim_image_free(struct sim_image *image);
/* Image number n scaled and cropped to size x size, as PyTorch's Resize and CenterCrop do with a Pillow image: the
 * shorter side becomes round(size * 256 / 224), the longer one in proportion, by bilinear interpolation that is
 * smoothed where it shrinks (each output pixel is the mean of the pixels around it, with weights of a triangle of the
 * height 1 and the width of two output pixels, or two input pixels where it enlarges; first along rows, then along
 * columns, codes in between); then the centre is cut out. An image of exactly size x size is taken as it is. rgb:
 * [size][size][3]. TETRA_ENOMEM. */
TETRA_NODISCARD int sim_image_fit(const struct sim_image *image, int n, int size, uint8_t *rgb,
                                  struct tetra_error *err);

/* The part of h x w pixels of image 0 that begins in row y, column x, scaled to size x size in the same way. rgb:
 * [size][size][3]. TETRA_ENOMEM. */
TETRA_NODISCARD int sim_image_part(const struct sim_image *image, int y, int x, int h, int w, int size, uint8_t *rgb,
                                   struct tetra_error *err);

/* Allocates rgb for the shape after checking it against the limits. */
TETRA_NODISCARD int sim_image_alloc(const char *path, uint64_t n, uint64_t h, uint64_t w, struct sim_image *image,
                                    struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
