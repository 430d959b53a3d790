/* Values and their quantizations: what they are called in the file, and the nodes that quantize. */
#include <stdio.h>

#include "onnx/writer.h"
#include "tetra/onnx_type.h"

void quant_value_name(const struct quant_plan *p, int v, quant_name out) {
  /* The network's output is the dequantized tensor, its input may have its channels last. */
  const int renamed = v == p->g->output && p->points[v][POINT_8].used, turned = v == p->g->input && p->g->input_nhwc;
  snprintf(out, sizeof(quant_name), "%s%s", p->g->values[v].name, renamed ? ".real" : turned ? ".nchw" : "");
}

void quant_point_name(const struct quant_plan *p, int v, int point, const char *what, quant_name out) {
  if (v == p->g->output && point == POINT_8 && !*what)
    snprintf(out, sizeof(quant_name), "%s", p->g->values[v].name);
  else
    snprintf(out, sizeof(quant_name), "%s.q%d%s", p->g->values[v].name, point == POINT_8 ? 8 : 4,
             *what ? what : ".real");
}

void quant_operand_name(const struct quant_plan *p, int i, int k, quant_name out) {
  const int v = p->g->nodes[i].in[k];
  if (p->use[i][k] < 0)
    quant_value_name(p, v, out);
  else
    quant_point_name(p, v, p->use[i][k], "", out);
}

void quant_write_points(struct quant_writer *w, int v) {
  quant_name value, scale, zero, codes, real;
  quant_value_name(w->p, v, value);
  for (int k = 0; k < N_POINTS; k++) {
    const struct quant_point *q = &w->p->points[v][k];
    if (!q->used) continue;
    quant_point_name(w->p, v, k, ".scale", scale);
    quant_point_name(w->p, v, k, ".zero_point", zero);
    quant_point_name(w->p, v, k, ".codes", codes);
    quant_point_name(w->p, v, k, "", real);
    msg_floats(&w->m, scale, 0, 1, &q->scale);
    (void)msg_tensor(&w->m, zero, (int)onnx_type_of(q->fmt), 0, NULL, 1); /* 0 */
    for (int d = 0; d < 2; d++) {
      Onnx__NodeProto *node = msg_node(&w->m, d ? "DequantizeLinear" : "QuantizeLinear", d ? real : codes);
      msg_input(&w->m, node, d ? codes : value);
      msg_input(&w->m, node, scale);
      msg_input(&w->m, node, zero);
      msg_output(&w->m, node, d ? real : codes);
    }
  }
}
