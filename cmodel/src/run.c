/* Runs ops and graphs, by the plain loops or by the fast path. */
#include "core/graph_internal.h"
#include "tetra/exec.h"

static int run_reference(const struct tetra_graph *g, int i, struct tetra_tensor *tensors, struct tetra_error *err) {
  struct tetra_op_io io;
  const int status = tetra_op_operands(g, i, tensors, &io, err);
  return status ? status : tetra_ref_run(&io, err);
}

int tetra_run_op(const struct tetra_graph *g, int i, struct tetra_tensor *tensors, enum tetra_backend backend,
                 struct tetra_error *err) {
  if (backend == TETRA_REFERENCE) return run_reference(g, i, tensors, err);
  struct tetra_exec *e = NULL;
  int status = tetra_exec_open(&e, g, NULL, err);
  if (!status) status = tetra_exec_op(e, i, tensors, err);
  tetra_exec_close(e);
  return status;
}

int tetra_run_graph(const struct tetra_graph *g, struct tetra_tensor *tensors, enum tetra_backend backend,
                    struct tetra_error *err) {
  int status = TETRA_OK;
  if (backend == TETRA_REFERENCE) {
    for (int i = 0; i < g->n_ops && !status; i++) status = run_reference(g, i, tensors, err);
    return status;
  }
  struct tetra_exec *e = NULL;
  status = tetra_exec_open(&e, g, NULL, err);
  if (!status) status = tetra_exec_run(e, tensors, err);
  tetra_exec_close(e);
  return status;
}

int32_t tetra_op_accumulator(const struct tetra_graph *g, int i, const struct tetra_tensor *tensors, int n, int y,
                             int x, int c) {
  return tetra_ref_accumulator(&g->ops[i], &tensors[g->ops[i].input], n, y, x, c);
}
