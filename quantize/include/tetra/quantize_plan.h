/* A network's quantization as a list of decisions: where tensors are quantized and to how many bits, by which scales,
 * and every layer's codes. tetra_quantize_model makes them and writes them in one; here others may decide. */
#ifndef TETRA_QUANTIZE_PLAN_H
#define TETRA_QUANTIZE_PLAN_H

#include "tetra/arena.h"
#include "tetra/float_graph.h"
#include "tetra/quantize.h"
#include "tetra/quantize_model.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TETRA_PLAN_8, TETRA_PLAN_4, TETRA_PLAN_POINTS }; /* a tensor's quantizations: to 8 bits, to 4 */

/* real = code * scale. */
struct tetra_plan_point {
  int used;
  enum tetra_fmt fmt;
  float scale; /* > 0 */
};
/* Of a convolution or dense layer. */
struct tetra_plan_layer {
  int bits;      /* of the weights */
  int8_t *codes; /* [cout][kh][kw][cin] */
  float *scale;  /* cout: real = code * scale, > 0 */
  double *bias;  /* cout, real */
};
struct tetra_plan {
  struct tetra_float_graph *g;
  struct tetra_plan_point (*points)[TETRA_PLAN_POINTS]; /* per value */
  int (*use)[2];                                        /* per node and operand: which point, -1: as it is */
  struct tetra_plan_layer *layers;                      /* per node */
};

/* Which tensors have which formats and which weights how many bits, as tetra_quantize_model has it; scales and codes
 * are left empty. Memory is the arena's. TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_plan_place(struct tetra_arena *arena, struct tetra_float_graph *g,
                                     const struct tetra_quantize_options *o, struct tetra_plan *plan);
/* All decisions of tetra_quantize_model from n images, as there. */
TETRA_NODISCARD int tetra_plan_decide(struct tetra_arena *arena, struct tetra_float_graph *g, const float *images,
                                      int n, const struct tetra_quantize_options *o, struct tetra_plan *plan);
/* The plan as an ONNX file, which tetra_import_onnx has accepted; *bytes is owned by the caller. Biases
 * are float32. TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_plan_write(struct tetra_arena *arena, const struct tetra_plan *plan, uint8_t **bytes,
                                     size_t *size);
/* A float network as an ONNX file, which tetra_import_float has accepted; *bytes is owned by the caller. norms[i]: cout
 * batch norms behind node i, whose own bias is then not written; NULL: none. TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_float_write(struct tetra_arena *arena, struct tetra_float_graph *g,
                                      struct tetra_bn *const *norms, uint8_t **bytes, size_t *size);

#ifdef __cplusplus
}
#endif
#endif
