/* What is said about nodes behind a refused one. Private to the library. */
#ifndef TETRA_ONNX_GUESS_H
#define TETRA_ONNX_GUESS_H

#include "onnx/node.h"

/* Converts node n, whose inputs it may look at: the walk's own way. */
typedef int onnx_attempt(struct onnx_reader *x, const struct onnx_node *n, const void *how);

/* A constant of that shape whose elements are all 1, in place of one that cannot be had. NULL: no memory, or
 * far more elements than a file of this size has. */
const struct onnx_const *onnx_ones(struct onnx_reader *x, const struct onnx_shape *s, int type);
/* Poisons the outputs of the refused node n, with what can be told of them: the shape, from the file or from the
 * inputs. */
TETRA_NODISCARD int onnx_guess_outputs(struct onnx_reader *x, const struct onnx_node *n);
/* Is n the DequantizeLinear of a refused QuantizeLinear? */
int onnx_is_other_half(const struct onnx_reader *x, const struct onnx_node *n);
/* Attempts to convert node n with poisoned inputs replaced by tensors of the same shape that it could read. What is
 * then still wrong with it would be wrong, too, if nothing before it were, and is refused; anything that may be owed to
 * the replacement is not said. TETRA_OK, ONNX_REFUSED, TETRA_ENOMEM. */
TETRA_NODISCARD int onnx_guess(struct onnx_reader *x, const struct onnx_node *n, onnx_attempt *attempt,
                               const void *how);

#endif
