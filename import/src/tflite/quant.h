/* TensorFlow Lite's scales as integers. Private to the library. */
#ifndef TETRA_TFLITE_QUANT_H
#define TETRA_TFLITE_QUANT_H

#include "tflite/file.h"

/* A real multiplier as M and S of the graph's R(x*M, S): M = round(fraction * 2^31), S = 31 - exponent. 0 where S is
 * not within 0..62. */
TETRA_NODISCARD int tfl_multiplier(double real, int single_rounding, int32_t *m, int *s);
/* The sums that can be, and how far codes go below and above the zero point: all >= 0. */
struct tfl_reach {
  int64_t down, up;
  int below, above;
};
/* M and S such that for every sum in reach, with ties away from zero, R(sum*M, S) is what LiteRT's FULLY_CONNECTED
 * computes in double, round(sum * real), as far as codes go. 0 where no M of 31 bits does it. */
TETRA_NODISCARD int tfl_multiplier_of_double(double real, const struct tfl_reach *reach, int32_t *m, int *s);
/* The clamp that a fused activation means for a tensor of int8. 0: an activation that we do not know. */
TETRA_NODISCARD int tfl_clamp(int activation, const struct tfl_tensor *t, int *lo, int *hi);

#endif
