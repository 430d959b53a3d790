/* What the walk that makes a network carries from layer to layer: its settings, tensors, and ops that wait for outputs.
 * Private to the library. The layers are run while they are made, with parts of the fast path that tetra_core shows to
 * the C model's libraries only. */
#ifndef TETRA_NETS_BUILDER_H
#define TETRA_NETS_BUILDER_H

#include "fast/fast.h"
#include "float/ops.h"
#include "nets/resnet.h"
#include "tetra/graph.h"

struct builder {
  const struct tetra_network_options *o;
  struct resnet_formats fmts;
  struct resnet net;
  int quantize;          /* 0: plain float, nothing is emitted */
  int n_cal;             /* the first n_cal images of the run are the calibration images; 0: only shapes matter */
  struct tetra_graph *g; /* NULL where quantize is 0 */
  struct tetra_error *err;
  const struct tetra_kernel *kernel; /* of the integer products and of requantization */
  struct tetra_crew crew;
};

/* A tensor that ops read: real = codes * scale. */
struct operand {
  struct ftensor codes;
  enum tetra_fmt fmt;
  double scale;
  int value; /* in the graph; -1 without one */
};

/* An op that has been run but has no outputs yet; real = acc * mult + offset. */
struct pending {
  struct tetra_op op;
  struct ftensor acc;    /* accumulators without bias */
  double *mult, *offset; /* per channel */
  int64_t *acc_max;      /* per channel, largest |acc| for any input */
};

#endif
