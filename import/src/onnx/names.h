/* What has become of a file's tensors. Private to the library. */
#ifndef TETRA_ONNX_NAMES_H
#define TETRA_ONNX_NAMES_H

#include "onnx/node.h"

/* Fills the model's names: of every computed tensor and of the nodes. TETRA_ENOMEM. */
TETRA_NODISCARD int onnx_name_tensors(struct onnx_reader *x);

#endif
