/* How the ONNX reader sees a model. Private to the library.
 *
 * Nodes are converted in the file's order. A node that only moves or reinterprets numbers leaves a new view of the
 * codes it reads; one that calculates leaves a pending op, whose real result is known but not in which codes it will be
 * stored; a QuantizeLinear after it decides that and emits the op. So batch norms, biases, residual adds and clamps
 * between a convolution and its quantization end in one op with one rounding, just as the file's float arithmetic has
 * one. */
#ifndef TETRA_ONNX_INTERNAL_H
#define TETRA_ONNX_INTERNAL_H

#include <onnx/onnx.pb-c.h>

#include "common/common.h"

/* ONNX's tensor element types, by number: the message file of an older ONNX lacks the youngest ones. */
enum onnx_type {
  ONNX_FLOAT = 1,
  ONNX_UINT8 = 2,
  ONNX_INT8 = 3,
  ONNX_UINT16 = 4,
  ONNX_INT16 = 5,
  ONNX_INT32 = 6,
  ONNX_INT64 = 7,
  ONNX_DOUBLE = 11,
  ONNX_UINT4 = 21,
  ONNX_INT4 = 22
};

#define ONNX_RANK_MAX 8
#define ONNX_DIM_MAX 65536 /* largest dimension of a tensor on the hardware */
#define ONNX_REFUSED (-1)  /* the node cannot run and is in the report; conversion goes on */

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
  ONNX_FOLDED /* int64, whatever the type: calculated by the reader */
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
  int pad[4]; /* top, left, bottom, right */
  int c_before, c_after;
};

/* Codes to quantize to. lo and hi are the format's range, or the narrower one of a QONNX Quant node. */
struct onnx_q {
  double scale;
  int zp;
  enum tetra_fmt fmt;
  int lo, hi;
  enum tetra_round round;
};

struct onnx_window {
  int kh, kw, stride_y, stride_x, dilation_y, dilation_x;
  int pad[4];     /* top, left, bottom, right */
  int counted[4]; /* what of it an average counts as elements: not what ceil_mode adds */
};

/* An op whose output codes are not known yet: real[c] = mult[c] * acc + offset[c] + res_mult[c] * (res - its zero
 * point) where acc is the sum (or maximum) of (a - zero point) [* (w - zero point)]. Sums in parts per channel let one
 * op be quantized twice. Ops that change nothing but these factors are copies. */
enum onnx_pend_kind { ONNX_CONV, ONNX_AVGPOOL, ONNX_MAXPOOL, ONNX_COPY };
struct onnx_pend {
  enum onnx_pend_kind kind;
  const char *name, *suffix; /* of the op */
  struct onnx_view in;
  struct onnx_window win;
  int n, h, w, c; /* shape of the result */
  const struct onnx_const *wt,
      *wt_zp; /* CONV: weights, [co][ci][kh][kw] or, transposed, [ci][kh][kw][co]; zero points or NULL */
  int wt_transposed;
  int copies;                       /* COPY: all channels that many times; 0: as `in` picks */
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
};

enum onnx_kind {
  ONNX_POISON,   /* of a refused node */
  ONNX_CONSTANT, /* c; with c_scale a quantized constant that was dequantized */
  ONNX_INPUT,    /* the graph's float input before its QuantizeLinear */
  ONNX_CODES,    /* integers: view */
  ONNX_REAL,     /* floats: pend, or view where pend is NULL; clamped to lo..hi, then pooled */
  ONNX_SOFTMAX,  /* host side: softmax of view's reals */
  ONNX_PLAIN     /* of a float network that is to be quantized: view.value is its value in a float_graph */
};
struct onnx_tensor {
  const char *name;
  int producer; /* node, or -1: initializer or input */
  int n_uses;   /* by needed nodes, and one for the graph's output */
  enum onnx_kind kind;
  /* constants */
  const Onnx__TensorProto *init; /* of an initializer */
  const struct onnx_const *c;
  const struct onnx_const *c_scale, *c_zp;
  int c_axis, c_transposed; /* axis is that of the untransposed constant */
  /* everything else */
  int rank;        /* 4: [n][c][h][w]; 2: [n][c], or [n][c*h*w] where flat; 1: [c] */
  int n, h, w, c_; /* the plane */
  int flat;
  int linear; /* only copies lie between it and the graph's input, and nothing else reads those */
  struct onnx_view view;
  struct onnx_pend *pend;
  double lo, hi;
  const struct onnx_window *pool; /* max-pool that follows the quantization, as it commutes with it */
};

