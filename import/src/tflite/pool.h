/* MAX_POOL_2D, AVERAGE_POOL_2D and MEAN. Private to the library. */
#ifndef TETRA_TFLITE_POOL_H
#define TETRA_TFLITE_POOL_H

#include "tflite/op.h"

TETRA_NODISCARD int tfl_max_pool(struct tfl_import *im, const struct tfl_op *op);
TETRA_NODISCARD int tfl_average_pool(struct tfl_import *im, const struct tfl_op *op);
TETRA_NODISCARD int tfl_reduce_max(struct tfl_import *im, const struct tfl_op *op);
TETRA_NODISCARD int tfl_mean(struct tfl_import *im, const struct tfl_op *op);

#endif
