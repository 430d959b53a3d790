/* What the graph's files share among themselves. */
#ifndef TETRA_GRAPH_INTERNAL_H
#define TETRA_GRAPH_INTERNAL_H

#include "tetra/graph.h"

/* Proves that op i, whose structure and parameter ranges are right, can overflow neither an int32 accumulator nor a
 * 64-bit requantization sum. */
TETRA_NODISCARD int tetra_graph_check_range(const struct tetra_graph *g, int i, struct tetra_error *err);

struct tetra_range {
  int64_t lo, hi;
};
/* Raw accumulators of an output channel, over all inputs of shape and format `in` and all orders of summation. */
struct tetra_range tetra_acc_range(const struct tetra_op *op, const struct tetra_desc *in, int channel);

/* One op with its operands looked up: what every executor gets. */
struct tetra_op_io {
  const struct tetra_op *op;
  const struct tetra_tensor *in;
  const struct tetra_tensor *res; /* NULL without residual */
  struct tetra_tensor *out[TETRA_MAX_OUTPUTS];
};

/* Output pixels that an op computes: its part, or the whole plane of d. */
struct tetra_rect {
  int y0, y1, x0, x1;
};
static inline struct tetra_rect tetra_op_rect(const struct tetra_op *op, const struct tetra_desc *d) {
  const struct tetra_rect part = {op->part_y0, op->part_y1, op->part_x0, op->part_x1};
  const struct tetra_rect whole = {0, d->h, 0, d->w};
  return tetra_op_is_part(op) ? part : whole;
}

/* Raw accumulator (no bias) of one output element, by the plain loops that define it. One per op kind. */
int32_t tetra_ref_conv(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c);
int32_t tetra_ref_maxpool(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c);
int32_t tetra_ref_avgpool(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c);
int32_t tetra_ref_add(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c);
/* The one of op's kind. */
int32_t tetra_ref_accumulator(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c);

/* Looks up the operands of op i and allocates outputs that have no data yet; errors are tetra_run_op's. */
TETRA_NODISCARD int tetra_op_operands(const struct tetra_graph *g, int i, struct tetra_tensor *tensors,
                                      struct tetra_op_io *io, struct tetra_error *err);

/* The plain loops over a whole op. Cannot fail. */
TETRA_NODISCARD int tetra_ref_run(const struct tetra_op_io *io, struct tetra_error *err);

#endif
