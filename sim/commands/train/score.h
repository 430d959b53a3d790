/* How good the network of a run is: after an epoch, and beside the one that it began with. */
#ifndef TETRA_SIM_TRAIN_SCORE_H
#define TETRA_SIM_TRAIN_SCORE_H

#include "commands/train/state.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What of an epoch says how good it is. */
double train_score(const struct train_run *r, int epoch);
/* Share of right answers of the test images, of the network as it will be exported. */
TETRA_NODISCARD int train_score_test(struct train_run *r, double *accuracy, struct tetra_error *err);

/* Sets r->start of a network from a file, but AQT's, which is in float until the freeze. Without test images every rank
 * takes the same first 1000 training images, as they are. As train_count_right. */
TETRA_NODISCARD int train_start_measure(struct train_run *r, struct tetra_error *err);
/* `share` and what of, on a line that goes on. */
void train_start_print(const struct train_run *r, double share);
/* TETRA_ERANGE: after this epoch the network knows less than half of what it did at the start. */
TETRA_NODISCARD int train_start_lost(const struct train_run *r, int epoch, struct tetra_error *err);
/* A line that says what training made of the network that it began with; `epoch`: the one that is exported, whose
 * network r->t is. As train_count_right. */
TETRA_NODISCARD int train_start_compare(struct train_run *r, int epoch, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
