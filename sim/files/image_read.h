/* Image files to RGB pixels: JPEG, PNG and NumPy arrays, recognized by their first bytes, not by their names. */
#ifndef TETRA_SIM_IMAGE_READ_H
#define TETRA_SIM_IMAGE_READ_H

#include "files/image.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads a file: JPEG (grey or colour, EXIF rotation ignored), PNG (alpha over white, 16 bits cut to 8), or .npy with
 * uint8 [h][w][3] or [n][h][w][3] in C order. TETRA_EIO: cannot be opened or read; TETRA_EINVAL: none of these kinds,
 * truncated, damaged or too large; TETRA_ENOMEM. The message names the file. */
TETRA_NODISCARD int sim_image_read(const char *path, struct sim_image *image, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
