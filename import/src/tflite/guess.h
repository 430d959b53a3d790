/* What is said about operators behind one whose type is not read. Private to the library. */
#ifndef TETRA_TFLITE_GUESS_H
#define TETRA_TFLITE_GUESS_H

#include "tflite/op.h"

/* Converts one operator: the walk's own way. */
typedef int tfl_attempt(struct tfl_import *im, const struct tfl_op *op);

int tfl_follows_dismissed(const struct tfl_import *im, const struct tfl_op *op);
/* Attempts to convert an operator with a dismissed operand as if it and the output were INT8: what is then still wrong
 * with it has nothing to do with the type, and is refused. */
TETRA_NODISCARD int tfl_guess(struct tfl_import *im, const struct tfl_op *op, tfl_attempt *attempt);

#endif
