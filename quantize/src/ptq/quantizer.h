/* Quantization after training, step by step. Private to the library. */
#ifndef TETRA_QUANTIZER_H
#define TETRA_QUANTIZER_H

#include "ptq/moments.h"
#include "tetra/float_graph.h"
#include "tetra/arena.h"
#include "tetra/quantize.h"
#include "tetra/quantize_model.h"

/* A tensor's quantization to 8 or 4 bits: zero point 0, real = code * scale. */
struct quant_point {
  int used;
  enum tetra_fmt fmt;
  float bound; /* that AQT's scale is made of */
  float scale;
};
enum { POINT_8, POINT_4, N_POINTS };

/* Weights of one convolution. */
struct quant_weights {
  int bits;
  int8_t *codes;  /* [cout][kh][kw][cin]; NULL: the file has the node's float weights, or with `outline` none */
  int outline;    /* 1: the file has codes' shape, and says that they are in another file, which is not there */
  float *scale;   /* cout */
  int32_t *bias;  /* cout, in units of input scale * weight scale; NULL: the file has `offset` as real numbers */
  float *real;    /* codes * scale */
  double *offset; /* bias, real */
  /* Of float weights: cout batch norms behind them, instead of the bias; NULL: none. */
  const struct tetra_bn *norm;
  /* Of a nested layer, else NULL: 8-bit weights that hold the 4-bit codes, at a sixteenth of their scale, and their
   * biases in units of input scale * scale / 16. */
  int8_t *wide;
  int32_t *wide_bias;
  struct tetra_quantize_stage stages[TETRA_QUANTIZE_STAGES];
  int n_stages;
  double power; /* J of weights 0 */
};

/* What a convolution reads and shall give while it is quantized: images, or with n 0 what its inputs' distribution
 * tells. */
struct quant_inputs {
  struct quant_sight sight;
  const double *mean, *power; /* n 0: E[u], E[u^2] of each input channel */
  double most;                /* largest magnitude of the layer's sums, about */
};

/* What is decided about a network. All memory is an arena's. */
struct quant_plan {
  struct tetra_float_graph *g;
  const struct tetra_quantize_options *o;
  struct quant_point (*points)[N_POINTS]; /* per value */
  int (*use)[2];                          /* per node and operand: POINT_8, POINT_4 or -1: as it is */
  struct quant_weights *weights;          /* per node */
};

/* place.c: which tensors get which formats; which weights have how many bits. */
TETRA_NODISCARD int quant_place(struct tetra_arena *arena, struct quant_plan *p);

/* bits.c: the entry of that layer in o->bits, NULL where there is none. */
const struct tetra_layer_bits *quant_find_bits(const struct tetra_quantize_options *o, const char *name);
/* Has every convolution exactly one entry of 4 or 8 bits, and every entry a convolution? TETRA_EINVAL names the layer.
 */
TETRA_NODISCARD int quant_check_bits(const struct tetra_float_graph *g, const struct tetra_quantize_options *o,
                                     struct tetra_error *err);

#define QUANT_SMALLEST_BOUND (1.0f / 1024) /* of a tensor of zeros, which may have any */
/* bound.c: AQT's bound for n values x in format fmt: the largest magnitude, or with `search` the one with the
 * least squared error. */
float quant_bound(enum tetra_fmt fmt, const float *x, size_t n, int search);
/* y = x quantized and dequantized; returns how many were beyond the codes. */
size_t quant_fake(const struct quant_point *p, const float *x, size_t n, float *y);

/* The bound of a 4-bit image with which the float network's softmax moves least: how fine and how far the few codes go
 * decides more than their square error tells. */
TETRA_NODISCARD int quant_image_bound(const struct tetra_float_graph *g, struct quant_point *q, const float *images,
                                      int n, float *bound, struct tetra_error *err);

/* weights.c: codes, scales and bias of node `i` by the plan's method. TETRA_ENOMEM. */
TETRA_NODISCARD int quant_choose_weights(struct tetra_arena *arena, struct quant_plan *p, int i,
                                         const struct quant_inputs *in);
/* Bias and its rounding to accumulator units of in_scale * weight scale. */
void quant_set_bias(struct quant_plan *p, int i, double in_scale, const double *bias);

/* run.c: runs the network in float and quantized side by side, deciding bounds, weights and biases on the way. */
TETRA_NODISCARD int quant_run(struct tetra_arena *arena, struct quant_plan *p, const float *images, int n,
                              struct tetra_quantize_report *report);

/* data_free.c: decides the same without images. TETRA_EINVAL where batch norms are missing. */
TETRA_NODISCARD int quant_run_data_free(struct tetra_arena *arena, struct quant_plan *p,
                                        struct tetra_quantize_report *report);

/* report.c: a new item at the end, NULL without memory; the item of node i's weights; 10 log10(signal / noise). */
struct tetra_quantized *quant_report_item(struct tetra_quantize_report *t, const char *name, enum tetra_fmt fmt);
TETRA_NODISCARD int quant_report_weights(const struct quant_plan *p, int i, struct tetra_quantize_report *report,
                                         struct tetra_error *err);
double quant_snr(const float *x, const float *y, size_t n);

/* onnx/write.c: the ONNX file. */
TETRA_NODISCARD int quant_write(const struct quant_plan *p, uint8_t **bytes, size_t *size, struct tetra_error *err);

#endif
