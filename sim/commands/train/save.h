/* Checkpoints of `./sim train`. */
#ifndef TETRA_SIM_TRAIN_SAVE_H
#define TETRA_SIM_TRAIN_SAVE_H

#include "commands/train/state.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Name of the checkpoint: --checkpoint, or behind -o. */
void train_checkpoint_name(const struct train_command *o, char *out, size_t size);
/* The network, the best one, the figures of all epochs; as a whole or not at all. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int train_checkpoint_write(const struct train_run *r, struct tetra_error *err);
/* Goes on where `path` ends. TETRA_EINVAL: of another network, other data or another schedule. */
TETRA_NODISCARD int train_checkpoint_read(struct train_run *r, const char *path, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
