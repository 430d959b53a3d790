/* Constants, element by element. Private to the library. */
#ifndef TETRA_ONNX_CONST_H
#define TETRA_ONNX_CONST_H

#include "onnx/values.h"

/* Checks a tensor of the file and finds its elements; with `outline` one whose data is in another file has none.
 * TETRA_EINVAL names the tensor. */
TETRA_NODISCARD int onnx_const_init(struct onnx_const *c, const Onnx__TensorProto *t, const char *name, int outline,
                                    struct tetra_error *err);
/* Element i, whatever the type; a float is cut to an integer and saturates. */
int64_t onnx_const_int(const struct onnx_const *c, size_t i);
double onnx_const_real(const struct onnx_const *c, size_t i);
int onnx_is_code_type(int type); /* (u)int8, (u)int4 */
int onnx_type_bits(int type);    /* of an element; 0: of a type that is not read */
int onnx_is_read_type(int type); /* of a constant: ONNX_READ_TYPES */
#define ONNX_READ_TYPES "float16, float, double, bool and integers of 4, 8, 16, 32 and 64 bits"
const char *onnx_type_name(int64_t type); /* of an element type, as ONNX writes it */
enum tetra_fmt onnx_fmt(int code_type);
/* Element i of a constant, dequantized where it was. */
double onnx_tensor_real(const struct onnx_tensor *t, size_t i);
/* Index into a per-tensor or per-channel constant for channel i. */
static inline size_t onnx_channel(const struct onnx_const *c, size_t i) { return c->count == 1 ? 0 : i; }

#endif
