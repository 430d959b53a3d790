/* SHAPE, STRIDED_SLICE and PACK: how a network whose batch is open calculates the shape of a RESHAPE. Private to the
 * library. */
#ifndef TETRA_TFLITE_NUMBERS_H
#define TETRA_TFLITE_NUMBERS_H

#include "tflite/op.h"

TETRA_NODISCARD int tfl_shape(struct tfl_import *im, const struct tfl_op *op);
TETRA_NODISCARD int tfl_strided_slice(struct tfl_import *im, const struct tfl_op *op);
TETRA_NODISCARD int tfl_pack(struct tfl_import *im, const struct tfl_op *op);
/* Why a RESHAPE's calculated shape is not its output's, or NULL: it is, or it is not calculated. */
const char *tfl_shape_refusal(const struct tfl_import *im, const struct tfl_op *op);

#endif
