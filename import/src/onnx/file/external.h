/* Tensor data in files beside an ONNX file. Private to the library. */
#ifndef TETRA_ONNX_EXTERNAL_H
#define TETRA_ONNX_EXTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/status.h"

/* Replaces *bytes, an ONNX file read from `path`, by the same model with the data of its initializers inside, where
 * some are in other files. Their names are below the folder of `path`: no "..", no absolute ones. At most 1 GiB in all.
 * *bytes (malloc) and *size are as before after an error, or where there is nothing to do. TETRA_EINVAL, TETRA_EIO,
 * TETRA_ENOMEM. */
TETRA_NODISCARD int onnx_external_inline(const char *path, uint8_t **bytes, size_t *size, struct tetra_error *err);
/* Do initializers of the ONNX file of these contents, which was read from `path`, lie in `file`? */
int onnx_external_is(const char *path, const uint8_t *bytes, size_t size, const char *file);

#endif
