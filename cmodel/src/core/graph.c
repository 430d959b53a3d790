/* Graphs: growing and freeing them, and the sizes that follow from the fields of an op. */
#include "tetra/graph.h"

#include <stdlib.h>
#include <string.h>

void tetra_graph_free(struct tetra_graph *g) {
  for (int i = 0; i < g->n_ops; i++) {
    free(g->ops[i].weights);
    free(g->ops[i].wide);
    for (int o = 0; o < TETRA_MAX_OUTPUTS; o++) free(g->ops[i].rq[o].ch);
  }
  free(g->ops);
  free(g->values);
  memset(g, 0, sizeof *g);
}

/* Room for one element more than n in an array that grows at every power of two; NULL without memory. */
static void *grow(void *array, int n, size_t size) {
  if (n & (n - 1)) return array;
  if (n > INT32_MAX / 2) return NULL;
  return realloc(array, (n ? 2 * (size_t)n : 1) * size);
}

int tetra_graph_add_value(struct tetra_graph *g, const char *name, const struct tetra_desc *d) {
  struct tetra_value *values = grow(g->values, g->n_values, sizeof *values);
  if (!values) return -1;
  g->values = values;
  struct tetra_value *v = &values[g->n_values];
  memset(v, 0, sizeof *v);
  for (size_t i = 0; i + 1 < sizeof v->name && name[i]; i++) v->name[i] = name[i];
  v->d = *d;
  v->producer = -1;
  return g->n_values++;
}

int tetra_graph_add_op(struct tetra_graph *g, const struct tetra_op *op) {
  struct tetra_op *ops = grow(g->ops, g->n_ops, sizeof *ops);
  if (!ops) return -1;
  g->ops = ops;
  ops[g->n_ops] = *op;
  for (int o = 0; o < op->n_outputs && o < TETRA_MAX_OUTPUTS; o++)
    if (op->output[o] >= 0 && op->output[o] < g->n_values) g->values[op->output[o]].producer = g->n_ops;
  return g->n_ops++;
}

int tetra_op_plane_h(const struct tetra_op *op, int in_h) { return tetra_window_out_h(&op->win, in_h); }

int tetra_op_plane_w(const struct tetra_op *op, int in_w) { return tetra_window_out_w(&op->win, in_w); }

int64_t tetra_op_plane_pixels(const struct tetra_op *op, const struct tetra_desc *in) {
  return (int64_t)tetra_op_plane_h(op, in->h) * tetra_op_plane_w(op, in->w);
}

int tetra_op_out_h(const struct tetra_op *op, int in_h) {
  const int plane = tetra_op_plane_h(op, in_h);
  return op->pool ? (plane + op->pool_pad_top) / 2 : plane;
}

int tetra_op_out_w(const struct tetra_op *op, int in_w) {
  const int plane = tetra_op_plane_w(op, in_w);
  return op->pool ? (plane + op->pool_pad_left) / 2 : plane;
}

int64_t tetra_op_macs(const struct tetra_graph *g, int i) {
  const struct tetra_op *op = &g->ops[i];
  if (op->kind != TETRA_CONV) return 0;
  const struct tetra_desc *in = &g->values[op->input].d;
  int64_t outputs = in->n * tetra_op_plane_pixels(op, in) * op->cout;
  return outputs * (int64_t)tetra_op_kernel(op, in->c);
}
