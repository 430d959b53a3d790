/* The one walk that makes a network: generates each layer's weights, runs it in float on the calibration images, takes
 * batch-norm statistics and activation bounds from that, and emits the integer op. Private to the library.
 *
 * Operands are integer codes held in floats ("fake quantization", as AQT trains), and each op's codes come from its own
 * integer parameters, so calibration sees exactly what the hardware will: batch norm absorbs the mean shift that AQT's
 * floor makes, however deep the network. A product's sums are whole numbers that do not depend on the order BLAS adds
 * in, so every machine makes the same network. With `quantize` 0 the same walk is the plain float network. */
#ifndef TETRA_CALIBRATE_H
#define TETRA_CALIBRATE_H

#include "nets/builder.h"

void operand_free(struct operand *x);
void pending_free(struct pending *p);

/* Run a layer on *in. After an error *p is empty. */
TETRA_NODISCARD int step_conv(struct builder *b, const struct resnet_conv *c, const struct operand *in,
                              struct pending *p);
/* The stem with the max pool fused into it; only for a quantized graph, whose multipliers are never negative. */
TETRA_NODISCARD int step_stem_pool(struct builder *b, const struct operand *in, struct pending *p);
TETRA_NODISCARD int step_maxpool(struct builder *b, const struct operand *in, struct pending *p);
TETRA_NODISCARD int step_avgpool(struct builder *b, const struct operand *in, struct pending *p);
TETRA_NODISCARD int step_add(struct builder *b, const char *name, const struct operand *in, struct pending *p);

/* What becomes of an op's values. */
struct finish {
  const struct operand *residual; /* added first; or NULL */
  int relu;
  int n_outputs;
  float headroom; /* bounds are this times what calibration saw; 1 except for the logits */
  enum tetra_fmt fmt[TETRA_MAX_OUTPUTS];
};
/* Calibrates the outputs, quantizes them into out[0..n_outputs-1] and emits the op. Empties *p, also after an error. */
TETRA_NODISCARD int step_finish(struct builder *b, struct pending *p, const struct finish *f, struct operand *out);

/* Bound of a tensor that will have format fmt, from its values on the calibration images. */
float calibrate_bound(const struct ftensor *y, int n_cal, enum tetra_fmt fmt);

#endif
