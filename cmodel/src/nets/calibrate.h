/* The one walk that makes a network: generates each layer's weights, runs it in float on the calibration images, takes
 * batch-norm statistics and activation bounds from that, and emits the integer op. Private to the library.
 *
 * Operands are integer codes held in floats ("fake quantization", as AQT trains), and each op's codes come from its own
 * integer parameters, so calibration sees exactly what the hardware will: batch norm absorbs the mean shift that AQT's
 * floor makes, however deep the network. A product's sums are whole numbers that do not depend on the order BLAS adds
 * in, so every machine makes the same network. With `quantize` 0 the same walk is the plain float network. */
#ifndef TETRA_CALIBRATE_H
#define TETRA_CALIBRATE_H

#include "fast/fast.h"
#include "float/ops.h"
#include "nets/resnet.h"
#include "tetra/graph.h"

struct builder {
  const struct tetra_network_options *o;
  struct resnet_formats fmts;
  struct resnet net;
  int quantize;          /* 0: plain float, nothing is emitted */
  int n_cal;             /* the first n_cal images of the run are the calibration images; 0: only shapes matter */
  struct tetra_graph *g; /* NULL where quantize is 0 */
  struct tetra_error *err;
  const struct tetra_kernel *kernel; /* of the integer products and of requantization */
  struct tetra_crew crew;
};

/* A tensor that ops read: real = codes * scale. */
struct operand {
  struct ftensor codes;
  enum tetra_fmt fmt;
  double scale;
  int value; /* in the graph; -1 without one */
};
void operand_free(struct operand *x);

/* An op that has been run but has no outputs yet; real = acc * mult + offset. */
struct pending {
  struct tetra_op op;
  struct ftensor acc;    /* accumulators without bias */
  double *mult, *offset; /* per channel */
  int64_t *acc_max;      /* per channel, largest |acc| for any input */
};
void pending_free(struct pending *p);

/* Run a layer on *in. After an error *p is empty. */
int step_conv(struct builder *b, const struct resnet_conv *c, const struct operand *in, struct pending *p);
/* The stem with the max pool fused into it; only for a quantized graph, whose multipliers are never negative. */
int step_stem_pool(struct builder *b, const struct operand *in, struct pending *p);
int step_maxpool(struct builder *b, const struct operand *in, struct pending *p);
int step_avgpool(struct builder *b, const struct operand *in, struct pending *p);
int step_add(struct builder *b, const char *name, const struct operand *in, struct pending *p);

/* The sums of `op`, which has its weights and window but no outputs, over the codes of `in`. Allocates out. Sums are
 * whole numbers, in floats exact below 2^24. */
int calibrate_sums(struct builder *b, const struct tetra_op *op, const struct operand *in, const struct resnet_conv *c,
                   struct ftensor *out);
/* One pixel's codes, held in floats, to a tensor's bytes. */
void calibrate_pack(enum tetra_fmt fmt, const float *codes, int n, uint8_t *out);
/* Calls work(arg, first, end, worker) for pieces of 0..n-1, at least `least` long, that the crew shares. */
void calibrate_share(struct builder *b, size_t n, size_t least,
                     void (*work)(void *arg, size_t first, size_t end, int worker), void *arg);

/* What becomes of an op's values. */
struct finish {
  const struct operand *residual; /* added first; or NULL */
  int relu;
  int n_outputs;
  float headroom; /* bounds are this times what calibration saw; 1 except for the logits */
  enum tetra_fmt fmt[TETRA_MAX_OUTPUTS];
};
/* Calibrates the outputs, quantizes them into out[0..n_outputs-1] and emits the op. Empties *p, also after an error. */
int step_finish(struct builder *b, struct pending *p, const struct finish *f, struct operand *out);

/* Bound of a tensor that will have format fmt, from its values on the calibration images. */
float calibrate_bound(const struct ftensor *y, int n_cal, enum tetra_fmt fmt);

#endif