struct onnx_node {
  const Onnx__NodeProto *p;
  const int *in, *out; /* tensors; -1: absent */
  int n_in, n_out;
  int needed;
};

struct onnx_reader {
  const Onnx__GraphProto *proto;
  const struct tetra_import_options *o;
  struct tetra_model *m;
  struct tetra_import_report *report;
  struct tetra_error *err; /* never NULL */
  int64_t opset;           /* of the default domain; 0: not imported */
  struct onnx_tensor *tensors;
  int n_tensors;
  struct onnx_node *nodes;
  int n_nodes;
  int input, output; /* tensors */
  const Onnx__ValueInfoProto *input_info;
  int batch_replaced;                /* the file says 1 where the network has o->batch */
  int input_scale_known;             /* an integer input's scale is what its first reader says */
  struct float_graph *float_graph;   /* being read; NULL for quantized networks */
  struct onnx_duplicate *duplicates; /* values with duplicated channels, see onnx_weights.c */
  struct onnx_block *blocks;         /* memory */
  size_t budget;
};

/* onnx_proto.c: the message of a file. At most 32 * size + 64 MiB are allocated. */
struct onnx_message;
int onnx_unpack(const uint8_t *bytes, size_t size, struct onnx_message **msg, struct tetra_error *err);
const Onnx__ModelProto *onnx_model(const struct onnx_message *msg);
void onnx_message_free(struct onnx_message *msg);

/* onnx_memory.c: zeroed memory that lives as long as the reader; NULL, with x->err set, where there is none or where
 * all that the file asks for exceeds what a file of its size may. */
void *onnx_alloc(struct onnx_reader *x, size_t count, size_t size);
/* Why the last onnx_alloc gave nothing. */
static inline int onnx_failed(const struct onnx_reader *x) { return x->err->code; }
/* The same limit for memory that the graph owns. */
int onnx_charge(struct onnx_reader *x, size_t count, size_t size);
void *onnx_alloc_for_graph(struct onnx_reader *x, size_t count, size_t size);
void onnx_memory_free(struct onnx_reader *x);

/* onnx_load.c: nodes and tensors of x->proto, names resolved. */
int onnx_load(struct onnx_reader *x);

/* onnx_const.c */
int onnx_const_init(struct onnx_const *c, const Onnx__TensorProto *t, const char *name, struct tetra_error *err);
int64_t onnx_const_int(const struct onnx_const *c, size_t i);
double onnx_const_real(const struct onnx_const *c, size_t i);
int onnx_is_code_type(int type); /* (u)int8, (u)int4 */
enum tetra_fmt onnx_fmt(int code_type);
/* Element i of a constant, dequantized where it was. */
double onnx_tensor_real(const struct onnx_tensor *t, size_t i);
/* Index into a per-tensor or per-channel constant for channel i. */
static inline size_t onnx_channel(const struct onnx_const *c, size_t i) { return c->count == 1 ? 0 : i; }

