/* How good the network of a run is: after an epoch, and beside the one that it began with. */
#include "commands/train/score.h"

#include <stdio.h>

#include "commands/train/accuracy.h"
#include "commands/train/save.h"
#include "commands/train/together.h"

double train_score(const struct train_run *r, int epoch) {
  return r->test.n > 0 ? r->epochs[epoch].test : r->epochs[epoch].accuracy;
}

int train_score_test(struct train_run *r, double *accuracy, struct tetra_error *err) {
  const struct sim_ranks *ranks = &r->ranks;
  int right;
  int rc = train_count_right(r->t, &r->test, &r->o->pixels, train_share(ranks, r->test.n, ranks->rank),
                             train_share(ranks, r->test.n, ranks->rank + 1), train_run_batch(r), &right, err);
  rc = sim_ranks_agree(ranks, rc, err);
  if (rc != TETRA_OK) return rc;
  *accuracy = (double)train_total(ranks, right) / r->test.n;
  return TETRA_OK;
}

/* Training images that say how good a network is where there are no test images. */
static int measured(const struct train_run *r) {
  enum { MOST = 1000 };
  return r->data.n < MOST ? r->data.n : MOST;
}

static int measure(struct train_run *r, double *share, struct tetra_error *err) {
  int right;
  const int n = measured(r),
            rc = train_count_right(r->t, &r->data, &r->o->pixels, 0, n, train_run_batch(r), &right, err);
  if (rc == TETRA_OK) *share = (double)right / n;
  return rc;
}

int train_start_measure(struct train_run *r, struct tetra_error *err) {
  if (r->o->network == NULL || r->o->how.method == TETRA_TRAIN_AQT || r->o->resume != NULL) return TETRA_OK;
  return r->test.n > 0 ? train_score_test(r, &r->start, err) : measure(r, &r->start, err);
}

void train_start_print(const struct train_run *r, double share) {
  if (r->test.n > 0)
    printf("%.2f %% of the test images right", 100 * share);
  else
    printf("%.2f %% of %d training images right", 100 * share, measured(r));
}

int train_start_lost(const struct train_run *r, int epoch, struct tetra_error *err) {
  const double share = train_score(r, epoch);
  char path[4096];
  if (r->start < 0 || share >= r->start / 2) return TETRA_OK;
  train_checkpoint_name(r->o, path, sizeof path);
  return tetra_fail(
      err, TETRA_ERANGE,
      "epoch %d: the network is lost, %.2f %% of the %s images right after %.2f %% at the start; a --rate "
      "smaller than %g helps; %s%s",
      epoch + 1, 100 * share, r->test.n > 0 ? "test" : "training", 100 * r->start, r->schedule.base,
      epoch > 0 ? "the epochs before it are in " : "nothing is written", epoch > 0 ? path : "");
}

int train_start_compare(struct train_run *r, int epoch, struct tetra_error *err) {
  double share = r->epochs[epoch].test;
  int rc = TETRA_OK;
  if (r->start < 0) return TETRA_OK;
  if (r->test.n == 0) rc = measure(r, &share, err);
  if (rc != TETRA_OK) return rc;
  printf("%s: ", r->o->out);
  train_start_print(r, share);
  printf("; training began with %.2f %%%s\n", 100 * r->start,
         share < r->start ? ", which was better: more images or a smaller --rate may help" : "");
  return TETRA_OK;
}
