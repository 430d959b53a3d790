/* A trained float network, quantized after training: float ONNX (or a CIFAR-10 ResNet's weights as .npz) and
 * calibration images in, a standard ONNX model of QuantizeLinear and DequantizeLinear nodes out.
 *
 * Scales are AQT's (tetra/quantize.h): weights, per output channel, and signed tensors B / (bound + eps) with
 * B = 2^(b-1) - 1, unsigned tensors 2^b / (bound + eps), zero points 0. QuantizeLinear rounds half to even, where AQT's
 * unsigned quantizer rounds down: that is the convention of networks trained with it, and would only shift one that was
 * not. Bounds of 8-bit tensors are the largest magnitudes seen, of 4-bit ones the least squared error; of a 4-bit image
 * the one that moves the float network's softmax least. Weights are a method's affair, and each convolution's bias
 * takes back what quantization moves its channels' means by, layer by layer, with the errors of all layers before
 * present. TETRA_METHOD_MAX does none of that: largest magnitudes, nearest codes. docs/quantization.md has formulas and
 * sources.
 */
#ifndef TETRA_QUANTIZE_MODEL_H
#define TETRA_QUANTIZE_MODEL_H

#include "tetra/import.h"
#include "tetra/precision.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(enumerator, name on the command line, what it is): docs/quantization.md has them all. */
#define TETRA_QUANTIZE_METHODS(X)                                                                   \
  X(TETRA_METHOD_MAX, "max", "largest magnitudes, nearest codes")                                   \
  X(TETRA_METHOD_SQUANT, "squant", "errors of kernels and channels sum to nothing (SQuant)")        \
  X(TETRA_METHOD_GPTQ, "gptq", "each input's error is passed on to those that follow (GPTQ)")       \
  X(TETRA_METHOD_GPFQ, "gpfq", "a greedy walk along the inputs (GPFQ)")                             \
  X(TETRA_METHOD_CD, "cd", "asymmetric target, coordinate descent on codes and scales")             \
  X(TETRA_METHOD_ADAROUND, "adaround", "asymmetric target, learned rounding up or down (AdaRound)") \
  X(TETRA_METHOD_BEST, "best", "asymmetric target, GPTQ, then coordinate descent on codes and scales")
#define TETRA_METHOD_ENUM(e, name, what) e,
enum tetra_quantize_method { TETRA_QUANTIZE_METHODS(TETRA_METHOD_ENUM) TETRA_METHOD_COUNT };
#undef TETRA_METHOD_ENUM
/* All names as a sentence has them, a string literal: "max, squant, ..." */
#define TETRA_QUANTIZE_METHOD_NAMES "max, squant, gptq, gpfq, cd, adaround and best"
/* Its name, and what it is; NULL where m is none. */
const char *tetra_quantize_method_name(enum tetra_quantize_method m);
const char *tetra_quantize_method_text(enum tetra_quantize_method m);
/* The method of that name, -1 where there is none. */
TETRA_NODISCARD int tetra_quantize_method_parse(const char *name);

/* Which bits where: as docs/numerics.md has it for built-in networks. The layer that reads the image and the dense
 * layers are the "stem, dense" of that table; tensors that a ReLU or the data make non-negative are unsigned; what is
 * added to an unquantized sum, and pooled by averages, has 8 bits. With `bits` every convolution and dense layer has
 * those of its entry instead; each must have exactly one, in any order. */
struct tetra_quantize_options {
  enum tetra_precision precision;
  enum tetra_quantize_method method;
  int granularity; /* consecutive output channels that share a weight scale (of a grouped convolution, those of its
                      groups do not); 1: each has its own; 0: all share one */
  /* Called after every operation with the share of the work that is done, 0..1, about; NULL: not. */
  void (*progress)(void *context, double done);
  void *context;
  int data_free; /* no images: ranges and means from batch norms; TETRA_METHOD_MAX and SQUANT only */
  float image_low[3], image_high[3];   /* data_free: what channel c of an image, c % 3, ranges over */
  const struct tetra_layer_bits *bits; /* n_bits entries, borrowed; NULL: as `precision` has it */
  int n_bits;
  /* 1: the file has 8-bit weights throughout; those of layers to which `precision` or `bits` give 4 bits hold these in
   * their upper halves (tetra/nest.h), and metadata say so. Inputs of layers must have 8 bits. */
  int nested;
  /* 1: channels of 4-bit activations keep their units. 0: they are made alike by a factor each, which the weights in
   * front of them and behind them make up for, so that tensors inside have other units than the float network's; the
   * output has its own. TETRA_METHOD_MAX always keeps them. */
  int keep_channels;
  int separate; /* 1: residual additions round twice (tetra/separate.h), which metadata say; 0: once */
};

/* The objective after a stage of a method: mean square error of the layer's sums over those of a channel. */
struct tetra_quantize_stage {
  const char *name; /* static */
  double j;
};
enum { TETRA_QUANTIZE_STAGES = 3 };

/* One quantized tensor or one layer's weights. */
struct tetra_quantized {
  char name[TETRA_NAME_MAX];
  enum tetra_fmt fmt;
  int is_weights;
  double bound;     /* largest magnitude of the codes' range, real; weights: mean over channels */
  double snr_db;    /* 10 log10(sum x^2 / sum (x - quantized x)^2) against the float network, over the images, errors of
                       all layers before included; weights: of the weights alone */
  double saturated; /* share of elements beyond the range of codes */
  /* Weights: J after each stage (quantize/src/methods), never larger than after the one before; and J of weights 0. */
  struct tetra_quantize_stage stages[TETRA_QUANTIZE_STAGES];
  int n_stages;
  double power;
};
struct tetra_quantize_report {
  struct tetra_quantized *items; /* in the network's order; owned */
  int n_items;
  double output_snr_db; /* the logits, after their quantization */
};

/* TETRA_W8A8, TETRA_METHOD_BEST, a scale for each channel, no bits of single layers */
void tetra_quantize_defaults(struct tetra_quantize_options *o);
void tetra_quantize_report_free(struct tetra_quantize_report *r);

/* What images a float model takes. TETRA_EINVAL as tetra_import_onnx; bytes are an ONNX file or an .npz of a
 * ResNet for CIFAR-10. */
TETRA_NODISCARD int tetra_quantize_input(const uint8_t *bytes, size_t size, int *h, int *w, int *c,
                                         struct tetra_import_report *refused, struct tetra_error *err);
/* Do o->bits, where there are any, fit the network's layers? tetra_quantize_model asks the same. TETRA_EINVAL names the
 * layer. */
TETRA_NODISCARD int tetra_quantize_check_bits(const uint8_t *bytes, size_t size, const struct tetra_quantize_options *o,
                                              struct tetra_error *err);
/* Of data_free no images are read: NULL, n 0. images: n times [h][w][c], normalized as the network wants them; all of
 * them, and two tensors of every layer that is still needed, are in memory at once. *out, *out_size: the ONNX file,
 * owned by the caller (free), which tetra_import_onnx has accepted. `refused` lists nodes that cannot be quantized.
 * TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_quantize_model(const uint8_t *bytes, size_t size, const float *images, int n,
                                         const struct tetra_quantize_options *o, uint8_t **out, size_t *out_size,
                                         struct tetra_quantize_report *report, struct tetra_import_report *refused,
                                         struct tetra_error *err);
/* Float logits [n][classes] of the same network, for comparison; *logits is owned by the caller. */
TETRA_NODISCARD int tetra_float_model_logits(const uint8_t *bytes, size_t size, const float *images, int n,
                                             float **logits, int *classes, struct tetra_import_report *refused,
                                             struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
