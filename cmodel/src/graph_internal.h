/* What the graph's files share among themselves. */
#ifndef TETRA_GRAPH_INTERNAL_H
#define TETRA_GRAPH_INTERNAL_H

#include "tetra/graph.h"

/* Proves that op i, whose structure and parameter ranges are right, can overflow neither an int32 accumulator nor a
 * 64-bit requantization sum. */
int tetra_graph_check_range(const struct tetra_graph *g, int i, struct tetra_error *err);

/* One op with its operands looked up: what every executor gets. */
struct tetra_op_io {
  const struct tetra_op *op;
  const struct tetra_tensor *in;
  const struct tetra_tensor *res; /* NULL without residual */
  struct tetra_tensor *out[TETRA_MAX_OUTPUTS];
};

/* Raw accumulator (no bias) of one output element, by the plain loops that define it. One per op kind. */
int32_t tetra_ref_conv(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c);
int32_t tetra_ref_maxpool(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c);
int32_t tetra_ref_avgpool(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c);
int32_t tetra_ref_add(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c);
/* The one of op's kind. */
int32_t tetra_ref_accumulator(const struct tetra_op *op, const struct tetra_tensor *in, int n, int oy, int ox, int c);

/* Executors. TETRA_ENOMEM is their only error. */
int tetra_ref_run(const struct tetra_op_io *io, struct tetra_error *err);
int tetra_fast_run(const struct tetra_op_io *io, struct tetra_error *err);

#endif
