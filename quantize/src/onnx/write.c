/* The model around the nodes: input and output, versions, metadata; and the file. */
#include <stdio.h>

#include "onnx/writer.h"

/* Of a value: what gives it a shape of its own says so. */
static int rank_of(const struct tetra_float_graph *g, int value) {
  while (g->values[value].producer >= 0) {
    const struct tetra_float_node *n = &g->nodes[g->values[value].producer];
    if (n->kind == TETRA_FLOAT_FLATTEN) return 2;
    if (n->kind == TETRA_FLOAT_CONV) return n->dense ? 2 : 4;
    if (n->kind != TETRA_FLOAT_ADD && n->kind != TETRA_FLOAT_CLAMP && n->kind != TETRA_FLOAT_AFFINE &&
        n->kind != TETRA_FLOAT_SOFTMAX)
      return 4;
    value = n->in[0];
  }
  return g->input_rank == 2 ? 2 : 4;
}

static int has_4_bits(const struct quant_plan *p) {
  for (int v = 0; v < p->g->n_values; v++)
    if (p->points[v][POINT_4].used) return 1;
  for (int i = 0; i < p->g->n_nodes; i++)
    if (p->g->nodes[i].kind == TETRA_FLOAT_CONV && p->weights[i].bits == 4 && !p->weights[i].wide) return 1;
  return 0;
}

/* The graph's input and output: [batch][c][h][w], [batch][h][w][c] or [batch][c]. */
static void write_values(struct quant_writer *w) {
  const struct tetra_float_graph *g = w->p->g;
  const struct tetra_float_value *in = &g->values[g->input], *out = &g->values[g->output];
  const int nhwc[] = {in->h, in->w, in->c}, nchw[] = {in->c, in->h, in->w}, result[] = {out->c, out->h, out->w};
  msg_value(&w->m, 0, in->name, g->input_rank == 2 ? 1 : 3, g->input_nhwc ? nhwc : nchw);
  msg_value(&w->m, 1, out->name, rank_of(g, g->output) - 1, result);
}

/* The biases of a nested layer's 4-bit network, as text: metadata, which are our own reader's business alone
 * (import/src/onnx/file/metadata.c). */
static void write_nested(struct quant_writer *w, const struct tetra_float_node *n, const struct quant_weights *q) {
  enum { DIGITS = 12 };
  char *text = tetra_arena_alloc(w->m.arena, (size_t)n->cout * DIGITS + 1, 1);
  quant_name key;
  size_t at = 0;
  w->m.failed |= text == NULL;
  if (text == NULL) return;
  for (int c = 0; c < n->cout; c++) at += (size_t)snprintf(text + at, DIGITS + 1, c ? " %ld" : "%ld", (long)q->bias[c]);
  snprintf(key, sizeof key, "tetra.nested:%s", n->name);
  msg_entry(&w->m, key, text);
}

static void write_metadata(struct quant_writer *w) {
  const struct tetra_float_graph *g = w->p->g;
  if (w->p->o->separate) msg_entry(&w->m, "tetra.residual", "separate");
  for (int i = 0; i < g->n_nodes; i++)
    if (g->nodes[i].kind == TETRA_FLOAT_CONV && w->p->weights[i].wide) write_nested(w, &g->nodes[i], &w->p->weights[i]);
}

static void write_model(struct quant_writer *w) {
  static char producer[] = "tetra", graph[] = "quantized"; /* messages want texts that could change */
  const struct tetra_float_graph *g = w->p->g;
  const int four = has_4_bits(w->p); /* these types came with opset 21 */
  w->m.model.has_ir_version = 1;
  w->m.model.ir_version = four ? 10 : 7;
  w->m.model.producer_name = producer;
  w->m.graph.name = graph;
  msg_opset(&w->m, four ? 21 : 13);
  write_metadata(w);
  if (g->input_nhwc) quant_write_turn(w);
  quant_write_points(w, g->input);
  for (int i = 0; i < g->n_nodes; i++) {
    if (g->nodes[i].kind == TETRA_FLOAT_CONV)
      quant_write_conv(w, i);
    else
      quant_write_op(w, i);
    quant_write_points(w, g->nodes[i].out);
  }
  write_values(w);
}

int quant_write(const struct quant_plan *p, uint8_t **bytes, size_t *size, struct tetra_error *err) {
  struct tetra_error own = {TETRA_OK, ""};
  struct tetra_arena arena = {.err = err ? err : &own, .budget = SIZE_MAX / 4}; /* in proportion to the network */
  struct quant_writer w = {.p = p};
  msg_begin(&w.m, &arena);
  write_model(&w);
  const int rc = msg_pack(&w.m, bytes, size);
  tetra_arena_free(&arena);
  return rc;
}
