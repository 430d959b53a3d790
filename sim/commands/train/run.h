/* Training as `./sim train` does it: epochs, accuracy, checkpoints. */
#ifndef TETRA_SIM_TRAIN_RUN_H
#define TETRA_SIM_TRAIN_RUN_H

#include "commands/train/state.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Most images of a step on one rank. */
int train_run_batch(const struct train_run *r);
/* What of an epoch says how good it is. */
double train_run_score(const struct train_run *r, int epoch);
/* Trains from epoch r->done on. TETRA_ERANGE: the loss became no number, on all ranks; else as
 * what it calls. */
TETRA_NODISCARD int train_run(struct train_run *r, struct tetra_error *err);
/* Share of right answers of the test images, of the network as it will be exported. */
TETRA_NODISCARD int train_run_test(struct train_run *r, double *accuracy, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
