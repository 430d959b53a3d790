/* What the converters of a TensorFlow Lite file's operators share. Private to the library.
 *
 * Every converter returns TETRA_OK when it added what is needed or refused the operator (tfl_refuse), and otherwise an
 * error that ends the import. */
#ifndef TETRA_TFLITE_OP_H
#define TETRA_TFLITE_OP_H

#include "common/report.h"
#include "tflite/file.h"

#define TFL_MAX_CHANNELS TETRA_SIDE_MAX /* as many as pixels a side */
#define TFL_MAX_PARAMETERS (1 << 22)    /* channel records of a whole graph, 64 MiB */
/* A limit's number, as messages that are string literals say it. */
#define TFL_DIGITS(limit) TFL_DIGITS_OF(limit)
#define TFL_DIGITS_OF(number) #number

/* What a tensor of the file is in the graph. */
enum tfl_state {
  TFL_UNKNOWN,  /* nothing has produced it yet */
  TFL_VALUE,    /* a value of the graph */
  TFL_FLOAT,    /* the float32 input in front of a QUANTIZE */
  TFL_NUMBERS,  /* a shape or a part of one, calculated by the reader */
  TFL_RESULT,   /* the network's result behind a SOFTMAX or DEQUANTIZE; only the network's output may be one */
  TFL_DISMISSED /* an operation that was refused made it, or the file's ends are at fault; its type is not read */
};

struct tfl_binding {
  enum tfl_state state;
  int value;      /* index in the graph */
  int zero_point; /* of the codes; the value's own is 0 where `raw` (see pool.c) */
  int raw;
  int flat;      /* the tensor is [n][h*w*c], the value still n x h x w x c */
  int n_numbers; /* NUMBERS; rank 0 has one, `scalar` */
  int scalar;
  int32_t numbers[TFL_MAX_RANK];
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
  struct tetra_error broken; /* the first thing that is wrong with the file itself; code 0: nothing is */
};

/* Refuses an operator and lets its output stand for what the file says of it, so that the rest can be looked at. */
TETRA_NODISCARD int tfl_refuse(struct tfl_import *im, const struct tfl_op *op, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
/* Lets a refused or broken operator's output stand for what the file says of it. TETRA_ENOMEM. */
TETRA_NODISCARD int tfl_stand_in(struct tfl_import *im, const struct tfl_op *op);
/* A broken operator: TETRA_EINVAL. */
TETRA_NODISCARD int tfl_broken(const struct tfl_import *im, const struct tfl_op *op, const char *what);
/* TFLITE_SINGLE_ROUNDING's arithmetic is asked for. */
static inline int tfl_single(const struct tfl_import *im) { return im->o->tflite_rounding == TETRA_TFLITE_SINGLE; }
static inline const struct tfl_tensor *tfl_output(const struct tfl_import *im, const struct tfl_op *op) {
  return &im->f->tensors[op->out];
}
/* Description of a tensor with its quantization; rank 1 is a batch of [c], 2 is [n][c], 3 [n][w][c], 4 [n][h][w][c].
 * A batch dimension of 1 becomes the options' batch. 0 where it is no such thing. */
TETRA_NODISCARD int tfl_desc(const struct tfl_import *im, const struct tfl_tensor *t, struct tetra_desc *d);
/* The same of a UINT8 tensor, whose codes less 128 are INT8 ones: what a QUANTIZE at a network's ends has. */
TETRA_NODISCARD int tfl_desc_uint8(const struct tfl_import *im, const struct tfl_tensor *t, struct tetra_desc *d);
/* Why operand k cannot be read as an 8-bit value, or NULL. */
const char *tfl_operand_refusal(const struct tfl_import *im, const struct tfl_op *op, int k);
/* Adds *g with one output, for the operator's first output: the value gets the file's scale and zero point (0 where
 * raw) and must have the shape that the op gives. Takes over what *g owns, also on an error. */
TETRA_NODISCARD int tfl_emit(struct tfl_import *im, const struct tfl_op *op, struct tetra_op *g, int raw);
/* An op with everything a copy of `input` needs: 1x1 window, stride and dilation 1, no padding, cout = c, zeroed
 * channel records of its one output, codes over all of int8. TETRA_ENOMEM, TETRA_ERANGE. */
TETRA_NODISCARD int tfl_begin(struct tfl_import *im, const struct tfl_op *op, enum tetra_op_kind kind, int input,
                              int cout, struct tetra_op *g);
void tfl_free_op(struct tetra_op *g);
/* SAME padding of a window over in_h x in_w pixels: the output has ceil(in / stride) pixels a side, and the odd pixel
 * of the padding goes behind. */
void tfl_same_padding(struct tetra_window *w, int in_h, int in_w);
/* Adds to g's window, whose sizes and stride are set, the operator's own padding and that of a PAD in front of it. */
void tfl_take_padding(const struct tfl_import *im, const struct tfl_op *op, struct tetra_op *g);
/* Makes operand k, an average with zero point 0 in the graph (see pool.c), a value that has the file's. */
TETRA_NODISCARD int tfl_settle_raw(struct tfl_import *im, const struct tfl_op *op, int k);
/* Makes a PAD in front of operand k a value of its own. */
TETRA_NODISCARD int tfl_settle_pad(struct tfl_import *im, const struct tfl_op *op, int k);

#endif
