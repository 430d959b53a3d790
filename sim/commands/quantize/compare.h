/* The float and the quantized network over the same images. */
#ifndef TETRA_SIM_QUANTIZE_COMPARE_H
#define TETRA_SIM_QUANTIZE_COMPARE_H

#include "commands/quantize/read.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of the float and the quantized network over the calibration images, which is no test set. */
struct quantize_agreement {
  int n, same_top1;
  double kl; /* mean over images: sum p ln(p / q), p the float network's softmax, q the quantized one's */
};

/* Runs both networks over the images, the quantized one by the fast path, whose results are those of the hardware.
 * TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int quantize_compare(const struct quantize_file *real, const struct quantize_file *quantized,
                                     const struct quantize_images *images, struct quantize_agreement *a,
                                     struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
