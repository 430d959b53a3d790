/* Where a training of `./sim train` stands: what its epochs, its checkpoints and its JSON share. */
#ifndef TETRA_SIM_TRAIN_STATE_H
#define TETRA_SIM_TRAIN_STATE_H

#include "commands/ranks.h"
#include "commands/train/data.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an epoch found. */
struct train_epoch {
  double loss;              /* mean over its steps */
  double accuracy, test;    /* shares of right answers: of the training images as they came, of the test images */
  double rate;              /* of its last step */
  double images_per_second; /* training alone */
};

struct train_run {
  const struct train_command *o; /* its batch is of all ranks */
  struct sim_ranks ranks;        /* rank 0 speaks and writes */
  struct train_set data, test;   /* test.n 0: none */
  struct tetra_train *t, *teacher;
  struct tetra_train_schedule schedule; /* in steps */
  int steps;                            /* of an epoch */
  int64_t freeze;                       /* the step in which bounds are frozen; -1: none is */
  struct train_epoch *epochs;           /* o->epochs; owned */
  int done;                             /* epochs */
  /* The network after the best epoch so far (tetra_train_save), by test accuracy, or else the training images'; of
   * AQT, only once bounds are frozen. */
  uint8_t *best;
  size_t best_size;
  int best_epoch; /* -1: none */
  int interrupted;
  /* Of a network from a file, as the method begins with it: the share of right answers, of the test images or else as
   * of train_start_measure. Negative: not measured. */
  double start;
};

/* Most images of a step on one rank. */
static inline int train_run_batch(const struct train_run *r) {
  return (r->o->how.batch + r->ranks.size - 1) / r->ranks.size;
}

#ifdef __cplusplus
}
#endif
#endif
