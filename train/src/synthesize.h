/* The loss of synthetic images. Private to the library. */
#ifndef TRAIN_SYNTHESIZE_H
#define TRAIN_SYNTHESIZE_H

#include "state.h"

/* The loss of the n images in the input's memory, and its gradient there. */
double train_statistics_loss(struct tetra_train *t, int n);

#endif
