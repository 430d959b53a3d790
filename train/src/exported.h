/* What a quantized network is exported as. */
#ifndef TRAIN_EXPORTED_H
#define TRAIN_EXPORTED_H

#include "state.h"

/* Room for it in t->exported. TETRA_ENOMEM. */
TETRA_NODISCARD int train_exported_prepare(struct tetra_train *t);
/* t->exported from the parameters, statistics and bounds as they are now. Bounds are frozen, steps have begun. */
void train_exported_fill(struct tetra_train *t);

#endif
