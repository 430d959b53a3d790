/* Runs a float network as a whole. */
#include <stdlib.h>
#include <string.h>

#include "tetra/float_graph.h"

/* Node i's result; operands that nothing reads any more are freed. */
static int run_node(const struct tetra_float_graph *g, int i, const float *in, int n, float **data, int *uses,
                    struct tetra_error *err) {
  const struct tetra_float_node *node = &g->nodes[i];
  const float *operand[2] = {NULL, NULL};
  for (int k = 0; k < 2; k++)
    if (node->in[k] >= 0) operand[k] = node->in[k] == g->input ? in : data[node->in[k]];
  const int rc = tetra_float_run(g, node, n, operand, NULL, NULL, &data[node->out], err);
  for (int k = 0; k < 2; k++)
    if (node->in[k] >= 0 && --uses[node->in[k]] == 0) {
      free(data[node->in[k]]);
      data[node->in[k]] = NULL;
    }
  return rc;
}

int tetra_float_run_graph(const struct tetra_float_graph *g, const float *in, int n, float **out,
                          struct tetra_error *err) {
  float **data = calloc((size_t)g->n_values, sizeof *data);
  int *uses = calloc((size_t)g->n_values, sizeof *uses), last = g->input, rc = TETRA_OK;
  *out = NULL;
  if (!data || !uses) rc = tetra_fail(err, TETRA_ENOMEM, "no memory for %d tensors", g->n_values);
  for (int v = 0; !rc && v < g->n_values; v++) uses[v] = g->values[v].n_uses;
  for (int i = 0; !rc && i < g->n_nodes && g->nodes[i].kind != TETRA_FLOAT_SOFTMAX; i++) {
    rc = run_node(g, i, in, n, data, uses, err);
    last = g->nodes[i].out;
  }
  if (!rc) {
    *out = data[last];
    data[last] = NULL;
  }
  for (int v = 0; data && v < g->n_values; v++) free(data[v]);
  free(data);
  free(uses);
  return rc;
}
