/* How many answers of a network in training are right. */
#ifndef TETRA_SIM_TRAIN_ACCURACY_H
#define TETRA_SIM_TRAIN_ACCURACY_H

#include "commands/train/data.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of images first..end-1 as they are, `batch` at a time, by logits as the network is exported. TETRA_ENOMEM, and of
 * photographs TETRA_EIO, TETRA_EINVAL. */
TETRA_NODISCARD int train_count_right(struct tetra_train *t, const struct train_set *s, const struct sim_pixels *pixels,
                                      int first, int end, int batch, int *right, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
