/* A network over many images: accuracy where there are labels, predictions otherwise. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/runner.h"
#include "base/clock.h"
#include "base/outfile.h"
#include "base/status.h"

struct images {
  struct sim_runner runner;
  struct sim_tally tally;
};

static int work(void *arg, int b, struct sim_outcome *out, int *n, struct tetra_error *err) {
  struct images *s = arg;
  const int first = b * s->runner.batch, left = s->tally.n - first;
  *n = left < s->runner.batch ? left : s->runner.batch;
  return sim_runner_run(&s->runner, first, *n, out, err);
}

static void on_outcome(void *arg, const struct sim_outcome *o) { sim_tally_add(&((struct images *)arg)->tally, o); }

static void on_tick(void *arg) { sim_tally_progress(&((struct images *)arg)->tally, 0); }

static int prepare(struct images *s, const struct sim_options *o, int **labels, struct tetra_error *err) {
  struct sim_tally *t = &s->tally;
  t->n = s->runner.source->n;
  if (o->limit != 0 && o->limit < t->n) t->n = o->limit;
  if (o->labels != NULL) {
    const int rc = sim_labels_read(o->labels, t->n, labels, err);
    if (rc != TETRA_OK) return rc;
  }
  t->o = o;
  t->labels = *labels;
  t->tty = isatty(STDOUT_FILENO);
  t->predictions = malloc((size_t)t->n * sizeof *t->predictions);
  if (t->predictions == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d predictions", t->n);
  for (int i = 0; i < t->n; i++) t->predictions[i] = -1;
  return TETRA_OK;
}

static int run_all(struct images *s, const struct sim_options *o, struct tetra_error *err) {
  struct sim_pool pool = {.work = work, .outcome = on_outcome, .tick = on_tick, .arg = s};
  pool.n_blocks = (s->tally.n + s->runner.batch - 1) / s->runner.batch;
  pool.n_workers = (int)o->jobs < pool.n_blocks ? (int)o->jobs : pool.n_blocks;
  s->tally.t0 = sim_now();
  const int rc = sim_pool_run(&pool, &s->tally.interrupted, err);
  s->tally.seconds = sim_now() - s->tally.t0;
  return rc;
}

static int finish(struct images *s, int rc, struct tetra_error *err) {
  const struct sim_options *o = s->tally.o;
  sim_tally_progress(&s->tally, 1);
  sim_tally_report(&s->tally);
  int code = rc == TETRA_OK ? (s->tally.interrupted ? SIM_EXIT_INTERRUPTED : SIM_EXIT_GOOD) : SIM_EXIT_BAD_INPUT;
  if (rc == TETRA_EDIFF || rc == TETRA_EHW || rc == TETRA_ETIMEOUT) code = SIM_EXIT_DIFFERENT;
  if (rc != TETRA_OK) {
    sim_complain(err);
  }
  if (o->json != NULL && sim_tally_json(&s->tally, o->json, err) != TETRA_OK) code = sim_complain(err);
  return code;
}

int sim_run_images(const struct sim_options *given) {
  struct tetra_error err = {0, ""};
  struct images s;
  int *labels = NULL;
  struct sim_options quiet = *given;
  quiet.quiet = 1; /* of the layers; the tally has the user's options */
  memset(&s, 0, sizeof s);
  int rc = given->json == NULL ? TETRA_OK : sim_outfile_probe("--json", given->json, &err);
  if (rc == TETRA_OK) rc = sim_runner_open(&s.runner, &quiet, &err);
  const int opened = rc == TETRA_OK;
  if (opened) rc = prepare(&s, given, &labels, &err);
  int code = SIM_EXIT_BAD_INPUT;
  if (rc == TETRA_OK) {
    sim_tally_header(&s.runner, &s.tally);
    rc = run_all(&s, given, &err);
    code = finish(&s, rc, &err);
  } else {
    sim_complain(&err);
  }
  if (opened) sim_runner_close(&s.runner);
  free(s.tally.predictions);
  free(labels);
  return code;
}
