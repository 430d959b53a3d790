/* Softmax cross-entropy. */
#ifndef TRAIN_LOSS_H
#define TRAIN_LOSS_H

#include "state.h"

/* The sum of the images' losses and how many are right; the gradient of the mean over n_global. */
double train_loss(struct tetra_train *t, const struct tetra_train_batch *b, int *correct);

#endif
