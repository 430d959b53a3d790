/* A network over many images: accuracy where there are labels, predictions otherwise. */
#include "commands/images.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mpi.h"
#include "base/notes.h"
#include "base/status.h"
#include "cli/outputs.h"
#include "commands/ranks.h"
#include "report/tally.h"
#include "report/text.h"
#include "run/pool.h"
#include "run/runner.h"
#include "tetra/threads.h"
#include "tetra/ceil_div.h"

struct images {
  struct sim_ranks ranks;
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
    const int rc = sim_labels_read(o->labels, o->skip + t->n, sim_source_classes(s->runner.source), labels, err);
    if (rc != TETRA_OK) return rc;
  }
  t->o = o;
  t->labels = *labels == NULL ? NULL : *labels + o->skip;
  t->classes = &s->runner.source->classes;
  t->tty = sim_mpi_terminal();
  t->predictions = malloc((size_t)t->n * sizeof *t->predictions);
  if (t->predictions == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d predictions", t->n);
  for (int i = 0; i < t->n; i++) t->predictions[i] = -1;
  if (o->reports[SIM_REPORT_json] == NULL) return TETRA_OK;
  t->outcomes = calloc((size_t)t->n, sizeof *t->outcomes);
  if (t->outcomes == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d outcomes", t->n);
  return TETRA_OK;
}

static int run_all(struct images *s, const struct sim_options *o, struct tetra_error *err) {
  struct sim_pool pool = {.block = s->runner.batch, .work = work, .outcome = on_outcome, .tick = on_tick, .arg = s};
  pool.n_blocks = tetra_ceil_div(s->tally.n, s->runner.batch);
  pool.n_workers = (int)o->jobs < pool.n_blocks ? (int)o->jobs : pool.n_blocks;
  s->tally.t0 = sim_now();
  const int rc = s->ranks.size > 1 ? sim_ranks_run(&s->ranks, &pool, err) : sim_pool_run(&pool, &s->tally.end, err);
  s->tally.different = rc == TETRA_EDIFF || rc == TETRA_EHW || rc == TETRA_ETIMEOUT;
  s->tally.seconds = sim_now() - s->tally.t0;
  return rc;
}

static int exit_code(const struct sim_tally *t, int rc) {
  if (t->end == SIM_POOL_KILLED) return SIM_EXIT_CRASHED;
  if (t->different) return SIM_EXIT_DIFFERENT;
  if (rc != TETRA_OK) return SIM_EXIT_BAD_INPUT;
  return t->end == SIM_POOL_INTERRUPTED ? SIM_EXIT_INTERRUPTED : SIM_EXIT_GOOD;
}

static int finish(struct images *s, int rc, struct tetra_error *err) {
  const struct sim_options *o = s->tally.o;
  if (s->ranks.rank != 0) return exit_code(&s->tally, rc); /* rank 0 has it all */
  sim_tally_progress(&s->tally, 1);
  sim_tally_report(&s->tally);
  int code = exit_code(&s->tally, rc);
  if (rc != TETRA_OK) {
    sim_complain(err);
  } else if (code == SIM_EXIT_GOOD && sim_capture_deliver(&s->runner.capture, err) != TETRA_OK) {
    code = sim_complain(err);
  }
  if (o->reports[SIM_REPORT_json] != NULL && sim_tally_json(&s->tally, o->reports[SIM_REPORT_json], err) != TETRA_OK)
    code = sim_complain(err);
  return code;
}

static int check_options(const struct sim_options *o, struct tetra_error *err) {
  for (int i = 0; i < SIM_REPORTS; i++) {
    if (i == SIM_REPORT_json || o->reports[i] == NULL) continue;
    return tetra_fail(err, TETRA_EINVAL, "%s is accepted with one image on the RTL, or with --model, only",
                      sim_report_option((enum sim_report)i));
  }
  if (o->energy != NULL)
    return tetra_fail(err, TETRA_EINVAL, "--energy is accepted with one image on the RTL, or with --model, only");
  if (o->timeline == NULL && o->cycles == SIM_CYCLES_RTL) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "--%s is accepted with one image on the RTL only",
                    o->timeline != NULL ? "timeline" : "compare-model");
}

/* The fast path works best on one image a processor; the RTL takes a processor and much memory for each. */
static unsigned default_jobs(const struct sim_options *o) {
  if (o->backend != SIM_BACKEND_FAST) return 1;
  return (unsigned)(o->net.threads > 0 ? o->net.threads : tetra_usable_processors());
}

/* Each rank is one process, and has no file that the others could write into, too. */
static int check_ranks(const struct sim_options *o, struct tetra_error *err) {
  const char *option = o->jobs != 0 ? "--jobs" : o->n_tensors != 0 ? sim_tensor_option(&o->tensors[0]) : NULL;
  if (o->dump_tensors != NULL) option = "--dump-tensors";
  if (option == NULL) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "%s is not accepted under mpirun", option);
}

/* Everything before the first image. `observer` and files are rank 0's. */
static int open_all(struct images *s, const struct sim_options *given, const struct sim_options *quiet,
                    const struct sim_options *loud, const struct sim_observer *observer, int **labels, int *opened,
                    struct tetra_error *err) {
  const int first = s->ranks.rank == 0;
  int rc = check_options(given, err);
  if (rc == TETRA_OK && s->ranks.size > 1) rc = check_ranks(given, err);
  if (rc == TETRA_OK && first) rc = sim_outputs_check(given, err);
  if (rc == TETRA_OK) rc = sim_runner_open(&s->runner, quiet, first ? observer : NULL, err);
  *opened = rc == TETRA_OK;
  if (*opened) rc = prepare(s, loud, labels, err);
  if (rc == TETRA_OK) rc = sim_runner_capture(&s->runner, s->tally.n, err);
  return sim_ranks_agree(&s->ranks, rc, err);
}

static int run_images(struct images *s, const struct sim_options *given, struct tetra_error *err) {
  struct sim_text text;
  int *labels = NULL, opened = 0, code = SIM_EXIT_BAD_INPUT;
  struct sim_options loud = *given;
  if (loud.jobs == 0) loud.jobs = s->ranks.size > 1 ? (unsigned)s->ranks.size : default_jobs(given);
  struct sim_options quiet = loud;
  quiet.quiet = 1; /* of the layers; the tally has the user's options */
  sim_text_begin(&text, &quiet);
  const struct sim_observer observer = sim_text_observer(&text);
  int rc = open_all(s, given, &quiet, &loud, &observer, &labels, &opened, err);
  if (rc == TETRA_OK) {
    if (s->ranks.rank == 0) {
      sim_source_note_names(s->runner.source, &(struct sim_notes){sim_note, NULL});
      sim_tally_header(&s->tally, s->runner.source, s->runner.batch);
    }
    rc = run_all(s, &loud, err);
    code = finish(s, rc, err);
  } else if (s->ranks.rank == 0) {
    sim_complain(err);
  }
  if (opened) sim_runner_close(&s->runner);
  free(s->tally.predictions);
  free(s->tally.outcomes);
  free(labels);
  return code;
}

int sim_images_run(const struct sim_options *given) {
  struct tetra_error err = {0, ""};
  struct images s;
  memset(&s, 0, sizeof s);
  int code = sim_ranks_begin(&s.ranks);
  if (code != SIM_EXIT_GOOD) return code;
  code = run_images(&s, given, &err);
  sim_ranks_end(&s.ranks);
  return code;
}
