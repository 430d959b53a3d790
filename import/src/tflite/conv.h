/* CONV_2D and FULLY_CONNECTED. Private to the library. */
#ifndef TETRA_TFLITE_CONV_H
#define TETRA_TFLITE_CONV_H

#include "tflite/op.h"

TETRA_NODISCARD int tfl_conv(struct tfl_import *im, const struct tfl_op *op);
TETRA_NODISCARD int tfl_dense(struct tfl_import *im, const struct tfl_op *op);

#endif