/* onnx_node.c: operands, attributes, refusals. */
const char *onnx_node_name(const struct onnx_node *n);
const char *onnx_op_type(const struct onnx_node *n);
int onnx_refuse(struct onnx_reader *x, const struct onnx_node *n, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
/* TETRA_EINVAL: the file itself is wrong; the message starts with the node. */
int onnx_broken(struct onnx_reader *x, const struct onnx_node *n, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
struct onnx_tensor *onnx_in(const struct onnx_reader *x, const struct onnx_node *n, int i); /* NULL: absent */
struct onnx_tensor *onnx_out(const struct onnx_reader *x, const struct onnx_node *n, int i);
/* Input i as a plain constant; refused where it is computed. */
int onnx_need_const(struct onnx_reader *x, const struct onnx_node *n, int i, const struct onnx_const **c);
const Onnx__AttributeProto *onnx_attr(const struct onnx_node *n, const char *name);
int64_t onnx_attr_int(const struct onnx_node *n, const char *name, int64_t otherwise);
double onnx_attr_real(const struct onnx_node *n, const char *name, double otherwise);
int onnx_attr_is(const struct onnx_node *n, const char *name, const char *value); /* a string attribute equals value */
/* A positive finite scale and its zero point (input i_zp may be absent: 0 in `type`, or uint8 where type is 0). */
int onnx_need_scale(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_const *scale);
int onnx_need_q(struct onnx_reader *x, const struct onnx_node *n, int i_scale, int i_zp, int type, struct onnx_q *q);
/* Window attributes of a conv or pool over h x w, auto_pad and ceil_mode resolved; out[2] is the result's h and w.
 * kernel_shape comes from `kh`, `kw` where they are not 0. */
int onnx_need_window(struct onnx_reader *x, const struct onnx_node *n, int h, int w, int kh, int kw,
                     struct onnx_window *win, int out[2]);

/* onnx_quant.c: t as codes that mean what q says; refused where its quantizer said otherwise. */
int onnx_agree(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t, const struct onnx_q *q);

/* onnx_view.c */
void onnx_view_whole(const struct onnx_reader *x, struct onnx_view *v, int value);
int onnx_view_is_whole(const struct onnx_reader *x, const struct onnx_view *v); /* nothing picked or padded */
int onnx_view_is_padded(const struct onnx_reader *x,
                        const struct onnx_view *v); /* at most padded in height and width */
/* t becomes codes or reals of v with the plane of `like`. */
void onnx_set_view(struct onnx_tensor *t, enum onnx_kind kind, const struct onnx_view *v,
                   const struct onnx_tensor *like);
/* Refused unless t is codes, or reals that are a view of codes; picked, clamped and padded ones get a value of their
 * own
 * (`keep_padding`: not those that are only padded in height and width). */
int onnx_need_view(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t, enum onnx_kind kind,
                   int keep_padding);

/* onnx_pend.c */
struct onnx_pend *onnx_pend_new(struct onnx_reader *x, const struct onnx_node *n, enum onnx_pend_kind kind,
                                const struct onnx_view *in, int c);
/* t = the pending op p. */
void onnx_set_pend(struct onnx_tensor *t, struct onnx_pend *p, int rank);
/* A pending copy of a real tensor that is only a view. */
int onnx_pend_copy(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t, struct onnx_pend **p);
/* out = a * gain + shift per channel (a->c_ values each, or NULL). */
int onnx_affine(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *a, const double *gain,
                const double *shift, struct onnx_tensor *out);
/* Codes of real tensor t as q says: out becomes ONNX_CODES (ONNX_SOFTMAX stays). */
int onnx_quantize(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t, const struct onnx_q *q,
                  struct onnx_tensor *out);

/* onnx_emit.c: the graph value, made where it is missing, that holds pending op p in codes q, clamped to reals lo..hi.
 */
int onnx_emit(struct onnx_reader *x, const struct onnx_node *n, struct onnx_pend *p, const struct onnx_q *q, double lo,
              double hi, const char *name, int *value);
int onnx_add_value(struct onnx_reader *x, const char *name, const struct tetra_desc *d, int *value);
int onnx_add_op(struct onnx_reader *x, struct tetra_op *op, int *index); /* frees op's weights where it fails */
/* onnx_weights.c: fills op's wbits, weights, input and p->fold, p->acc_max. */
int onnx_conv_weights(struct onnx_reader *x, const struct onnx_node *n, struct onnx_pend *p, struct tetra_op *op);
/* The same for a copy that picks, pads, negates or adds: each output channel takes `weight` times its input channel. */
int onnx_copy_weights(struct onnx_reader *x, const struct onnx_node *n, struct onnx_pend *p, int weight,
                      struct tetra_op *op);

/* onnx_pick.c: what Slice and Pad say, checked against the rank of t. ONNX_REFUSED where it is nothing that picks rows,
 * columns and channels in rising order, or pads them. */
int onnx_read_slice(struct onnx_reader *x, const struct onnx_node *n, int rank, struct onnx_pick *axes[ONNX_RANK_MAX],
                    int batch);
int onnx_read_pads(struct onnx_reader *x, const struct onnx_node *n, int rank, int add[ONNX_RANK_MAX][2]);

/* Converts one node: TETRA_OK, ONNX_REFUSED, or an error that ends the import. */
typedef int onnx_convert(struct onnx_reader *x, const struct onnx_node *n);
onnx_convert onnx_quantize_linear, onnx_dequantize_linear, onnx_quant;                     /* onnx_quant.c */
onnx_convert onnx_conv, onnx_qlinear_conv, onnx_conv_integer;                              /* onnx_conv.c */
onnx_convert onnx_gemm, onnx_matmul, onnx_qlinear_matmul, onnx_matmul_integer, onnx_qgemm; /* onnx_gemm.c */
onnx_convert onnx_maxpool, onnx_avgpool, onnx_global_avgpool, onnx_reduce_mean, onnx_qlinear_avgpool,
    onnx_qlinear_global_avgpool; /* onnx_pool.c */
onnx_convert onnx_add, onnx_sub, onnx_mul, onnx_div, onnx_batchnorm, onnx_qlinear_add, onnx_relu, onnx_clip,
    onnx_cast; /* onnx_pointwise.c */
onnx_convert onnx_identity, onnx_flatten, onnx_reshape, onnx_transpose, onnx_softmax, onnx_squeeze,
    onnx_unsqueeze;                /* onnx_shape.c */
onnx_convert onnx_slice, onnx_pad; /* onnx_pick.c */
/* Nodes over small constants: what exporters calculate shapes with. *folded is 0 for any other node. onnx_fold.c */
int onnx_fold(struct onnx_reader *x, const struct onnx_node *n, int *folded);

/* onnx.c: what is common to reading quantized and float networks. */
enum onnx_domain { ONNX_STANDARD, ONNX_MICROSOFT, ONNX_QONNX };
struct onnx_converter {
  enum onnx_domain domain;
  const char *op;
  onnx_convert *convert;
  int min_in; /* inputs that must be there */
};
/* Converts all needed nodes; refuses those without a converter. */
int onnx_convert_nodes(struct onnx_reader *x, const struct onnx_converter *converters, size_t count);
/* Opsets, nodes and the input tensor. */
int onnx_start(struct onnx_reader *x, const Onnx__ModelProto *model);

/* onnx_pointwise.c: a constant that broadcasts to one number per channel of t, as t->c_ numbers; a batch norm's
 * factors, t->c_ each; a clip's bounds. */
int onnx_per_channel(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *c,
                     const struct onnx_tensor *t, double **v);
int onnx_batchnorm_factors(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t, double **gain,
                           double **shift);
int onnx_clip_bounds(struct onnx_reader *x, const struct onnx_node *n, double bound[2]);
/* onnx_pool.c: window of an average, counted[] as the node says; every window has elements to count. */
int onnx_need_average(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                      struct onnx_window *win, int out[2]);

/* onnx_shape.c: are the axes of Squeeze, Unsqueeze or ReduceMean (an attribute, later an input) height and width? */
int onnx_is_plane_axes(struct onnx_reader *x, const struct onnx_node *n);
/* Does Reshape flatten t (1), keep its four dimensions (2) or neither (0)? */
int onnx_reshape_kind(const struct onnx_reader *x, const struct onnx_tensor *t, const struct onnx_const *shape);

/* Helpers of several converters. */
void onnx_inherit(struct onnx_tensor *out, const struct onnx_tensor *t); /* out is the same as t by another name */
/* Weights of a conv or dense layer; scale NULL: 1, zp NULL: 0. */
struct onnx_weights {
  const struct onnx_const *codes, *scale, *zp;
  int transposed, kh, kw, cin, cout;
};
int onnx_check_weights(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_weights *w);
struct onnx_pend *onnx_pend_conv(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                 const struct onnx_weights *w);
/* ConvInteger and MatMulInteger: codes of one unit each from input 0, weights from 1, zero points from 2 and 3. */
int onnx_integer_operands(struct onnx_reader *x, const struct onnx_node *n, struct onnx_weights *w);
/* Adds input i, a constant of one or p->c numbers, times beta to the offsets. */
int onnx_add_bias(struct onnx_reader *x, const struct onnx_node *n, int i, double beta, struct onnx_pend *p);
/* out = p, quantized as q says at once. */
int onnx_finish(struct onnx_reader *x, const struct onnx_node *n, struct onnx_pend *p, int rank, const struct onnx_q *q,
                struct onnx_tensor *out);

#endif
