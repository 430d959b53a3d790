/* The message of an ONNX file. Private to the library. */
#ifndef TETRA_ONNX_PROTO_H
#define TETRA_ONNX_PROTO_H

#include <onnx/onnx.pb-c.h>
#include <stddef.h>
#include <stdint.h>

#include "tetra/status.h"

/* The message of a file. At most 32 * size + 64 MiB are allocated. */
struct onnx_message;
TETRA_NODISCARD int onnx_unpack(const uint8_t *bytes, size_t size, struct onnx_message **msg, struct tetra_error *err);
const Onnx__ModelProto *onnx_model(const struct onnx_message *msg);
void onnx_message_free(struct onnx_message *msg);

#endif
