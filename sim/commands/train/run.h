/* Training as `./sim train` does it: epochs, accuracy, checkpoints. */
#ifndef TETRA_SIM_TRAIN_RUN_H
#define TETRA_SIM_TRAIN_RUN_H

#include "commands/train/state.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Trains from epoch r->done on. TETRA_ERANGE: the loss became no number, or the network that it began with is lost, on
 * all ranks; else as what it calls. */
TETRA_NODISCARD int train_run(struct train_run *r, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
