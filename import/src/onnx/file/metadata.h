/* What a file's metadata say beyond the standard: our own entries. Private to the library. */
#ifndef TETRA_ONNX_METADATA_H
#define TETRA_ONNX_METADATA_H

#include "onnx/values.h"

/* Behind the network itself: "tetra.residual" of the value "separate" makes its residual additions round twice
 * (tetra/separate.h), "tetra.nested:LAYER" entries fill x->m->nested. TETRA_EINVAL where an entry has another value,
 * names no convolution of the network, or does not have a bias for each of its output channels; TETRA_ENOMEM. */
TETRA_NODISCARD int onnx_read_metadata(struct onnx_reader *x, const Onnx__ModelProto *model);

#endif
