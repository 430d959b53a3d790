/* ADD. Private to the library. */
#ifndef TETRA_TFLITE_ADD_H
#define TETRA_TFLITE_ADD_H

#include "tflite/op.h"

TETRA_NODISCARD int tfl_add(struct tfl_import *im, const struct tfl_op *op);

#endif
