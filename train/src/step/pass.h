/* The whole network over a batch. */
#ifndef TRAIN_PASS_H
#define TRAIN_PASS_H

#include "state.h"

/* Images are in the input's memory. `freeze` as in tetra_train_batch. */
void train_forward(struct tetra_train *t, int n, int training, int freeze);
/* From gradients that are there (has_grad) to those of all parameters, which are zeroed first. */
void train_backward(struct tetra_train *t, int n, int training);

/* A step of training but for what learns from it: the loss and the gradients of all parameters. As tetra_train_step. */
TETRA_NODISCARD int train_gradients(struct tetra_train *t, const struct tetra_train_batch *b,
                                    struct tetra_train_result *r, struct tetra_error *err);

#endif
