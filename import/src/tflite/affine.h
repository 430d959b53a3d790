/* MUL and ADD of a constant. Private to the library. */
#ifndef TETRA_TFLITE_AFFINE_H
#define TETRA_TFLITE_AFFINE_H

#include "tflite/op.h"

/* Is one of the two operands a constant? */
TETRA_NODISCARD int tfl_has_constant(const struct tfl_import *im, const struct tfl_op *op);
TETRA_NODISCARD int tfl_affine(struct tfl_import *im, const struct tfl_op *op);

#endif
