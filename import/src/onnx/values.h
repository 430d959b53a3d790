/* How the ONNX reader sees a model. Private to the library.
 *
 * Nodes are converted in the file's order. A node that only moves or reinterprets numbers leaves a new view of the
 * codes it reads; one that calculates leaves a deferred op, whose real result is known but not in which codes it will
 * be stored; a QuantizeLinear after it decides that and emits the op. So batch norms, biases, residual adds and clamps
 * between a convolution and its quantization end in one op with one rounding, just as the file's float arithmetic has
 * one. */
#ifndef TETRA_ONNX_VALUES_H
#define TETRA_ONNX_VALUES_H

#include <onnx/onnx.pb-c.h>

#include "common/parts.h"
#include "common/report.h"
#include "tetra/arena.h"
#include "tetra/import.h"
#include "tetra/onnx_type.h"
#include "tetra/window.h"

#define ONNX_RANK_MAX 8
#define ONNX_DIM_MAX TETRA_SIDE_MAX /* largest dimension of a tensor on the hardware, channels, too */
#define ONNX_REFUSED (-1)           /* the node cannot run and is in the report; conversion goes on */

struct onnx_shape {
  int rank;
  int64_t dim[ONNX_RANK_MAX];
};

/* A constant's elements as the file (or folding) stores them. */
enum onnx_storage {
  ONNX_RAW,    /* little-endian; 4-bit ones two to a byte, the first one low */
  ONNX_INT32S, /* 4-bit ones two to an int32 */
  ONNX_INT64S,
  ONNX_FLOATS,
  ONNX_DOUBLES,
  ONNX_FOLDED, /* int64, whatever the type: calculated by the reader */
  ONNX_ONES,   /* all elements are 1; in place of a constant that cannot be had */
  ONNX_ABSENT  /* data in another file, which nobody looks for; read as 0 */
};
struct onnx_const {
  struct onnx_shape shape;
  size_t count;
  int type;
  enum onnx_storage storage;
  const void *data; /* of the file's message or of the reader's memory */
};

/* Rows, columns or channels start, start + step, ... (n of them) of a value. */
struct onnx_pick {
  int start, step, n;
};
/* What a tensor reads without arithmetic: picked codes of a graph value, then padding by real zeros. */
struct onnx_view {
  int value;
  double scale;
  int zp;
  struct onnx_pick y, x, c;
  struct tetra_pads pad;
  int c_before, c_after;
};

/* Codes to quantize to. lo and hi are the format's range, or the narrower one of a QONNX Quant node. With `ahead`, 1 or
 * 1/2 of a code, it is added before rounding down, less what is nothing to the sum (emit.c): 1 rounds up, 1/2 rounds
 * ties down. */
struct onnx_q {
  double scale;
  int zp;
  enum tetra_fmt fmt;
  int lo, hi;
  enum tetra_round round;
  double ahead;
  enum tetra_input_round host; /* the same where the host does it, to the network's input */
};

/* An op whose output codes are not known yet: real[c] = mult[c] * acc + offset[c] + res_mult[c] * (res - its zero
 * point) where acc is the sum (or maximum) of (a - zero point) [* (w - zero point)]. Sums in parts per channel let one
 * op be quantized twice. Ops that change nothing but these factors are copies. */
enum onnx_deferred_kind { ONNX_CONV, ONNX_AVGPOOL, ONNX_MAXPOOL, ONNX_COPY };
struct onnx_deferred {
  enum onnx_deferred_kind kind;
  const char *name, *suffix; /* of the op */
  struct onnx_view in;
  struct tetra_window win;
  int n, h, w, c; /* shape of the result */
  const struct onnx_const *wt,
      *wt_zp; /* CONV: weights, [co][ci][kh][kw] or, transposed, [ci][kh][kw][co]; zero points or NULL */
  int wt_transposed;
  int groups;                       /* CONV; others 1 */
  const struct import_parts *parts; /* AVGPOOL whose windows differ in size: acc is the sum over it; or NULL */
  double *mult, *offset;            /* c of each */
  int has_res;
  struct onnx_view res;
  double *res_mult;        /* c, with has_res */
  int64_t *fold, *acc_max; /* c, once emitted: what the input's zero point adds to the sum; largest |acc| */
  int op;                  /* of the graph, -1 before; with parts the first of as many */
  int n_out;
  struct onnx_q q[TETRA_MAX_OUTPUTS]; /* lo, hi: clamped */
  int value[TETRA_MAX_OUTPUTS];
  struct onnx_deferred *again; /* the same op as it was before it was emitted, for what more outputs are asked for */
};

