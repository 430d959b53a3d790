/* Quantized network graph: what the reference executor runs and what the driver's compiler maps onto the hardware. */
#ifndef TETRA_GRAPH_H
#define TETRA_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/requant.h"
#include "tetra/tensor.h"
#include "tetra/window.h"

#ifdef __cplusplus
extern "C" {
#endif

enum tetra_op_kind {
  TETRA_CONV,    /* convolution; dense is a 1x1 convolution on a 1x1 plane */
  TETRA_MAXPOOL, /* max over the window's codes (padding is the smallest code), then requantized: "acc" is max(code),
                    bias -zp_in */
  TETRA_AVGPOOL, /* raw sum of the window's codes (padding adds pad_code), then requantized */
  TETRA_ADD,     /* acc is the input's code (bias -zp_in); the residual is the other operand */
  TETRA_OP_KIND_LAST = TETRA_ADD
};

#define TETRA_NAME_MAX 64
#define TETRA_MAX_OUTPUTS 2
#define TETRA_MAX_EXTRA 2    /* arrays of weights beside the first one: a weight is within -384..381 */
#define TETRA_SIDE_MAX 65536 /* largest height and width of a graph's value */

/* A value in the graph. */
struct tetra_value {
  char name[TETRA_NAME_MAX];
  struct tetra_desc d;
  int producer; /* op index, or -1 for the graph's input */
};

/* One op. ADD has the window of one pixel. */
struct tetra_op {
  char name[TETRA_NAME_MAX];
  enum tetra_op_kind kind;
  int input;    /* value index */
  int residual; /* value index, or -1; same h, w, c as the output */
  enum tetra_res_form res_form;
  struct tetra_window win;
  /* AVGPOOL only: the rectangle of its output plane that this op computes, rows part_y0..part_y1-1, columns
   * part_x0..part_x1-1; part_y1 == 0: all of it. Ops that share outputs cover them exactly (windows at padded edges
   * have fewer elements, so other multipliers); the value's producer is the last of them. */
  int part_y0, part_y1, part_x0, part_x1;
  /* CONV without residual only: 1: its codes pass through a 3x3 max pool of stride 2 with so much padding before its
   * plane (0 or 1), clipped at its end: (plane + pad) / 2 outputs. Requantization never decreases with the accumulator,
   * so "acc" is the maximum over the window's accumulators. */
  int pool, pool_pad_top, pool_pad_left;
  int pad_code; /* code that padding supplies: the input's zero point (CONV, AVGPOOL); ignored by MAXPOOL */
  int wbits;    /* CONV: 4 or 8 */
  int cout;     /* output channels */
  /* CONV: 1 is a dense convolution, cin a depthwise one; divides cin and cout. Output channel o is of group
   * o / (cout / groups) and reads the input channels of that group only, cin / groups of them. Others ignore it. */
  int groups;
  int8_t *weights; /* CONV: [cout][kh][kw][cin / groups], two's complement in wbits; owned; NULL otherwise */
  /* CONV with wbits 8: so many more arrays of that shape lie behind the first one in `weights`. A weight is the sum of
   * its places in all of them: that is how weights beyond int8 are written, int8 ones less a zero point for example. */
  int extra;
  /* CONV with wbits 4: NULL, or s8 weights of the same shape of which `weights` are tetra_nested_weight: a network that
   * holds both may leave these in memory and have the accelerator narrow them. Owned. */
  int8_t *wide;
  int n_outputs;                              /* 1 or 2 */
  int output[TETRA_MAX_OUTPUTS];              /* value indices */
  struct tetra_requant rq[TETRA_MAX_OUTPUTS]; /* rq[i].ch has cout entries; owned */
};

/* Ops are in execution order; values[input] is the network's input, values[output] its logits. */
struct tetra_graph {
  char name[TETRA_NAME_MAX];
  struct tetra_value *values;
  int n_values;
  struct tetra_op *ops;
  int n_ops;
  int input, output;
};

/* Frees everything the graph owns (weights and parameters from malloc) and zeroes it; safe on a zeroed struct. */
void tetra_graph_free(struct tetra_graph *g);
/* Appends a value or an op to a graph that was zeroed at first; the arrays move. Return the index or -1 (no memory).
 * A value's name is cut to TETRA_NAME_MAX - 1 bytes and it starts without producer. An op is copied as it is, the graph
 * takes over what it owns, and it becomes the producer of the values it names as outputs. */
TETRA_NODISCARD int tetra_graph_add_value(struct tetra_graph *g, const char *name, const struct tetra_desc *d);
TETRA_NODISCARD int tetra_graph_add_op(struct tetra_graph *g, const struct tetra_op *op);
/* Proves the graph well formed (TETRA_EINVAL names the value or op): shapes agree, ops read what earlier ops produced,
 * every value has one producer, codes and parameters are in range, padding is the input's zero point, an output's zero
 * point is its value's; and that nothing can overflow (TETRA_ERANGE names op and channel), over all inputs, from the
 * actual weights: raw and biased accumulators and RES_PRE's acc' stay in int32, the argument of every R within 2^62. */
TETRA_NODISCARD int tetra_graph_check(const struct tetra_graph *g, struct tetra_error *err);
/* The same of ops cut out of a network: values that nothing produces are inputs, and of the parts of an op some may be
 * missing. */
TETRA_NODISCARD int tetra_graph_check_cut(const struct tetra_graph *g, struct tetra_error *err);
/* Height and width of the plane that an op's window gives over an input of h x w: floor((in + pads - ((k-1)*dilation +
 * 1)) / stride) + 1, 0 where the window does not fit; and of its outputs: the plane's, or what a fused pool leaves of
 * it. */
int tetra_op_plane_h(const struct tetra_op *op, int in_h);
int tetra_op_plane_w(const struct tetra_op *op, int in_w);
int64_t tetra_op_plane_pixels(const struct tetra_op *op, const struct tetra_desc *in); /* of one image */
int tetra_op_out_h(const struct tetra_op *op, int in_h);
int tetra_op_out_w(const struct tetra_op *op, int in_w);
/* True where an op computes a rectangle of its outputs only. */
static inline int tetra_op_is_part(const struct tetra_op *op) { return op->part_y1 != 0; }
/* A CONV's inner product over an input of cin channels: how many channels it has, and, the window's pixels counted, how
 * many weights an output channel has; and the first input channel that output channel o reads. */
static inline int tetra_op_group_cin(const struct tetra_op *op, int cin) { return cin / op->groups; }
static inline size_t tetra_op_kernel(const struct tetra_op *op, int cin) {
  return tetra_window_elements(&op->win, tetra_op_group_cin(op, cin));
}
static inline int tetra_op_first_cin(const struct tetra_op *op, int cin, int o) {
  return o / (op->cout / op->groups) * tetra_op_group_cin(op, cin);
}
/* Weights in one array of a CONV over cin channels, and the weight at place i of it. */
static inline size_t tetra_op_array(const struct tetra_op *op, int cin) {
  return (size_t)op->cout * tetra_op_kernel(op, cin);
}
static inline int tetra_op_weight(const struct tetra_op *op, size_t array, size_t i) {
  int sum = op->weights[i];
  for (int e = 1; e <= op->extra; e++) sum += op->weights[(size_t)e * array + i];
  return sum;
}
/* The 4-bit weight that an 8-bit one holds: rounded half up by four bits, at most 7. */
static inline int tetra_nested_weight(int w) {
  const int q = (w + 8) >> 4;
  return q > 7 ? 7 : q;
}
/* Multiply-accumulates of op i (CONV, with its plane's ho and wo: n*ho*wo*kh*kw*(cin/groups)*cout, padding counted;
 * others 0). */
int64_t tetra_op_macs(const struct tetra_graph *g, int i);

/* How to execute: plain reference loops (the definition), or the fast path with its defaults (tetra/exec.h, which
 * prepares a graph once where it runs many times). Both give the same codes. */
enum tetra_backend { TETRA_REFERENCE, TETRA_FAST };

/* Runs op i of a graph that passed tetra_graph_check. tensors[] is indexed by value; inputs are filled, outputs are
 * allocated here if data == NULL and belong to the caller, also after an error. TETRA_EINVAL: no such op, an input is
 * missing or a tensor's shape or format is not its value's. TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_run_op(const struct tetra_graph *g, int i, struct tetra_tensor *tensors,
                                 enum tetra_backend backend, struct tetra_error *err);
/* Runs a whole graph that passed tetra_graph_check; tensors[] has n_values entries, tensors[g->input] is filled by the
 * caller, the rest zeroed. Every value's tensor is kept (the caller frees them). */
TETRA_NODISCARD int tetra_run_graph(const struct tetra_graph *g, struct tetra_tensor *tensors,
                                    enum tetra_backend backend, struct tetra_error *err);
/* The raw accumulator (without bias) of op i at output element (n, y, x, c), by the plain loops; for mismatch reports.
 * The op's input tensor is filled; indices are inside the output's shape. */
int32_t tetra_op_accumulator(const struct tetra_graph *g, int i, const struct tetra_tensor *tensors, int n, int y,
                             int x, int c);

#ifdef __cplusplus
}
#endif
#endif
