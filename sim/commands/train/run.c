/* Epochs of training. */
#define _GNU_SOURCE
#include "commands/train/run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "commands/train/save.h"
#include "commands/train/score.h"
#include "commands/train/together.h"

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal) {
  (void)signal;
  interrupted = 1;
}

/* A batch's images and labels, and what its teacher says. */
struct batch {
  float *images, *teacher;
  int *labels, *order;
};

static int open_batch(const struct train_run *r, struct batch *b, struct tetra_error *err) {
  int h, w, c, classes;
  tetra_train_shape(r->t, &h, &w, &c, &classes);
  const size_t n = (size_t)train_run_batch(r);
  b->images = malloc(n * (size_t)h * (size_t)w * (size_t)c * sizeof *b->images);
  b->teacher = malloc(n * (size_t)classes * sizeof *b->teacher);
  b->labels = malloc(n * sizeof *b->labels);
  b->order = malloc((size_t)r->data.n * sizeof *b->order);
  if (b->images != NULL && b->teacher != NULL && b->labels != NULL && b->order != NULL) return TETRA_OK;
  return tetra_fail(err, TETRA_ENOMEM, "no memory for a batch of %zu images", n);
}

static void close_batch(struct batch *b) {
  free(b->images);
  free(b->teacher);
  free(b->labels);
  free(b->order);
}

static void show(const struct train_run *r, int step, double loss, double right, double seconds, int begun_at) {
  const double speed = step * (double)r->o->how.batch / seconds;
  const double left = ((double)r->steps * (r->o->epochs - begun_at) - step) * r->o->how.batch / speed;
  fprintf(stderr,
          "\rtrain: epoch %d of %d, step %d of %d: loss %.4f, %.2f %%, %.0f images/s, about %.0f min left \033[K",
          begun_at + 1, r->o->epochs, step, r->steps, loss / step, 100 * right / (step * (double)r->o->how.batch),
          speed, left / 60);
  fflush(stderr);
}

/* This rank's images of a step, *count of them. */
static int fill(const struct train_run *r, struct batch *b, int epoch, int step, int *count, struct tetra_error *err) {
  const int first = train_share(&r->ranks, r->o->how.batch, r->ranks.rank);
  const int n = train_share(&r->ranks, r->o->how.batch, r->ranks.rank + 1) - first;
  const size_t size = (size_t)r->data.h * (size_t)r->data.w * (size_t)r->data.c;
  const struct train_change change = {r->o->how.seed, epoch, r->o->augment};
  int rc = TETRA_OK;
  for (int i = 0; i < n && rc == TETRA_OK; i++) {
    const int image = b->order[(size_t)step * (size_t)r->o->how.batch + (size_t)(first + i)];
    rc = train_set_image(&r->data, &r->o->pixels, image, r->o->augment < 0 ? NULL : &change,
                         b->images + (size_t)i * size, err);
    b->labels[i] = r->data.labels[image];
  }
  if (r->data.photos.n > 0) rc = sim_ranks_agree(&r->ranks, rc, err); /* nothing else can fail */
  if (rc != TETRA_OK) return rc;
  if (r->teacher != NULL) tetra_train_logits(r->teacher, b->images, n, 0, b->teacher);
  *count = n;
  return TETRA_OK;
}

static int do_step(struct train_run *r, struct batch *b, int epoch, int step, struct tetra_train_result *found,
                   struct tetra_error *err) {
  const int64_t at = (int64_t)epoch * r->steps + step;
  const double rate = tetra_train_rate(&r->schedule, (double)at);
  struct tetra_error why = {0, ""};
  int n;
  int rc = fill(r, b, epoch, step, &n, err);
  if (rc != TETRA_OK) return rc;
  const struct tetra_train_batch batch = {.images = b->images,
                                          .labels = b->labels,
                                          .n = n,
                                          .n_global = r->o->how.batch,
                                          .teacher = r->teacher != NULL ? b->teacher : NULL,
                                          .teacher_share = r->o->teacher_share,
                                          .rate = rate,
                                          .freeze = at == r->freeze};
  r->epochs[epoch].rate = rate;
  rc = tetra_train_step(r->t, &batch, found, &why);
  if (rc != TETRA_ERANGE) return rc == TETRA_OK ? rc : tetra_fail(err, rc, "%s", why.msg);
  char path[4096];
  train_checkpoint_name(r->o, path, sizeof path);
  return tetra_fail(err, rc, "epoch %d, step %d: %s; a smaller --rate helps; %s%s", epoch + 1, step + 1, why.msg,
                    epoch > 0 ? "the epochs before it are in " : "no epoch was finished", epoch > 0 ? path : "");
}

