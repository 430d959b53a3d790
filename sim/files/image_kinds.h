/* The kinds of picture. Each reader is given the file at its beginning and allocates image->rgb. */
#ifndef TETRA_SIM_IMAGE_KINDS_H
#define TETRA_SIM_IMAGE_KINDS_H

#include <stdio.h>

#include "files/image.h"

#ifdef __cplusplus
extern "C" {
#endif

/* TETRA_EINVAL: damaged, or too large; TETRA_ENOMEM. The message names the file. */
TETRA_NODISCARD int sim_image_read_jpeg(FILE *f, const char *path, struct sim_image *image, struct tetra_error *err);
TETRA_NODISCARD int sim_image_read_png(FILE *f, const char *path, struct sim_image *image, struct tetra_error *err);
TETRA_NODISCARD int sim_image_read_npy(FILE *f, const char *path, struct sim_image *image, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
