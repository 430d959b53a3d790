/* Rewriting a graph: readers and writers of a value, and taking ops and values out. */
#include <stdlib.h>
#include <string.h>

#include "compiler/fuse/edit.h"

int fuse_readers(const struct tetra_graph *g, int value) {
  int n = g->output == value;
  for (int i = 0; i < g->n_ops; i++) n += (g->ops[i].input == value) + (g->ops[i].residual == value);
  return n;
}

int fuse_writer(const struct tetra_graph *g, int value, int *o) {
  int writer = -1, writers = 0;
  for (int i = 0; i < g->n_ops; i++)
    for (int k = 0; k < g->ops[i].n_outputs; k++) {
      if (g->ops[i].output[k] != value) continue;
      writer = i;
      *o = k;
      writers++;
    }
  return writers == 1 ? writer : -1;
}

void fuse_remove_op(struct tetra_graph *g, int op) {
  struct tetra_op *q = &g->ops[op];
  free(q->weights);
  for (int o = 0; o < TETRA_MAX_OUTPUTS; o++) free(q->rq[o].ch);
  memmove(q, q + 1, (size_t)(g->n_ops - op - 1) * sizeof *q);
  g->n_ops--;
  for (int v = 0; v < g->n_values; v++) g->values[v].producer -= g->values[v].producer > op;
}

static void move_down(int *value, int removed) { *value -= *value > removed; }

void fuse_remove_value(struct tetra_graph *g, int value, struct tetra_fused *gone) {
  struct tetra_value *v = &g->values[value];
  memcpy(gone->names[gone->n++], v->name, sizeof v->name);
  memmove(v, v + 1, (size_t)(g->n_values - value - 1) * sizeof *v);
  g->n_values--;
  move_down(&g->input, value);
  move_down(&g->output, value);
  for (int i = 0; i < g->n_ops; i++) {
    move_down(&g->ops[i].input, value);
    move_down(&g->ops[i].residual, value);
    for (int o = 0; o < g->ops[i].n_outputs; o++) move_down(&g->ops[i].output[o], value);
  }
}
