/* Deferred ops. Private to the library. */
#ifndef TETRA_ONNX_DEFERRED_H
#define TETRA_ONNX_DEFERRED_H

#include "onnx/values.h"

/* A deferred op of c channels that reads `in`: 1x1 window, factors 0. NULL without memory. */
struct onnx_deferred *onnx_deferred_new(struct onnx_reader *x, const struct onnx_node *n, enum onnx_deferred_kind kind,
                                        const struct onnx_view *in, int c);
/* t = the deferred op p. */
void onnx_set_deferred(struct onnx_tensor *t, struct onnx_deferred *p, int rank);
/* A deferred copy of a real tensor that is only a view. */
TETRA_NODISCARD int onnx_deferred_copy(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                       struct onnx_deferred **p);
/* A deferred op like p with factors of its own; NULL without memory. */
struct onnx_deferred *onnx_deferred_clone(struct onnx_reader *x, const struct onnx_node *n,
                                          const struct onnx_deferred *p);

#endif
