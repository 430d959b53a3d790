/* Runs pieces of a network in child processes; what they find out comes back through shared memory. */
#include "run/pieces/pieces.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/jobs.h"
#include "base/status.h"

/* What a piece tells its parent beside its layers. */
struct finding {
  struct sim_piece piece;
  uint64_t after_end, counters[TETRA_CNT_NUM];
  enum sim_match match;
  struct sim_top top;
  int n_predictions, has_softmax;
  double probability[SIM_TOP];
};

/* Parent and children have it: memory is shared where the comment says so. */
struct crew {
  const struct sim_pieces *p;
  struct finding *findings; /* shared, one a piece */
  struct sim_layer *layers; /* shared, one an op of the whole */
  int *predictions;         /* shared, one an image */
  struct sim_observer observer;
  int piece, worst;
  double t0;
};

static struct finding *mine(const struct crew *c) { return &c->findings[c->piece]; }

static void on_layer(void *arg, const struct sim_results *r, int op) {
  const struct crew *c = arg;
  c->layers[mine(c)->piece.first + op] = r->layers[op];
  if (c->observer.on_layer != NULL) c->observer.on_layer(c->observer.arg, r, op);
}

static void on_difference(void *arg, const struct sim_results *r, const struct sim_mismatch *m) {
  const struct crew *c = arg;
  if (c->observer.on_difference != NULL) c->observer.on_difference(c->observer.arg, r, m);
}

static void on_progress(void *arg, const struct sim_results *r, uint64_t clocks) {
  (void)r;
  mine(arg)->piece.clocks = clocks;
}

/* --inject-weight-flip: for the piece that has the layer, by its number there. */
static int aim_flip(const struct crew *c, struct sim_options *o, char number[16], struct tetra_error *err) {
  int op;
  if (o->flip_layer == NULL) return TETRA_OK;
  const int rc = sim_part_find(&c->p->whole->part.g, "inject-weight-flip", o->flip_layer, &op, err);
  const struct sim_piece *piece = &mine(c)->piece;
  snprintf(number, 16, "%d", op - piece->first);
  o->flip_layer = rc == TETRA_OK && op >= piece->first && op <= piece->last ? number : NULL;
  return rc;
}

/* The cycle model of this piece as it ran. */
static int predict_piece(const struct sim_session *s, struct finding *f, struct tetra_error *err) {
  const struct tetra_memory_params mem = {s->o->bytes_per_cycle, s->o->latency};
  struct tetra_timing t;
  const int rc = tetra_timing_run(&s->plan, &mem, TETRA_TIMING_FAST, &t, err);
  if (rc == TETRA_OK) f->piece.model_cycles = t.cycles;
  tetra_timing_free(&t);
  return rc;
}

static void keep(const struct sim_session *s, struct finding *f, const struct crew *c) {
  const struct sim_results *r = &s->r;
  memcpy(&c->layers[f->piece.first], r->layers, (size_t)r->g->n_ops * sizeof *r->layers);
  f->piece.done = 1;
  f->piece.cycles = r->cycles;
  f->piece.clocks = r->clocks;
  f->after_end = r->after_end;
  memcpy(f->counters, r->counters, sizeof f->counters);
  f->top = r->top;
  f->has_softmax = r->has_softmax;
  memcpy(f->probability, r->probability, sizeof f->probability);
  f->n_predictions = r->n_predictions;
  if (r->n_predictions != 0) memcpy(c->predictions, r->predictions, (size_t)r->n_predictions * sizeof *r->predictions);
}

