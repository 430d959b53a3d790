/* Sets a piece up, runs it, and keeps what it found out. */
#include "run/pieces/piece.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"

static struct sim_finding *mine(const struct sim_crew *c) { return &c->findings[c->piece]; }

static void on_layer(void *arg, const struct sim_results *r, int op) {
  const struct sim_crew *c = arg;
  c->layers[mine(c)->piece.first + op] = r->layers[op];
  if (c->observer->on_layer != NULL) c->observer->on_layer(c->observer->arg, r, op);
}

static void on_difference(void *arg, const struct sim_results *r, const struct sim_mismatch *m) {
  const struct sim_crew *c = arg;
  if (c->observer->on_difference != NULL) c->observer->on_difference(c->observer->arg, r, m);
}

static void on_progress(void *arg, const struct sim_results *r, uint64_t clocks) {
  struct sim_crew *c = arg;
  (void)r;
  mine(c)->piece.clocks = clocks;
  if (c->watch != NULL) c->watch(c);
}

/* --inject-weight-flip: for the piece that has the layer, by its number there. */
static int aim_flip(const struct sim_crew *c, struct sim_options *o, char number[16], struct tetra_error *err) {
  int op;
  if (o->flip_layer == NULL) return TETRA_OK;
  const int rc = sim_part_find(&c->whole->part.g, "inject-weight-flip", o->flip_layer, &op, err);
  const struct sim_piece *piece = &mine(c)->piece;
  snprintf(number, 16, "%d", op - piece->first);
  o->flip_layer = rc == TETRA_OK && op >= piece->first && op <= piece->last ? number : NULL;
  return rc;
}

/* The cycle model of this piece as it ran. */
static int predict(const struct sim_session *s, struct sim_finding *f, struct tetra_error *err) {
  const struct tetra_memory_params mem = {s->o->bytes_per_cycle, s->o->latency};
  struct tetra_timing t;
  const int rc = tetra_timing_run(&s->plan, &mem, TETRA_TIMING_FAST, &t, err);
  if (rc == TETRA_OK) f->piece.model_cycles = t.cycles;
  tetra_timing_free(&t);
  return rc;
}

static void keep(const struct sim_session *s, struct sim_finding *f, const struct sim_crew *c) {
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

static int run(struct sim_crew *c, struct sim_finding *f, const struct sim_options *o) {
  struct sim_session s;
  const struct sim_observer observer = {.arg = c,
                                        .on_refusal = c->observer->on_refusal,
                                        .on_layer = on_layer,
                                        .on_difference = on_difference,
                                        .on_progress = on_progress};
  int rc = sim_setup_piece(&s, c->whole, o, f->piece.first, f->piece.last, &observer, &f->err);
  if (rc != TETRA_OK) return SIM_EXIT_BAD_INPUT;
  f->started = 1;
  rc = sim_simulate(&s, &f->err);
  f->match = s.r.match;
  const int simulated = rc == TETRA_OK;
  if (simulated) rc = predict(&s, f, &f->err);
  if (rc == TETRA_OK) keep(&s, f, c);
  sim_teardown(&s);
  if (rc == TETRA_OK) return SIM_EXIT_GOOD;
  return simulated || rc == TETRA_ENOMEM ? SIM_EXIT_BAD_INPUT : SIM_EXIT_DIFFERENT;
}

void sim_piece_run(struct sim_crew *c) {
  const double before = sim_user_seconds();
  struct sim_options o = *c->whole->o;
  struct sim_finding *f = mine(c);
  char number[16];
  f->code = aim_flip(c, &o, number, &f->err) == TETRA_OK ? run(c, f, &o) : SIM_EXIT_BAD_INPUT;
  f->piece.user_seconds = sim_user_seconds() - before;
}

void sim_piece_name(const struct sim_crew *c, int i, char *text, size_t size) {
  const struct sim_piece *p = &c->findings[i].piece;
  const int first = c->whole->r.first;
  snprintf(text, size, "piece %d, layers %d..%d", i, first + p->first, first + p->last);
}
