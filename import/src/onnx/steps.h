/* What a file does to its input in front of the first quantization. Private to the library. */
#ifndef TETRA_ONNX_STEPS_H
#define TETRA_ONNX_STEPS_H

#include "onnx/values.h"

/* out = the network's input t after one more step with constant c: one number or one per channel, also of an input
 * whose channels are last and which is turned round later. */
TETRA_NODISCARD int onnx_input_step(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                    const struct onnx_tensor *c, enum tetra_step_kind kind, struct onnx_tensor *out);
/* The same with count numbers c along an axis of onnx_step. */
TETRA_NODISCARD int onnx_input_step_of(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                       const double *c, size_t count, enum tetra_step_kind kind, int axis,
                                       struct onnx_tensor *out);
/* The input's channels, last so far, come first from here on: refused where a step goes by the rows. */
TETRA_NODISCARD int onnx_steps_turn(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t);
/* The steps that lead to t, which is quantized, become the model's. */
TETRA_NODISCARD int onnx_steps_finish(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t);

#endif
