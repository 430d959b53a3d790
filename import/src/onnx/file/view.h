/* Tensors that only pick, pad or rename codes. Private to the library. */
#ifndef TETRA_ONNX_VIEW_H
#define TETRA_ONNX_VIEW_H

#include "onnx/values.h"

/* All codes of a graph value, as they are. */
void onnx_view_whole(const struct onnx_reader *x, struct onnx_view *v, int value);
int onnx_view_is_whole(const struct onnx_reader *x, const struct onnx_view *v); /* nothing picked or padded */
/* At most padded in height and width. */
int onnx_view_is_padded(const struct onnx_reader *x, const struct onnx_view *v);
/* t becomes codes or reals of v with the plane of `like`. */
void onnx_set_view(struct onnx_tensor *t, enum onnx_kind kind, const struct onnx_view *v,
                   const struct onnx_tensor *like);
/* out is the same as t by another name. */
void onnx_inherit(struct onnx_tensor *out, const struct onnx_tensor *t);

#endif
