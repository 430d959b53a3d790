/* A batch in pieces, side by side. */
#ifndef TRAIN_PIECES_H
#define TRAIN_PIECES_H

#include "state.h"

/* A piece of work on node or value i: the images of `piece`, with the scratch of who does it. */
struct train_job {
  struct tetra_train *t;
  int i, n, training;
  void (*work)(const struct train_job *job, int piece, struct train_scratch *scratch);
};
/* All pieces; returns when they are done. */
void train_pieces(const struct train_job *job);
/* Sums of `n` channels for every piece become those of the whole batch, of all processes. */
void train_sum(struct tetra_train *t, const double *of_pieces, int n, double *sum);

#endif
