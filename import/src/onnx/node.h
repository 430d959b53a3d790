/* A node's operands and attributes; refusals. Private to the library. */
#ifndef TETRA_ONNX_NODE_H
#define TETRA_ONNX_NODE_H

#include "onnx/values.h"

const char *onnx_node_name(const struct onnx_node *n);
const char *onnx_op_type(const struct onnx_node *n);
TETRA_NODISCARD int onnx_refuse(struct onnx_reader *x, const struct onnx_node *n, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
/* TETRA_EINVAL: the file itself is wrong; the message starts with the node. */
TETRA_NODISCARD int onnx_broken(struct onnx_reader *x, const struct onnx_node *n, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
struct onnx_tensor *onnx_in(const struct onnx_reader *x, const struct onnx_node *n, int i); /* NULL: absent */
struct onnx_tensor *onnx_out(const struct onnx_reader *x, const struct onnx_node *n, int i);
/* A tensor that nothing may read: made by a refused node, or of a type that is not read. */
static inline int onnx_is_poison(const struct onnx_tensor *t) { return t && t->kind == ONNX_POISON; }
/* Input i as a plain constant; refused where it is computed. */
TETRA_NODISCARD int onnx_need_const(struct onnx_reader *x, const struct onnx_node *n, int i,
                                    const struct onnx_const **c);
const Onnx__AttributeProto *onnx_attr(const struct onnx_node *n, const char *name);
int64_t onnx_attr_int(const struct onnx_node *n, const char *name, int64_t otherwise);
double onnx_attr_real(const struct onnx_node *n, const char *name, double otherwise);
int onnx_attr_is(const struct onnx_node *n, const char *name, const char *value); /* a string attribute equals value */
/* A positive finite scale and its zero point (input i_zp may be absent: 0 in `type`, or uint8 where type is 0). */
TETRA_NODISCARD int onnx_need_scale(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_const *scale);
/* Of constants: any finite one. A negative scale is a sign of the weights, 0 makes them all 0. */
TETRA_NODISCARD int onnx_need_weight_scale(struct onnx_reader *x, const struct onnx_node *n,
                                           const struct onnx_const *scale);
TETRA_NODISCARD int onnx_need_q(struct onnx_reader *x, const struct onnx_node *n, int i_scale, int i_zp, int type,
                                struct onnx_q *q);
/* Window attributes of a conv or pool over h x w, auto_pad and ceil_mode resolved; out[2] is the result's h and w.
 * kernel_shape comes from `kh`, `kw` where they are not 0. `asked` (or NULL): the padding without what ceil_mode adds.
 */
TETRA_NODISCARD int onnx_need_window(struct onnx_reader *x, const struct onnx_node *n, int h, int w, int kh, int kw,
                                     struct tetra_window *win, struct tetra_pads *asked, int out[2]);

/* Converts one node: TETRA_OK, ONNX_REFUSED, or an error that ends the import. */
typedef int onnx_convert(struct onnx_reader *x, const struct onnx_node *n);

#endif
