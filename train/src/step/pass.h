/* The whole network over a batch. */
#ifndef TRAIN_PASS_H
#define TRAIN_PASS_H

#include "state.h"

/* Images are in the input's memory. `freeze` as in tetra_train_batch. */
void train_forward(struct tetra_train *t, int n, int training, int freeze);
/* From gradients that are there (has_grad) to those of all parameters, which are zeroed first. */
void train_backward(struct tetra_train *t, int n, int training);

#endif