static inline struct onnx_q onnx_all_codes(enum tetra_fmt fmt, double scale, int zp) {
  return (struct onnx_q){
      scale, zp, fmt, tetra_fmt_min(fmt), tetra_fmt_max(fmt), TETRA_HALF_EVEN, 0, TETRA_INPUT_OF_FORMAT};
}

/* A step of the input on its way to the first quantization, and those before it. */
struct onnx_step {
  struct onnx_step *before;
  enum tetra_step_kind kind;
  int axis; /* that v goes along: 1, 3 (of an input whose channels are last), or 0: one number for all */
  float *v;
};

/* What is known of a tensor that a refused node gives. */
enum onnx_known {
  ONNX_NOTHING,
  ONNX_PLACE, /* that it is a tensor of the network, of this shape or another one */
  ONNX_SHAPE
};

enum onnx_kind {
  ONNX_POISON,   /* of a refused node: known; with c a constant of which only the shape is */
  ONNX_CONSTANT, /* c; with c_scale a quantized constant that was dequantized */
  ONNX_INPUT,    /* the graph's float input before its QuantizeLinear */
  ONNX_CODES,    /* integers: view */
  ONNX_REAL,     /* floats: deferred, or view where that is NULL; clamped to lo..hi, then pooled */
  ONNX_SOFTMAX,  /* host side: softmax of view's reals */
  ONNX_PLAIN     /* of a float network that is to be quantized: view.value is its value in a tetra_float_graph */
};
struct onnx_tensor {
  const char *name;
  int producer; /* node, or -1: initializer or input */
  int n_uses;   /* by needed nodes, and one for the graph's output */
  int reader;   /* with one use by a node, that node; else whatever */
  enum onnx_kind kind;
  enum onnx_known known; /* POISON */
  /* constants */
  const Onnx__TensorProto *init; /* of an initializer */
  const struct onnx_const *c;
  const struct onnx_const *c_scale, *c_zp;
  int c_axis, c_transposed; /* axis is that of the untransposed constant */
  /* everything else */
  int rank;        /* 4: [n][c][h][w]; 2: [n][c], or [n][c*h*w] where flat; 1: [c] */
  int n, h, w, c_; /* the plane */
  int flat;
  struct onnx_step *steps; /* INPUT: the last one */
  int linear;              /* only copies lie between it and the graph's input, and nothing else reads those */
  struct onnx_view view;
  struct onnx_deferred *deferred;
  double lo, hi;
  const struct tetra_window *pool; /* max-pool that follows the quantization, as it commutes with it */
};

struct onnx_node {
  const Onnx__NodeProto *p;
  const int *in, *out; /* tensors; -1: absent */
  int n_in, n_out;
  int needed;
  int in_tail; /* nothing behind it is quantized any more */
};

/* Where the host's float network begins. */
struct onnx_tail {
  struct onnx_view from; /* of the tensor that it reads */
  int flat;              /* which is a flattened plane */
  int value;             /* that holds it: the graph's output */
};

struct onnx_reader {
  const Onnx__GraphProto *proto;
  const struct tetra_import_options *o;
  struct tetra_model *m;
  struct tetra_import_report *report;
  struct tetra_arena *arena; /* everything the reader needs, and its first error */
  int64_t opset;             /* of the default domain; 0: not imported */
  struct onnx_tensor *tensors;
  int n_tensors;
  struct onnx_node *nodes;
  int n_nodes;
  int input, output; /* tensors */
  const Onnx__ValueInfoProto *input_info;
  int outline;                      /* tensors of other files are accepted, and not looked for */
  int batch_replaced;               /* the file says 1 where the network has o->batch */
  struct onnx_step *input_steps;    /* of the quantized input */
  int input_scale_known;            /* an integer input's scale is what its first reader says */
  struct tetra_float_graph *floats; /* being read: a float network, or the end of a quantized one; NULL: none */
  struct onnx_tail *tail;           /* of a quantized network; NULL: none */
  struct tetra_error broken;        /* the first thing that is wrong with the file itself; code 0: nothing is */
};

/* What a file of that size may make its reader allocate. */
static inline size_t onnx_budget(size_t file_size) { return 64 * file_size + ((size_t)64 << 20); }

#endif
