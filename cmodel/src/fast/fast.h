/* Building blocks of the fast path: bulk conversion of codes, requantization by rows, im2col. */
#ifndef TETRA_FAST_INTERNAL_H
#define TETRA_FAST_INTERNAL_H

#include "core/graph_internal.h"

/* Unpacks `count` consecutive codes that start at a byte boundary. */
void tetra_codes_f32(enum tetra_fmt fmt, const uint8_t *src, int count, float *dst);
void tetra_codes_i32(enum tetra_fmt fmt, const uint8_t *src, int count, int32_t *dst);

/* Rounding by table, one shift a channel, in loops a compiler can vectorize. */
struct tetra_rounder {
  enum tetra_round mode;
  int64_t *shift;          /* the one shift, or the second of two */
  int64_t *half;           /* addend before it */
  int64_t *mask;           /* HALF_EVEN: 1 where shift > 0; HALF_AWAY, TFLITE: -1 where a tie of a negative goes down */
  int64_t *shift1, *half1; /* TFLITE: the first of two shifts and its addend */
};

/* Table of shifts s[0..channels-1], each 0..62. TETRA_ENOMEM. */
int tetra_rounder_init(struct tetra_rounder *r, enum tetra_round mode, const uint8_t *s, int channels);
void tetra_rounder_free(struct tetra_rounder *r);
/* x[j] = R(x[j], shift of channel c0 + j) for j < count. */
void tetra_rounder_apply(const struct tetra_rounder *r, int c0, int count, int64_t *x);

/* One output's parameters, channel by channel in arrays of their own, and those repeated: neighbouring pixels whose
 * codes lie side by side are worked on as if they were one pixel of `repeat` times as many channels. */
struct tetra_rows {
  const struct tetra_requant *q;
  enum tetra_res_form form;
  enum tetra_fmt fmt;
  int channels, repeat;
  int32_t *bias, *m, *mr;
  uint8_t *lr;
  struct tetra_rounder main, residual;
};

/* Prepares output o of io's op for `repeat` pixels at a time. TETRA_ENOMEM. */
int tetra_rows_init(struct tetra_rows *t, const struct tetra_op *op, int o, enum tetra_fmt fmt, int repeat);
void tetra_rows_free(struct tetra_rows *t);
/* All channels of up to `repeat` pixels: tetra_requantize of acc[], res[], packed into the pixels' bytes at dst. res[]
 * is the residual minus its zero point, NULL without residual. */
void tetra_rows_pixels(const struct tetra_rows *t, int pixels, const int32_t *acc, const int32_t *res, uint8_t *dst);

/* Where an op's accumulators go: residual, requantization, both outputs. */
struct tetra_sink {
  const struct tetra_op_io *io;
  struct tetra_rows rows[TETRA_MAX_OUTPUTS];
  int repeat;   /* pixels at a time */
  int32_t *res; /* their residual */
};

int tetra_sink_init(struct tetra_sink *s, const struct tetra_op_io *io, struct tetra_error *err);
void tetra_sink_free(struct tetra_sink *s);
/* Finishes `count` output pixels from `pixel` on (counted over the batch, row-major) from their channels' raw
 * accumulators. */
void tetra_sink_pixels(struct tetra_sink *s, size_t pixel, size_t count, const int32_t *acc);

/* Row of the im2col matrix: the kh*kw*cin codes under output pixel `pixel`, as floats, in the weights' order. */
void tetra_im2col_pixel(const struct tetra_op *op, const struct tetra_tensor *in, int ho, int wo, size_t pixel,
                        float *row);

int tetra_fast_conv(const struct tetra_op_io *io, struct tetra_sink *sink, struct tetra_error *err);
int tetra_fast_window(const struct tetra_op_io *io, struct tetra_sink *sink, struct tetra_error *err);

#endif
