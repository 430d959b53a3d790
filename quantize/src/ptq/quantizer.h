/* Quantization after training, step by step. Private to the library. */
#ifndef TETRA_QUANTIZER_H
#define TETRA_QUANTIZER_H

#include "tetra/float_graph.h"
#include "tetra/arena.h"
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
  int8_t *codes;  /* [cout][kh][kw][cin] */
  float *scale;   /* cout */
  int32_t *bias;  /* cout, in units of input scale * weight scale */
  float *real;    /* codes * scale */
  double *offset; /* bias, real */
  /* Of a nested layer, else NULL: 8-bit weights that hold the 4-bit codes, at a sixteenth of their scale, and their
   * biases in units of input scale * scale / 16. */
  int8_t *wide;
  int32_t *wide_bias;
};

/* What is decided about a network. All memory is an arena's. */
struct quant_plan {
  struct tetra_float_graph *g;
  const struct tetra_quantize_options *o;
  struct quant_point (*points)[N_POINTS]; /* per value */
  int (*use)[2];                          /* per node and operand: POINT_8, POINT_4 or -1: as it is */
  struct quant_weights *weights;          /* per node */
};

/* quant_place.c: which tensors get which formats; which weights have how many bits. */
TETRA_NODISCARD int quant_place(struct tetra_arena *arena, struct quant_plan *p);

/* bits.c: the entry of that layer in o->bits, NULL where there is none. */
const struct tetra_layer_bits *quant_find_bits(const struct tetra_quantize_options *o, const char *name);
/* Has every convolution exactly one entry of 4 or 8 bits, and every entry a convolution? TETRA_EINVAL names the layer.
 */
TETRA_NODISCARD int quant_check_bits(const struct tetra_float_graph *g, const struct tetra_quantize_options *o,
                                     struct tetra_error *err);

/* quant_bound.c: AQT's bound for n values x in format fmt: the largest magnitude, or with `search` the one with the
 * least squared error. */
float quant_bound(enum tetra_fmt fmt, const float *x, size_t n, int search);
/* y = x quantized and dequantized; returns how many were beyond the codes. */
size_t quant_fake(const struct quant_point *p, const float *x, size_t n, float *y);

/* quant_weights.c: codes and scales of node `i`, for inputs of second moments `moments` ([k][k] row by row for each
 * group, the upper half counts; overwritten; NULL: nearest codes). k = kh * kw * cin. */
TETRA_NODISCARD int quant_choose_weights(struct tetra_arena *arena, struct quant_plan *p, int i, double *moments);
/* Bias and its rounding to accumulator units of in_scale * weight scale. */
void quant_set_bias(struct quant_plan *p, int i, double in_scale, const double *bias);

/* quant_run.c: runs the network in float and quantized side by side, deciding bounds, weights and biases on the way. */
TETRA_NODISCARD int quant_run(struct tetra_arena *arena, struct quant_plan *p, const float *images, int n,
                              struct tetra_quantize_report *report);

/* quant_write.c: the ONNX file. */
TETRA_NODISCARD int quant_write(const struct quant_plan *p, uint8_t **bytes, size_t *size, struct tetra_error *err);

#endif
