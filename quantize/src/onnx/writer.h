/* A network as an ONNX file: float operators, and QuantizeLinear and DequantizeLinear around them where it is
 * quantized. What the files of this folder share. Private to the library. */
#ifndef TETRA_QUANT_ONNX_WRITER_H
#define TETRA_QUANT_ONNX_WRITER_H

#include "onnx/messages.h"
#include "ptq/quantizer.h"

struct quant_writer {
  const struct quant_plan *p;
  struct msg_graph m;
};

/* Longer than any name: of a value or node, and what is put behind it. */
typedef char quant_name[TETRA_NAME_MAX + 32];

/* points.c: the name of value v as its producer gives it; of its point with `what` behind it, or of the tensor behind
 * the point where that is ""; of what node i reads as operand k. */
void quant_value_name(const struct quant_plan *p, int v, quant_name out);
void quant_point_name(const struct quant_plan *p, int v, int point, const char *what, quant_name out);
void quant_operand_name(const struct quant_plan *p, int i, int k, quant_name out);
/* QuantizeLinear and DequantizeLinear behind value v. */
void quant_write_points(struct quant_writer *w, int v);

/* conv.c: node i, a convolution or dense layer, with its constants. */
void quant_write_conv(struct quant_writer *w, int i);
/* ops.c: node i of any other kind; the network's input turned round, as its file has it. */
void quant_write_op(struct quant_writer *w, int i);
void quant_write_turn(struct quant_writer *w);
/* Attributes of a window. */
void quant_write_window(struct quant_writer *w, Onnx__NodeProto *node, const struct tetra_window *win,
                        const struct tetra_pads *pad);

#endif
