/* The tensors that an op of a graph reads and writes: found, checked against the graph, outputs made. */
#include "core/graph_internal.h"

static int same_layout(const struct tetra_desc *a, const struct tetra_desc *b) {
  return a->n == b->n && a->h == b->h && a->w == b->w && a->c == b->c && a->fmt == b->fmt;
}

/* The tensor of a value that must be there. */
static int operand(const struct tetra_graph *g, int value, const struct tetra_tensor *tensors,
                   const struct tetra_tensor **t, struct tetra_error *err) {
  const struct tetra_value *v = &g->values[value];
  *t = &tensors[value];
  if (!(*t)->data) return tetra_fail(err, TETRA_EINVAL, "tensor %s is not filled", v->name);
  if (!same_layout(&(*t)->d, &v->d))
    return tetra_fail(err, TETRA_EINVAL, "tensor %s is %s %dx%dx%dx%d, the graph says %s %dx%dx%dx%d", v->name,
                      tetra_fmt_name((*t)->d.fmt), (*t)->d.n, (*t)->d.h, (*t)->d.w, (*t)->d.c, tetra_fmt_name(v->d.fmt),
                      v->d.n, v->d.h, v->d.w, v->d.c);
  return TETRA_OK;
}

int tetra_op_operands(const struct tetra_graph *g, int i, struct tetra_tensor *tensors, struct tetra_op_io *io,
                      struct tetra_error *err) {
  if (i < 0 || i >= g->n_ops) return tetra_fail(err, TETRA_EINVAL, "op %d: must be 0..%d", i, g->n_ops - 1);
  const struct tetra_op *op = &g->ops[i];
  *io = (struct tetra_op_io){.op = op};
  int status = operand(g, op->input, tensors, &io->in, err);
  if (!status && op->residual >= 0) status = operand(g, op->residual, tensors, &io->res, err);
  for (int o = 0; o < op->n_outputs && !status; o++) {
    const struct tetra_tensor *present = NULL;
    io->out[o] = &tensors[op->output[o]];
    if (io->out[o]->data)
      status = operand(g, op->output[o], tensors, &present, err);
    else
      status = tetra_tensor_init(io->out[o], &g->values[op->output[o]].d, err);
  }
  return status;
}
