/* Which quantizers a network has. */
#ifndef TRAIN_PLACE_H
#define TRAIN_PLACE_H

#include "state.h"

/* TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int train_place(struct tetra_train *t);
/* The convolution whose bias can take a constant off value v in front of its quantization, through what lies between;
 * -1: none. *pooled, where not NULL: the value whose average v is, -1: none. */
int train_biased_by(const struct tetra_train *t, int v, int *pooled);

#endif
