/* What a network in training needs besides its graph. */
#ifndef TRAIN_MEMORY_H
#define TRAIN_MEMORY_H

#include "state.h"

/* Everything; `norms`: a batch norm behind every convolution but the dense ones. TETRA_EINVAL: what cannot be trained;
 * TETRA_ENOMEM. */
TETRA_NODISCARD int train_prepare(struct tetra_train *t, int norms);

#endif
