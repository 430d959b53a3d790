/* PAD, RESHAPE and SQUEEZE, QUANTIZE, DEQUANTIZE and SOFTMAX. Private to the library. */
#ifndef TETRA_TFLITE_SHAPE_H
#define TETRA_TFLITE_SHAPE_H

#include "tflite/op.h"

TETRA_NODISCARD int tfl_pad(struct tfl_import *im, const struct tfl_op *op);
TETRA_NODISCARD int tfl_reshape(struct tfl_import *im, const struct tfl_op *op);
TETRA_NODISCARD int tfl_quantize(struct tfl_import *im, const struct tfl_op *op);
TETRA_NODISCARD int tfl_dequantize(struct tfl_import *im, const struct tfl_op *op);
TETRA_NODISCARD int tfl_relu(struct tfl_import *im,
                             const struct tfl_op *op); /* RELU, RELU_N1_TO_1 and RELU6 of their own */
TETRA_NODISCARD int tfl_extreme(struct tfl_import *im, const struct tfl_op *op); /* MAXIMUM, MINIMUM */
TETRA_NODISCARD int tfl_softmax(struct tfl_import *im, const struct tfl_op *op);

#endif
