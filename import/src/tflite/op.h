/* From a TensorFlow Lite file's operators to the graph's ops. Private to the library. */
#ifndef TETRA_TFLITE_INTERNAL_H
#define TETRA_TFLITE_INTERNAL_H

#include "common/parts.h"
#include "common/report.h"
#include "tflite/file.h"

#define TFL_MAX_CHANNELS 65536
#define TFL_MAX_PARAMETERS (1 << 22) /* channel records of a whole graph, 64 MiB */

/* What a tensor of the file is in the graph. */
enum tfl_state {
  TFL_UNKNOWN,  /* nothing has produced it yet */
  TFL_VALUE,    /* a value of the graph */
  TFL_FLOAT,    /* the float32 input in front of a QUANTIZE */
  TFL_RESULT,   /* the network's result behind a SOFTMAX or DEQUANTIZE; only the network's output may be one */
  TFL_DISMISSED /* an operation that was refused made it, and it is nothing that could be imagined */
};

struct tfl_binding {
  enum tfl_state state;
  int value;      /* index in the graph */
  int zero_point; /* of the codes; the value's own is 0 where `raw` (see tflite_pool.c) */
  int raw;
  int flat;                     /* the tensor is [n][h*w*c], the value still n x h x w x c */
  int top, left, bottom, right; /* of a PAD that has not become an op: its readers take it over if they can */
};

struct tfl_import {
  const struct tfl_file *f;
  const struct tetra_import_options *o;
  struct tetra_model *m;
  struct tetra_import_report *report;
  struct tfl_binding *b; /* one per tensor of the file */
  int64_t weights_left;  /* bytes of weights that may still be copied */
  int parameters_left;   /* channel records */
  struct tetra_error *err;
};

/* Every function of an operator returns TETRA_OK when it added what is needed or refused the operator (tfl_refuse), and
 * otherwise an error that ends the import. */
int tfl_conv(struct tfl_import *im, const struct tfl_op *op);
int tfl_dense(struct tfl_import *im, const struct tfl_op *op);
int tfl_add(struct tfl_import *im, const struct tfl_op *op);
int tfl_max_pool(struct tfl_import *im, const struct tfl_op *op);
int tfl_average_pool(struct tfl_import *im, const struct tfl_op *op);
int tfl_mean(struct tfl_import *im, const struct tfl_op *op);
int tfl_pad(struct tfl_import *im, const struct tfl_op *op);
int tfl_reshape(struct tfl_import *im, const struct tfl_op *op);
int tfl_quantize(struct tfl_import *im, const struct tfl_op *op);
int tfl_dequantize(struct tfl_import *im, const struct tfl_op *op);
int tfl_softmax(struct tfl_import *im, const struct tfl_op *op);

/* tflite.c: what they share. */
/* Refuses an operator and lets its output stand for what the file says of it, so that the rest can be looked at. */
int tfl_refuse(struct tfl_import *im, const struct tfl_op *op, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
/* A broken operator: TETRA_EINVAL. */
int tfl_broken(const struct tfl_import *im, const struct tfl_op *op, const char *what);
static inline const struct tfl_tensor *tfl_output(const struct tfl_import *im, const struct tfl_op *op) {
  return &im->f->tensors[op->out];
}
/* Description of a tensor with its quantization; rank 1 is a batch of [c], 2 is [n][c], 3 [n][w][c], 4 [n][h][w][c].
 * A batch dimension of 1 becomes the options' batch. 0 where it is no such thing. */
int tfl_desc(const struct tfl_import *im, const struct tfl_tensor *t, struct tetra_desc *d);
/* Why operand k cannot be read as an 8-bit value, or NULL. */
const char *tfl_operand_refusal(const struct tfl_import *im, const struct tfl_op *op, int k);
/* Adds *g with one output, for the operator's first output: the value gets the file's scale and zero point (0 where
 * raw) and must have the shape that the op gives. Takes over what *g owns, also on an error. */
int tfl_emit(struct tfl_import *im, const struct tfl_op *op, struct tetra_op *g, int raw);
/* An op with everything a copy of `input` needs: 1x1 window, stride and dilation 1, no padding, cout = c, zeroed
 * channel records of its one output, codes over all of int8. TETRA_ENOMEM, TETRA_ERANGE. */
int tfl_begin(struct tfl_import *im, const struct tfl_op *op, enum tetra_op_kind kind, int input, int cout,
              struct tetra_op *g);
void tfl_free_op(struct tetra_op *g);
/* Makes a PAD in front of operand k a value of its own. */
int tfl_settle_pad(struct tfl_import *im, const struct tfl_op *op, int k);

/* tflite_quant.c: the arithmetic. */
/* A real multiplier as M and S of the graph's R(x*M, S): M = round(fraction * 2^31), S = 31 - exponent. 0 where S is
 * not within 0..62. */
int tfl_multiplier(double real, int single_rounding, int32_t *m, int *s);
enum tetra_round tfl_rounding(const struct tfl_import *im);
/* The clamp that a fused activation means for a tensor of int8. 0: an activation that we do not know. */
int tfl_clamp(int activation, const struct tfl_tensor *t, int *lo, int *hi);

#endif