/* In the child; what goes wrong is said here. */
static int run_piece(struct crew *c) {
  struct sim_options o = *c->p->whole->o;
  char number[16];
  struct tetra_error err = {0, ""};
  struct sim_session s;
  struct finding *f = mine(c);
  const struct sim_observer observer = {.arg = c,
                                        .on_refusal = c->observer.on_refusal,
                                        .on_layer = on_layer,
                                        .on_difference = on_difference,
                                        .on_progress = on_progress};
  if (aim_flip(c, &o, number, &err) != TETRA_OK) return sim_complain(&err);
  int rc = sim_setup_piece(&s, c->p->whole, &o, f->piece.first, f->piece.last, &observer, &err);
  if (rc != TETRA_OK) return sim_complain(&err);
  rc = sim_simulate(&s, &err);
  f->match = s.r.match;
  const int simulated = rc == TETRA_OK;
  if (simulated) rc = predict_piece(&s, f, &err);
  if (rc == TETRA_OK) keep(&s, f, c);
  sim_teardown(&s);
  f->piece.user_seconds = sim_user_seconds();
  if (rc == TETRA_OK) return SIM_EXIT_GOOD;
  sim_complain(&err);
  return simulated || rc == TETRA_ENOMEM ? SIM_EXIT_BAD_INPUT : SIM_EXIT_DIFFERENT;
}

static int work(void *arg, int i) {
  struct crew *c = arg;
  c->piece = i;
  c->observer = *c->p->observer;
  return run_piece(c);
}

static void name(void *arg, int i, char *text, size_t size) {
  const struct crew *c = arg;
  const struct sim_piece *p = &c->findings[i].piece;
  const int first = c->p->whole->r.first;
  snprintf(text, size, "piece %d, layers %d..%d", i, first + p->first, first + p->last);
}

/* Layers so far. */
static void gather_layers(const struct crew *c) {
  struct sim_results *r = &c->p->whole->r;
  memcpy(r->layers, c->layers, (size_t)r->g->n_ops * sizeof *r->layers);
  r->n_done = 0;
  for (int i = 0; i < r->g->n_ops; i++) r->n_done += r->layers[i].done;
  r->seconds = sim_now() - c->t0;
}

static void tick(void *arg) {
  const struct crew *c = arg;
  uint64_t clocks = 0;
  if (c->p->tick == NULL) return;
  for (int i = 0; i < c->p->whole->r.n_pieces; i++) clocks += c->findings[i].piece.clocks;
  gather_layers(c);
  c->p->tick(c->p->arg, &c->p->whole->r, clocks);
}

static void finished(void *arg, int i, int code) {
  struct crew *c = arg;
  (void)i;
  if (code > c->worst) c->worst = code;
  if (c->p->piece_ended != NULL) c->p->piece_ended(c->p->arg);
}

static void done(void *arg, int i, int code) {
  struct crew *c = arg;
  (void)i;
  if (code > c->worst) c->worst = code; /* also where its output was lost */
}

/* What the pieces that ran to their ends found out. Of one that was killed nothing can be said to be equal. */
static void gather(const struct crew *c) {
  struct sim_results *r = &c->p->whole->r;
  int all = 1;
  gather_layers(c);
  for (int i = 0; i < r->n_pieces; i++) {
    const struct finding *f = &c->findings[i];
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

static int run_all(struct crew *c, struct tetra_error *err) {
  const struct sim_results *r = &c->p->whole->r;
  const struct sim_jobs jobs = {.n = r->n_pieces,
                                .at_once = c->p->at_once,
                                .work = work,
                                .done = done,
                                .finished = finished,
                                .name = name,
                                .tick = tick,
                                .arg = c};
  for (int i = 0; i < r->n_pieces; i++)
    c->findings[i] = (struct finding){.piece = r->pieces[i], .match = SIM_UNCHECKED};
  for (int i = 0; i < r->g->n_ops; i++) c->layers[i] = (struct sim_layer){.match = SIM_UNCHECKED};
  c->t0 = sim_now();
  const int rc = sim_jobs_run(&jobs, err);
  gather(c);
  return rc == TETRA_OK ? c->worst : SIM_EXIT_BAD_INPUT;
}

int sim_pieces_run(const struct sim_pieces *p, const struct sim_span *spans, int n, struct tetra_error *err) {
  struct sim_results *r = &p->whole->r;
  const size_t findings = (size_t)n * sizeof(struct finding), layers = (size_t)r->g->n_ops * sizeof(struct sim_layer);
  const size_t images = (size_t)sim_batch(r) * sizeof(int);
  struct crew c = {.p = p};
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
    code = run_all(&c, err);
  }
  sim_jobs_unshare(c.findings, findings);
  sim_jobs_unshare(c.layers, layers);
  sim_jobs_unshare(c.predictions, images);
  return code;
}
