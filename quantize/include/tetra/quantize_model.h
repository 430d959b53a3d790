/* A trained float network, quantized after training: float ONNX (or a CIFAR-10 ResNet's weights as .npz) and
 * calibration images in, a standard ONNX model of QuantizeLinear and DequantizeLinear nodes out.
 *
 * Scales are AQT's (tetra/quantize.h): weights, per output channel, and signed tensors B / (bound + eps) with
 * B = 2^(b-1) - 1, unsigned tensors 2^b / (bound + eps), zero points 0. QuantizeLinear rounds half to even, where AQT's
 * unsigned quantizer rounds down: that is the convention of networks trained with it, and would only shift one that was
 * not. Bounds are the largest magnitudes seen, or with `search`
 *   - of 4-bit tensors: the bound with the least squared error over the calibration images;
 *   - of 4-bit weights: the bound with the least squared error weighted by the mean square of each input, then codes
 *     chosen one input after another, each passing its rounding error on to those that follow (Frantar et al., "GPTQ",
 *     arXiv 2210.17323, section 3; by Cholesky factors of the inverse of the inputs' second moments);
 *   - of all convolutions: the bias takes back what quantization moved each channel's mean by (Nagel et al., "Data-Free
 *     Quantization", arXiv 1906.04721, section 4.2, on data), layer by layer.
 */
#ifndef TETRA_QUANTIZE_MODEL_H
#define TETRA_QUANTIZE_MODEL_H

#include "tetra/import.h"
#include "tetra/precision.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which bits where: as docs/numerics.md has it for built-in networks. The layer that reads the image and the dense
 * layers are the "stem, dense" of that table; tensors that a ReLU or the data make non-negative are unsigned; what is
 * added to an unquantized sum, and pooled by averages, has 8 bits. With `bits` every convolution and dense layer has
 * those of its entry instead; each must have exactly one, in any order. */
struct tetra_quantize_options {
  enum tetra_precision precision;
  int search;                          /* 1: as above; 0: largest magnitudes and nearest codes only */
  const struct tetra_layer_bits *bits; /* n_bits entries, borrowed; NULL: as `precision` has it */
  int n_bits;
  /* 1: the file has 8-bit weights throughout; those of layers to which `precision` or `bits` give 4 bits hold these in
   * their upper halves (tetra/nest.h), and metadata say so. Inputs of layers must have 8 bits. */
  int nested;
  int separate; /* 1: residual additions round twice (tetra/separate.h), which metadata say; 0: once */
};

/* One quantized tensor or one layer's weights. */
struct tetra_quantized {
  char name[TETRA_NAME_MAX];
  enum tetra_fmt fmt;
  int is_weights;
  double bound;     /* largest magnitude of the codes' range, real; weights: mean over channels */
  double snr_db;    /* 10 log10(sum x^2 / sum (x - quantized x)^2) against the float network, over the images, errors of
                       all layers before included; weights: of the weights alone */
  double saturated; /* share of elements beyond the range of codes */
};
struct tetra_quantize_report {
  struct tetra_quantized *items; /* in the network's order; owned */
  int n_items;
  double output_snr_db; /* the logits, after their quantization */
};

/* {TETRA_W8A8, 1}, no bits of single layers */
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
/* images: n times [h][w][c], normalized as the network wants them; all of them, and two tensors of every layer that is
 * still needed, are in memory at once. *out, *out_size: the ONNX file, owned by the caller (free), which
 * tetra_import_onnx has accepted. `refused` lists nodes that cannot be quantized. TETRA_EINVAL, TETRA_ENOMEM. */
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
