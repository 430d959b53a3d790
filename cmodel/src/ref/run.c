/* The definition of every op's result: an accumulator an element, requantized for each output. */
#include "core/graph_internal.h"

int32_t tetra_ref_accumulator(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c) {
  switch (op->kind) {
    case TETRA_CONV:
      return tetra_ref_conv(op, in, n, oy, ox, c);
    case TETRA_MAXPOOL:
      return tetra_ref_maxpool(op, in, n, oy, ox, c);
    case TETRA_AVGPOOL:
      return tetra_ref_avgpool(op, in, n, oy, ox, c);
    case TETRA_ADD:
      break;
  }
  return tetra_ref_add(op, in, n, oy, ox, c);
}

static void element(const struct tetra_op_io *io, int n, int y, int x, int c) {
  int32_t acc = tetra_ref_accumulator(io->op, io->in, n, y, x, c);
  int32_t res = io->res ? tetra_tensor_get(io->res, n, y, x, c) - io->res->d.zero_point : 0;
  for (int o = 0; o < io->op->n_outputs; o++)
    tetra_tensor_set(io->out[o], n, y, x, c, tetra_requantize(&io->op->rq[o], c, io->op->res_form, acc, res));
}

int tetra_ref_run(const struct tetra_op_io *io, struct tetra_error *err) {
  const struct tetra_desc *d = &io->out[0]->d;
  (void)err;
  const struct tetra_rect r = tetra_op_rect(io->op, d);
  for (int n = 0; n < d->n; n++)
    for (int y = r.y0; y < r.y1; y++)
      for (int x = r.x0; x < r.x1; x++)
        for (int c = 0; c < d->c; c++) element(io, n, y, x, c);
  return TETRA_OK;
}
