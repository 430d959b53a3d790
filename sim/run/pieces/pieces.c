/* Runs pieces of a network, in child processes, from which what they find out comes back through shared memory, or over
 * MPI ranks. */
#include "run/pieces/pieces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/jobs.h"
#include "base/status.h"
#include "run/pieces/piece.h"
#include "run/pieces/ranks.h"

static int work(void *arg, int i) {
  struct sim_crew *c = arg;
  c->piece = i;
  sim_piece_run(c);
  return c->findings[i].code;
}

static void name(void *arg, int i, char *text, size_t size) { sim_piece_name(arg, i, text, size); }

/* Layers so far. */
static void gather_layers(const struct sim_crew *c) {
  struct sim_results *r = &c->whole->r;
  memcpy(r->layers, c->layers, (size_t)r->g->n_ops * sizeof *r->layers);
  r->n_done = 0;
  for (int i = 0; i < r->g->n_ops; i++) r->n_done += r->layers[i].done;
  r->seconds = sim_now() - c->t0;
}

static void watch(struct sim_crew *c) {
  uint64_t clocks = 0;
  if (c->tick == NULL) return;
  for (int i = 0; i < c->whole->r.n_pieces; i++) clocks += c->findings[i].piece.clocks;
  gather_layers(c);
  c->tick(c->arg, &c->whole->r, clocks);
}

static void tick(void *arg) { watch(arg); }

/* What went wrong on the RTL, behind what the piece printed. */
static void say_error(const struct sim_crew *c, int i) {
  const struct sim_finding *f = &c->findings[i];
  char text[64];
  if (!f->started || f->err.code == TETRA_OK) return;
  sim_piece_name(c, i, text, sizeof text);
  fprintf(stderr, "sim: %s: %s\n", text, f->err.msg);
}

static void finished(void *arg, int i, int code) {
  struct sim_crew *c = arg;
  (void)i;
  if (code > c->worst) c->worst = code;
  if (c->piece_ended != NULL) c->piece_ended(c->arg);
}

static void done(void *arg, int i, int code) {
  struct sim_crew *c = arg;
  if (code > c->worst) c->worst = code; /* also where its output was lost */
  say_error(c, i);
}

/* What the pieces that ran to their ends found out. Of one that was killed nothing can be said to be equal. */
static void gather(const struct sim_crew *c) {
  struct sim_results *r = &c->whole->r;
  int all = 1;
  gather_layers(c);
  for (int i = 0; i < r->n_pieces; i++) {
    const struct sim_finding *f = &c->findings[i];
    r->pieces[i] = f->piece;
    r->clocks += f->piece.clocks;
    all = all && f->piece.done;
    if (f->match == SIM_DIFFERENT || r->match == SIM_UNCHECKED) r->match = f->match;
    if (!f->piece.done) continue;
    r->cycles += f->piece.cycles;
    r->after_end = f->after_end;
    for (int k = 0; k < TETRA_CNT_NUM; k++) r->counters[k] += f->counters[k];
    if (f->n_predictions == 0) continue;
    r->top = f->top;
    r->has_softmax = f->has_softmax;
    memcpy(r->probability, f->probability, sizeof r->probability);
    r->n_predictions = f->n_predictions;
    memcpy(r->predictions, c->predictions, (size_t)f->n_predictions * sizeof *r->predictions);
  }
  if (!all && r->match == SIM_EQUAL) r->match = SIM_UNCHECKED;
}

int sim_pieces_predict(struct sim_session *whole, struct tetra_error *err) {
  const struct tetra_memory_params mem = {whole->o->bytes_per_cycle, whole->o->latency};
  struct tetra_timing t;
  int rc = tetra_timing_run(&whole->plan, &mem, TETRA_TIMING_FAST, &t, err);
  if (rc == TETRA_OK) rc = sim_results_add_model(&whole->r, &t, err);
  tetra_timing_free(&t);
  return rc;
}

static int run_in_children(struct sim_crew *c, int at_once, struct tetra_error *err) {
  const struct sim_jobs jobs = {.n = c->whole->r.n_pieces,
                                .at_once = at_once,
                                .work = work,
                                .done = done,
                                .finished = finished,
                                .name = name,
                                .tick = tick,
                                .arg = c};
  return sim_jobs_run(&jobs, err);
}

