/* The float32 counterpart of a built-in network: the same seeded weights, nothing quantized. */
#ifndef TETRA_FLOAT_NET_H
#define TETRA_FLOAT_NET_H

#include "tetra/network.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TETRA_CLASSES = 1000 };

/* Logits [n][1000] of n RGB images (uint8 HWC of o->image_size). Precision, batch and fuse do not matter. Batch-norm
 * statistics are the float network's own on the calibration images. TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_float_logits(const struct tetra_network_options *o, const uint8_t *rgb, int n, float *logits,
                                       struct tetra_error *err);
/* How many calibration images a network of this input size uses: one at 224 and above, more below, so that the last
 * stage's statistics always come from 49 pixels or more. */
int tetra_calibration_images(int image_size);
/* Calibration image i: synthetic, image 0 is tetra_synthetic_image(o->seed). */
void tetra_calibration_image(const struct tetra_network_options *o, int i, uint8_t *rgb);

#ifdef __cplusplus
}
#endif
#endif
