/* Pending ops. Private to the library. */
#ifndef TETRA_ONNX_DEFERRED_H
#define TETRA_ONNX_DEFERRED_H

#include "onnx/values.h"

/* A pending op of c channels that reads `in`: 1x1 window, factors 0. NULL without memory. */
struct onnx_pend *onnx_pend_new(struct onnx_reader *x, const struct onnx_node *n, enum onnx_pend_kind kind,
                                const struct onnx_view *in, int c);
/* t = the pending op p. */
void onnx_set_pend(struct onnx_tensor *t, struct onnx_pend *p, int rank);
/* A pending copy of a real tensor that is only a view. */
int onnx_pend_copy(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t, struct onnx_pend **p);
/* A pending op like p with factors of its own; NULL without memory. */
struct onnx_pend *onnx_pend_clone(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_pend *p);

#endif