static int run_over_ranks(struct sim_crew *c, struct tetra_error *err) {
  const int rc = sim_crew_over_ranks(c, err);
  for (int i = 0; i < c->whole->r.n_pieces && rc == TETRA_OK && c->rank == 0; i++) {
    if (c->findings[i].code > c->worst) c->worst = c->findings[i].code;
    say_error(c, i);
  }
  return rc;
}

/* Pieces that could not even be set up mostly have the same reason. TETRA_OK: some ran, and the other reasons have been
 * said, each once. */
static int check_started(const struct sim_crew *c, struct tetra_error *err) {
  const int n = c->whole->r.n_pieces;
  int started = 0, first = -1;
  for (int i = n - 1; i >= 0; i--) {
    const struct sim_finding *f = &c->findings[i];
    const int failed = !f->started && f->err.code != TETRA_OK;
    started |= !failed;
    if (failed) first = i;
  }
  if (!started && first >= 0) {
    *err = c->findings[first].err;
    return err->code;
  }
  for (int i = first; i >= 0 && i < n; i++) {
    const struct sim_finding *f = &c->findings[i];
    char text[64];
    int k = 0;
    if (f->started || f->err.code == TETRA_OK) continue;
    while (k < i && (c->findings[k].started || strcmp(c->findings[k].err.msg, f->err.msg) != 0)) k++;
    if (k < i) continue;
    sim_piece_name(c, i, text, sizeof text);
    fprintf(stderr, "sim: %s could not begin: %s\n", text, f->err.msg);
  }
  return TETRA_OK;
}

static int run_all(struct sim_crew *c, int at_once, struct tetra_error *err) {
  const struct sim_results *r = &c->whole->r;
  for (int i = 0; i < r->n_pieces; i++)
    c->findings[i] = (struct sim_finding){.piece = r->pieces[i], .match = SIM_UNCHECKED};
  for (int i = 0; i < r->g->n_ops; i++) c->layers[i] = (struct sim_layer){.match = SIM_UNCHECKED};
  c->t0 = sim_now();
  int rc = c->size > 1 ? run_over_ranks(c, err) : run_in_children(c, at_once, err);
  if (rc == TETRA_OK && c->rank == 0) rc = check_started(c, err);
  gather(c);
  return rc == TETRA_OK ? c->worst : SIM_EXIT_BAD_INPUT;
}

int sim_pieces_run(const struct sim_pieces *p, const struct sim_span *spans, int n, struct tetra_error *err) {
  struct sim_results *r = &p->whole->r;
  const size_t findings = (size_t)n * sizeof(struct sim_finding),
               layers = (size_t)r->g->n_ops * sizeof(struct sim_layer);
  const size_t images = (size_t)sim_batch(r) * sizeof(int);
  struct sim_crew c = {.whole = p->whole,
                       .observer = p->observer,
                       .rank = p->rank,
                       .size = p->size,
                       .watch = p->size > 1 && p->rank == 0 ? watch : NULL,
                       .tick = p->tick,
                       .piece_ended = p->piece_ended,
                       .arg = p->arg};
  r->pieces = calloc((size_t)n, sizeof *r->pieces);
  r->n_pieces = n;
  c.findings = sim_jobs_share(findings);
  c.layers = sim_jobs_share(layers);
  c.predictions = sim_jobs_share(images);
  int code = SIM_EXIT_BAD_INPUT;
  if (r->pieces == NULL || c.findings == NULL || c.layers == NULL || c.predictions == NULL) {
    r->n_pieces = 0;
    tetra_fail(err, TETRA_ENOMEM, "no memory for %d pieces", n);
  } else {
    for (int i = 0; i < n; i++) r->pieces[i] = (struct sim_piece){.first = spans[i].first, .last = spans[i].last};
    code = run_all(&c, p->at_once, err);
  }
  sim_jobs_unshare(c.findings, findings);
  sim_jobs_unshare(c.layers, layers);
  sim_jobs_unshare(c.predictions, images);
  return code;
}
