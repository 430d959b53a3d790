/* Inputs and labels of a network from a file: NumPy arrays of any length, read one item at a time, or pictures. */
#ifndef TETRA_SIM_SOURCE_DATA_H
#define TETRA_SIM_SOURCE_DATA_H

#include <stdio.h>

#include "base/notes.h"
#include "files/image.h"
#include "files/npy.h"
#include "files/picture_folder.h"
#include "cli/settings.h"
#include "tetra/import.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_data {
  const char *path;                 /* borrowed */
  FILE *f;                          /* of an array */
  long start;                       /* of its numbers in the file */
  struct tetra_npy a;               /* its type and shape */
  int nchw;                         /* items are [c][h][w] */
  int either;                       /* nothing but the default says so */
  struct sim_picture_folder folder; /* otherwise, of more pictures than one */
  int side;                         /* of a picture as an item */
  int n;                            /* items */
  size_t item_bytes;
  uint8_t *item; /* one item, owned */
};

/* Opens `path` for an input of shape *d: .npy with [n][h][w][c], [h][w][c], for a plane of one pixel [n][c] (or
 * channels first, where `layout` allows it and the first does not fit; `notes` is told where both do) of uint8, int8
 * or float32, or a JPEG or PNG picture, or a folder of them, cropped and scaled as for the built-in networks.
 * TETRA_EINVAL, TETRA_EIO, TETRA_ENOMEM. Closed by the caller after TETRA_OK. */
TETRA_NODISCARD int sim_data_open(struct sim_data *s, const char *path, const struct tetra_desc *d,
                                  enum sim_layout layout, const struct sim_notes *notes, struct tetra_error *err);
void sim_data_close(struct sim_data *s);
/* Reads item i into s->item, as it is in the file. TETRA_EINVAL where the file ends too early. */
TETRA_NODISCARD int sim_data_read(struct sim_data *s, int i, struct tetra_error *err);
/* Item i as image number `slot` of the batch of t. int8 are codes. uint8 are codes too, less 128 where the input is
 * signed, unless the network's input is float32 or --mean and --std are given: then x = (uint8 / 255 - mean) / std by
 * channel (0 and 1 where not given), and, like float32, quantized, after the steps that the file has in front of that:
 * code = round(x / scale) + zero point, half away from zero for TensorFlow Lite, half to even for ONNX. TETRA_EIO,
 * TETRA_EINVAL: also where a float32 is not finite. */
TETRA_NODISCARD int sim_data_fill(struct sim_data *s, int i, const struct sim_options *o, const struct tetra_model *m,
                                  struct tetra_tensor *t, int slot, struct tetra_error *err);
/* Number i of the item that was read last, in the file's order and type; where in that order element c of a pixel of a
 * network's input *d lies. */
double sim_data_number(const struct sim_data *s, size_t i);
size_t sim_data_place(const struct sim_data *s, const struct tetra_desc *d, size_t pixel, size_t c);
/* The code that sim_data_fill gives a number of the file's type in channel c. */
int sim_data_code(const struct sim_data *s, const struct sim_pixels *pixels, const struct tetra_model *m, double x,
                  int c);
/* Can the file's numbers be what m reads? TETRA_EINVAL: they are codes, and of another format. */
TETRA_NODISCARD int sim_data_check_codes(const struct sim_data *s, const struct sim_pixels *pixels,
                                         const struct tetra_model *m, struct tetra_error *err);
/* Reads a .npy of n integers; *labels is freed by the caller. At least `needed` of them must be there, each in
 * 0..classes - 1: TETRA_EINVAL names the first that is not. */
TETRA_NODISCARD int sim_labels_read(const char *path, int needed, int classes, int **labels, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
