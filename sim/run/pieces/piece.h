/* One piece of a network on an accelerator of its own, in the process that is to run it. */
#ifndef TETRA_SIM_PIECE_H
#define TETRA_SIM_PIECE_H

#include "run/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a piece tells beside its layers. */
struct sim_finding {
  struct sim_piece piece;
  int code;               /* exit code */
  int started;            /* it was set up, and the RTL ran */
  struct tetra_error err; /* of either */
  uint64_t after_end, counters[TETRA_CNT_NUM];
  enum sim_match match;
  struct sim_top top;
  int n_predictions, has_softmax;
  double probability[SIM_TOP];
};

/* Pieces under way, in each of the processes that run them. */
struct sim_crew {
  struct sim_session *whole;           /* from sim_setup_model */
  const struct sim_observer *observer; /* of pieces; borrowed */
  int rank, size;                      /* of an MPI run; size 1: none */
  /* On rank 0 of an MPI run, while a piece runs in this process; NULL otherwise. */
  void (*watch)(struct sim_crew *c);
  void (*tick)(void *arg, const struct sim_results *r, uint64_t clocks); /* as of struct sim_pieces */
  void (*piece_ended)(void *arg);
  void *arg;
  struct sim_finding *findings; /* one a piece */
  struct sim_layer *layers;     /* one an op of the whole */
  int *predictions;             /* one an image */
  int piece, worst;             /* the one that this process runs; the highest exit code so far */
  double t0;
};

/* Runs piece c->piece in this process; what it found out is in its finding, its layers, and the predictions. */
void sim_piece_run(struct sim_crew *c);
/* "piece 1, layers 3..11" */
void sim_piece_name(const struct sim_crew *c, int i, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
