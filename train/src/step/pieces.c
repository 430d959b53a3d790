/* The pieces of a batch on several threads, their sums in a fixed order. */
#include "step/pieces.h"

static void do_piece(void *arg, int piece, int worker) {
  const struct train_job *job = arg;
  job->work(job, piece, &job->t->scratch[worker]);
}

void train_pieces(const struct train_job *job) {
  struct train_job copy = *job; /* threads take what is not const */
  tetra_threads_run(job->t->threads, TRAIN_PIECES, do_piece, &copy);
}

void train_sum(struct tetra_train *t, const double *of_pieces, int n, double *sum) {
  const size_t room = 2 * (size_t)t->most_channels;
  for (int c = 0; c < n; c++) {
    sum[c] = 0;
    for (size_t p = 0; p < TRAIN_PIECES; p++) sum[c] += of_pieces[p * room + (size_t)c];
  }
  if (t->comm.sum_double) t->comm.sum_double(t->comm.context, sum, (size_t)n);
}
