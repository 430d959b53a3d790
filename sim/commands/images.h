/* ./sim NETWORK --input IMAGES: one network over many images, on the RTL or without. */
#ifndef TETRA_SIM_IMAGES_H
#define TETRA_SIM_IMAGES_H

#include "cli/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Predictions, or accuracy where labels are given. Returns the program's exit code. */
TETRA_NODISCARD int sim_images_run(const struct sim_options *o);

#ifdef __cplusplus
}
#endif
#endif