static int do_epoch(struct train_run *r, struct batch *b, int epoch, struct tetra_error *err) {
  double loss = 0, right = 0, shown = 0;
  const double start = sim_now();
  const int watched = r->ranks.rank == 0 && isatty(STDERR_FILENO);
  tetra_train_order(r->o->how.seed, epoch, r->data.n, b->order);
  for (int step = 0; step < r->steps; step++) {
    struct tetra_train_result found;
    if (train_any(&r->ranks, interrupted)) {
      r->interrupted = 1;
      break;
    }
    const int rc = do_step(r, b, epoch, step, &found, err);
    if (rc != TETRA_OK) return rc;
    loss += found.loss;
    right += found.correct;
    if (!watched || sim_now() - shown < 0.5) continue;
    show(r, step + 1, loss, right, sim_now() - start, epoch);
    shown = sim_now();
  }
  if (watched) fputs("\r\033[K", stderr);
  struct train_epoch *e = &r->epochs[epoch];
  const double images = (double)r->steps * r->o->how.batch;
  e->loss = loss / r->steps;
  e->accuracy = right / images;
  e->images_per_second = images / (sim_now() - start);
  return r->test.n > 0 && !r->interrupted ? train_score_test(r, &e->test, err) : TETRA_OK;
}

static int keep_best(struct train_run *r, int epoch, struct tetra_error *err) {
  if (r->freeze >= 0 && (int64_t)(epoch + 1) * r->steps <= r->freeze) return TETRA_OK;
  if (r->best_epoch >= 0 && train_score(r, epoch) < train_score(r, r->best_epoch)) return TETRA_OK;
  uint8_t *bytes;
  size_t size;
  const int rc = tetra_train_save(r->t, &bytes, &size, err);
  if (rc != TETRA_OK) return rc;
  free(r->best);
  r->best = bytes;
  r->best_size = size;
  r->best_epoch = epoch;
  return TETRA_OK;
}

static void report(const struct train_run *r, int epoch) {
  const struct train_epoch *e = &r->epochs[epoch];
  const double left = (double)(r->o->epochs - epoch - 1) * r->steps * r->o->how.batch / e->images_per_second;
  printf("epoch %3d  loss %.4f  %6.2f %%", epoch + 1, e->loss, 100 * e->accuracy);
  if (r->test.n > 0) printf("  test %6.2f %%", 100 * e->test);
  printf("  rate %.5f  %.0f images/s  %.0f min left%s\n", e->rate, e->images_per_second, left / 60,
         r->freeze >= (int64_t)epoch * r->steps && r->freeze < (int64_t)(epoch + 1) * r->steps
             ? "  activations are quantized from here on"
             : "");
  fflush(stdout);
}

int train_run(struct train_run *r, struct tetra_error *err) {
  struct batch b = {NULL, NULL, NULL, NULL};
  struct sigaction act, old;
  memset(&act, 0, sizeof act);
  act.sa_handler = on_interrupt;
  act.sa_flags = SA_RESETHAND; /* a second Ctrl-C ends the program at once */
  interrupted = 0;
  int rc = open_batch(r, &b, err);
  sigaction(SIGINT, &act, &old);
  while (rc == TETRA_OK && r->done < r->o->epochs) {
    rc = do_epoch(r, &b, r->done, err);
    if (rc != TETRA_OK || r->interrupted) break;
    rc = train_start_lost(r, r->done, err);
    if (rc != TETRA_OK) break;
    rc = keep_best(r, r->done, err);
    if (r->ranks.rank == 0) report(r, r->done);
    r->done++;
    if (rc == TETRA_OK && r->ranks.rank == 0) rc = train_checkpoint_write(r, err);
    rc = sim_ranks_agree(&r->ranks, rc, err);
  }
  sigaction(SIGINT, &old, NULL);
  close_batch(&b);
  return rc;
}
