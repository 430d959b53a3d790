/* `./sim quantize`: a trained float network and calibration images to a quantized network that ./sim runs. */
#ifndef TETRA_SIM_QUANTIZE_H
#define TETRA_SIM_QUANTIZE_H

#include <stdint.h>
#include <stdio.h>

#include "cli/settings.h"
#include "tetra/quantize_model.h"

#ifdef __cplusplus
extern "C" {
#endif

#define QUANTIZE_LIMIT 256 /* calibration images where --limit is not given: their tensors are in memory together */

struct quantize_options {
  const char *network, *calibrate, *out; /* file names, borrowed from argv */
  struct tetra_quantize_options how;
  struct sim_pixels pixels; /* what uint8 pixels mean */
  int limit, help;
};

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

/* Of the float and the quantized network over the calibration images, which is no test set. */
struct quantize_agreement {
  int n, same_top1;
};

/* TETRA_EINVAL with a message that names the option, the value and what is accepted. */
int quantize_options_parse(int argc, char **argv, struct quantize_options *o, struct tetra_error *err);

/* Reads a whole file of at most 1 GiB. TETRA_EIO, TETRA_EINVAL, TETRA_ENOMEM: *f is empty then. */
int quantize_read(const char *path, struct quantize_file *f, struct tetra_error *err);
/* Reads the first o->limit images of o->calibrate for an input of h x w x c: .npy of float32 or uint8, or a picture.
 * uint8 pixels mean (pixel / 255 - mean) / std. TETRA_EIO, TETRA_EINVAL, TETRA_ENOMEM: nothing is owned then. */
int quantize_images_read(const struct quantize_options *o, int h, int w, int c, struct quantize_images *images,
                         struct tetra_error *err);
/* Runs both networks over the images, the quantized one by the fast path, whose results are those of the hardware.
 * TETRA_EINVAL, TETRA_ENOMEM. */
int quantize_compare(const struct quantize_file *real, const struct quantize_file *quantized,
                     const struct quantize_images *images, struct quantize_agreement *a, struct tetra_error *err);

/* Which images, which method; before the work, which may take a while. */
void quantize_print_header(const struct quantize_options *o, const struct quantize_images *images, FILE *out);
/* A line for every tensor and every layer's weights; then the agreement, and how to run the result. */
void quantize_print(const struct quantize_options *o, const struct quantize_images *images,
                    const struct tetra_quantize_report *r, const struct quantize_agreement *a, FILE *out);

/* The whole command; argv[0] is "quantize". Returns the program's exit code: 0, or 2 for bad input. */
int quantize_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
