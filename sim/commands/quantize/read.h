/* What `./sim quantize` reads. */
#ifndef TETRA_SIM_QUANTIZE_READ_H
#define TETRA_SIM_QUANTIZE_READ_H

#include <stddef.h>
#include <stdint.h>

#include "commands/quantize/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A file's bytes. */
struct quantize_file {
  uint8_t *bytes; /* owned */
  size_t size;
};

/* Calibration images as the network reads them. */
struct quantize_images {
  float *x; /* [n][h][w][c], owned */
  int n, h, w, c;
  int available;  /* in the file */
  int are_pixels; /* uint8 in the file: options.pixels say what they mean */
};

/* Reads a whole file of at most 1 GiB. TETRA_EIO, TETRA_EINVAL, TETRA_ENOMEM: *f is empty then. */
TETRA_NODISCARD int quantize_read(const char *path, struct quantize_file *f, struct tetra_error *err);
/* Reads the first o->limit images of o->calibrate for an input of h x w x c: .npy of float32 or uint8, or a picture.
 * uint8 pixels mean (pixel / 255 - mean) / std. TETRA_EIO, TETRA_EINVAL, TETRA_ENOMEM: nothing is owned then. */
TETRA_NODISCARD int quantize_images_read(const struct quantize_options *o, int h, int w, int c,
                                         struct quantize_images *images, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
