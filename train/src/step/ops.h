/* Every kind of node but convolutions. */
#ifndef TRAIN_OPS_H
#define TRAIN_OPS_H

#include "state.h"

void train_op_forward(struct tetra_train *t, int i, int n);
/* From the gradient of its output to those of its operands. */
void train_op_backward(struct tetra_train *t, int i, int n);

#endif
