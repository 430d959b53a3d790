/* The network's input: pictures from a file, or the synthetic ones. */
#ifndef TETRA_SIM_INPUT_H
#define TETRA_SIM_INPUT_H

#include <stdint.h>

#include "files/image.h"
#include "tetra/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills every image of `input` (square, 3 channels): picture i of `images` (which then has 1 or as many as the batch: a
 * single one is repeated), or, where images is NULL, the synthetic image of seed + i. TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int sim_input_fill(const struct sim_image *images, uint64_t seed, struct tetra_tensor *input,
                                   struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
