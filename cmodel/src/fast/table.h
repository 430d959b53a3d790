/* An output's requantization parameters, channel by channel, in the order in which vectors want them. */
#ifndef TETRA_FAST_TABLE_H
#define TETRA_FAST_TABLE_H

#include "core/graph_internal.h"
#include "tetra/ceil_div.h"

/* Bytes: what vectors read begins at multiples of it. */
enum { kCacheLine = 64 };
/* Of an array with others behind it. */
static inline size_t tetra_aligned_bytes(size_t bytes) { return tetra_round_up(bytes, kCacheLine); }

/* R(x, s) as additions, masks and shifts without a branch. Fields as the vectors read them: arrays of 64 bits in which,
 * of every `lanes` channels, the even ones come first and then the odd ones. */
struct tetra_rounding {
  enum tetra_round mode;
  int plain;               /* 1: the rest of R is in `shift`, half a unit is already in the addend */
  int64_t *shift;          /* the one shift, or the second of two */
  int64_t *half;           /* addend before it */
  int64_t *mask;           /* HALF_EVEN: 1 where shift > 0; HALF_AWAY, TFLITE: -1 where a tie of a negative goes down */
  int64_t *shift1, *half1; /* TFLITE: the first of two shifts and its addend */
};

/* x = acc*m + add, JOINT: + (res*mr) << left; y = clamp(zp + R(x, main)). SEPARATE: + R(res*mr + res_add, second).
 * RES_PRE: acc' = ((acc + bias) << left) + R((res*mr + res_add) >> 11, second) comes in the place of acc. The residual
 * is the code as it is stored: its zero point is in the addends. So is F, the fraction of the bias. */
struct tetra_table {
  enum tetra_res_form form;
  enum tetra_fmt fmt, res_fmt;
  int zp, lo, hi;
  int bytes; /* 1: 4-bit codes are written a byte each */
  int wide;  /* 1: y before the clamp may exceed 32 bits in some channel */
  int lanes, channels;
  int64_t *m, *add, *mr, *left, *res_add, *bias;
  struct tetra_rounding main, second;
  void *memory;
};

/* Output o of an op, in the format fmt, for vectors of `lanes` channels. res is the residual's, NULL without. acc_most
 * bounds the accumulators without bias; see tetra_acc_most. TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_table_init(struct tetra_table *t, const struct tetra_op *op, int o, enum tetra_fmt fmt,
                                     int lanes, const struct tetra_desc *res, const int64_t *acc_most);
void tetra_table_free(struct tetra_table *t);
/* For each output channel the largest |acc| over all inputs, from malloc; NULL without memory. */
int64_t *tetra_acc_most(const struct tetra_op *op, const struct tetra_desc *in);

#endif
