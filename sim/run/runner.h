/* Runs of a network over many images: the pieces that model_file_images.c puts together. */
#ifndef TETRA_SIM_MODEL_FILE_RUN_H
#define TETRA_SIM_MODEL_FILE_RUN_H

#include "files/source.h"
#include "run/session.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_TOP 5

/* What one image gave. */
struct sim_outcome {
  int image;
  int top[SIM_TOP]; /* classes, the largest logit first, the lower class first among equals; -1 past the last */
  double logit;     /* of top[0], in real units */
  int compared;     /* RTL = C was checked, and holds */
  uint64_t cycles;  /* of the accelerator; 0 without RTL */
};

/* A network ready to run one batch of images after another, in one process. */
struct sim_runner {
  const struct sim_options *o;
  int batch;
  struct sim_session session;   /* with RTL */
  struct sim_source *source;    /* the session's, or own_source */
  struct sim_source own_source; /* without RTL */
  struct tetra_tensor *tensors; /* without RTL: one per value */
};

/* Gets everything ready. Without RTL the batch is chosen so that the fast path works on many images at once. */
int sim_runner_open(struct sim_runner *r, const struct sim_options *o, struct tetra_error *err);
void sim_runner_close(struct sim_runner *r);
/* Images first .. first + count - 1, count <= batch. TETRA_EHW and TETRA_EINVAL as sim_simulate, others. */
int sim_runner_run(struct sim_runner *r, int first, int count, struct sim_outcome *out, struct tetra_error *err);

/* Work for several processes: blocks 0 .. n_blocks - 1, each worker takes every n_workers-th. */
struct sim_pool {
  int n_blocks, n_workers;
  /* In a worker: outcomes of block b (at most SIM_POOL_BLOCK), their number in *n. */
  int (*work)(void *arg, int b, struct sim_outcome *out, int *n, struct tetra_error *err);
  /* In the parent: an outcome arrived; and about five times a second whatever happens. */
  void (*outcome)(void *arg, const struct sim_outcome *o);
  void (*tick)(void *arg);
  void *arg;
};

#define SIM_POOL_BLOCK 64

/* Runs all blocks in processes forked from this one. TETRA_OK, also where the user interrupted it (*interrupted); what
 * the first failing worker said otherwise. No process is left behind. */
int sim_pool_run(const struct sim_pool *p, int *interrupted, struct tetra_error *err);

/* Totals of a run over many images. */
struct sim_tally {
  const struct sim_options *o;
  const int *labels; /* NULL: none */
  int n, done, right1, right5, compared;
  uint64_t cycles;
  double t0, seconds, last_shown;
  int tty, interrupted;
  int *predictions; /* by image, -1: not run; owned by the caller */
};

void sim_tally_header(const struct sim_runner *r, const struct sim_tally *t);
void sim_tally_add(struct sim_tally *t, const struct sim_outcome *o);
void sim_tally_progress(struct sim_tally *t, int force);
void sim_tally_report(const struct sim_tally *t);
/* {"network","backend","images","done","interrupted","top1","top5","seconds","cycles","match","predictions"} */
int sim_tally_json(const struct sim_tally *t, const char *path, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
