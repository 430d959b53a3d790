/* ONNX's messages in an arena, built one after another for protobuf-c to pack. Private to the library. */
#ifndef TETRA_ONNX_MESSAGES_H
#define TETRA_ONNX_MESSAGES_H

#include <stddef.h>
#include <stdint.h>

#include "onnx/onnx.pb-c.h"
#include "tetra/arena.h"

/* Texts are copied. Once there is no memory nothing more is built: functions that give something give NULL, which the
 * others take, and arena->err says so. */
struct msg_graph {
  struct tetra_arena *arena;
  int failed;
  Onnx__ModelProto model;
  Onnx__GraphProto graph; /* of the model */
};

void msg_begin(struct msg_graph *m, struct tetra_arena *arena);
/* The packed model; *bytes is owned by the caller. TETRA_ENOMEM. */
TETRA_NODISCARD int msg_pack(struct msg_graph *m, uint8_t **bytes, size_t *size);

/* An initializer of a type of tetra/onnx_type.h. Its `bytes` bytes are zeros for the caller to fill, little end first;
 * NULL without memory. */
uint8_t *msg_tensor(struct msg_graph *m, const char *name, int type, int rank, const int64_t *dims, size_t bytes);
/* An initializer whose data is said to be in another file, which is not named: for tetra_import_outline. */
void msg_absent(struct msg_graph *m, const char *name, int type, int rank, const int64_t *dims);
/* Bytes of a number, and of a float, as tensors hold them. */
void msg_store(uint8_t *to, uint64_t v, int bytes);
void msg_store_float(uint8_t *to, float v);
/* Initializers of n numbers: rank 0 (n 1) or 1; `type` int32 or int64. */
void msg_floats(struct msg_graph *m, const char *name, int rank, int n, const float *v);
void msg_whole(struct msg_graph *m, const char *name, int type, int n, const int64_t *v);

/* A node; operands, results and attributes follow in any order. */
Onnx__NodeProto *msg_node(struct msg_graph *m, const char *op, const char *name);
void msg_input(struct msg_graph *m, Onnx__NodeProto *node, const char *name);
void msg_output(struct msg_graph *m, Onnx__NodeProto *node, const char *name);
void msg_int(struct msg_graph *m, Onnx__NodeProto *node, const char *name, int64_t v);
void msg_ints(struct msg_graph *m, Onnx__NodeProto *node, const char *name, int n, const int *v);

/* The graph's input or, with is_output, its output: float32 [batch][dims[0]][dims[1]]..., the batch without a number.
 */
void msg_value(struct msg_graph *m, int is_output, const char *name, int n_dims, const int *dims);
/* An entry of the model's metadata, and its version of the operators. */
void msg_entry(struct msg_graph *m, const char *key, const char *value);
void msg_opset(struct msg_graph *m, int version);

#endif
