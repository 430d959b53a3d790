/* Built-in ResNets: seeded weights, calibrated batch-norm statistics, quantized to one of the paper's precisions. */
#ifndef TETRA_NETWORK_H
#define TETRA_NETWORK_H

#include "tetra/graph.h"
#include "tetra/precision.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tetra_network_options {
  const char *network; /* resnet18, resnet34, resnet50, resnet101, resnet152 */
  enum tetra_precision precision;
  double width;   /* filters = int(64 * width * 2^stage); the stem stays 64; > 0, <= 4 */
  uint64_t seed;  /* of weights and calibration image */
  int batch;      /* >= 1 */
  int image_size; /* height = width of the input, 32..512; 224 by default */
  int fuse;       /* 1: residual adds fused into the last conv of the block; 0: every tensor is written */
  int pool_cols;  /* with fuse, the max pool is fused into the stem where a row of the stem has at most so many pixels:
                     half of the hardware's accumulator tile; 0: never */
  int threads;    /* that build it, with the same result; 0: as many as there are usable processors */
};

/* {"resnet50", W4A4_INIT8_DENSE8, 1.0, 1, 1, 224, 1, 128, 0} */
void tetra_network_defaults(struct tetra_network_options *o);
/* i-th built-in network's name, NULL past the last. */
const char *tetra_network_name(int i);
/* Builds, calibrates and quantizes the network into *g (owned by the caller). Op names follow the usual scheme: "stem",
 * "maxpool" (fused: "stem+maxpool"), "s1b1.conv1", "s1b1.proj", ..., "avgpool", "dense". */
TETRA_NODISCARD int tetra_network_build(const struct tetra_network_options *o, struct tetra_graph *g,
                                        struct tetra_error *err);
/* The same graph with all weights 0 and parameters that were not calibrated, about a hundred times sooner: names,
 * shapes, formats and everything else that a plan and its timing depend on are those of tetra_network_build. */
TETRA_NODISCARD int tetra_network_build_shapes(const struct tetra_network_options *o, struct tetra_graph *g,
                                               struct tetra_error *err);
/* Quantizes an RGB image (uint8 HWC, already of the input's size) into the graph's input tensor number n of the batch:
 * (x/255 - mean)/std per channel (ImageNet constants), then AQT signed quantization with the input's scale. */
TETRA_NODISCARD int tetra_quantize_image(const uint8_t *rgb, struct tetra_tensor *input, int n,
                                         struct tetra_error *err);
/* The deterministic synthetic image used where the user gives none: smooth shapes and noise, uint8 HWC size*size*3. */
void tetra_synthetic_image(uint64_t seed, int size, uint8_t *rgb);

#ifdef __cplusplus
}
#endif
#endif
