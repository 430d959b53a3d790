/* A nested network's layers, switched to the 4-bit weights that they hold. */
#include <string.h>

#include "tetra/import.h"
#include "tetra/nest.h"

int tetra_model_narrow(struct tetra_model *m, int layer, struct tetra_error *err) {
  const struct tetra_nested_layer *l = &m->nested[layer];
  int rc = TETRA_OK;
  for (int i = 0; i < m->graph.n_ops && rc == TETRA_OK; i++)
    if (m->graph.ops[i].kind == TETRA_CONV && strcmp(m->graph.ops[i].name, l->name) == 0)
      rc = tetra_nest(&m->graph, i, l->bias, err);
  return rc == TETRA_OK ? tetra_graph_check(&m->graph, err) : rc;
}
