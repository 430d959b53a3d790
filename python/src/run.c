/* Simulations for Python. */
#include <stdio.h>
#include <string.h>

#include "binding.h"
#include "cli/outputs.h"
#include "files/source.h"
#include "report/json_text.h"
#include "run/output.h"
#include "run/session.h"
#include "tetra/threads.h"
#include "tetra/timing.h"

/* What the observer needs. */
struct watch {
  struct sim_session *s;
  tetra_py_progress progress;
  int stopped;          /* by progress */
  char difference[256]; /* of the first tensor that differs; "" */
};

static void tell(struct watch *w, const struct sim_results *r, const char *layer, uint64_t clocks) {
  if (w->progress == NULL || w->progress(r->n_done, r->g->n_ops, layer, clocks) == 0) return;
  w->stopped = w->s->hal.abort = 1;
}

static void on_layer(void *arg, const struct sim_results *r, int i) {
  struct watch *w = arg;
  tell(w, r, r->g->ops[i].name, w->s->rtl.cycles(w->s->rtl.self));
}

static void on_progress(void *arg, const struct sim_results *r, uint64_t clocks) { tell(arg, r, NULL, clocks); }

static void on_difference(void *arg, const struct sim_results *r, const struct sim_mismatch *m) {
  struct watch *w = arg;
  const struct sim_difference *e = &m->shown[0];
  snprintf(
      w->difference, sizeof w->difference,
      "layer '%.60s' differs in %lld of %lld codes: image %d y %d x %d channel %d is %d in the RTL, %d in the C model",
      r->g->ops[m->op].name, (long long)m->count, (long long)m->total, e->n, e->y, e->x, e->c, e->rtl, e->golden);
}

static int add_model(struct sim_session *s, struct tetra_error *err) {
  const struct tetra_memory_params mem = {s->o->bytes_per_cycle, s->o->latency};
  struct tetra_timing t = {0};
  if (s->o->stall != 0) return TETRA_OK;
  int rc = tetra_timing_run(&s->plan, &mem, TETRA_TIMING_FAST, &t, err);
  if (rc == TETRA_OK) rc = sim_results_add_model(&s->r, &t, err);
  tetra_timing_free(&t);
  return rc;
}

static int simulate(struct sim_session *s, const struct watch *w, char **json, struct tetra_error *err) {
  struct sim_capture capture;
  s->capture_count = sim_session_images(s);
  const struct sim_captured of = {&s->part.g, &s->plan, &s->source.m, sim_session_tail(s)};
  int rc = sim_capture_open(&capture, s->o, &of, s->capture_count, err);
  if (rc != TETRA_OK) return rc;
  s->capture = &capture;
  rc = sim_simulate(s, err);
  if (rc == TETRA_EDIFF && w->difference[0] != '\0') tetra_fail(err, rc, "%s", w->difference);
  if (rc != TETRA_OK && w->stopped) rc = tetra_fail(err, rc, "stopped by the progress function");
  if (rc == TETRA_OK) rc = sim_capture_deliver(&capture, err);
  if (rc == TETRA_OK) rc = add_model(s, err);
  if (rc == TETRA_OK) rc = sim_json_text_of(&s->r, json, err);
  sim_capture_close(&capture);
  return rc;
}

int tetra_py_simulate(int argc, const char *const *argv, tetra_py_progress progress, char **json, char *error,
                      int size) {
  struct tetra_error err = {0, ""};
  struct binding_options b;
  struct sim_session s;
  struct watch w = {&s, progress, 0, ""};
  const struct sim_observer observer = {
      .arg = &w, .on_layer = on_layer, .on_difference = on_difference, .on_progress = on_progress};
  *json = NULL;
  tetra_blas_use_one_thread();
  int rc = binding_options_open(&b, argc, argv, &err);
  if (rc == TETRA_OK) {
    rc = sim_wants_images(&b.o)
             ? tetra_fail(&err, TETRA_EINVAL, "one run on the RTL is accepted: as many images as the batch has")
             : sim_outputs_check(&b.o, &err);
    if (rc == TETRA_OK) rc = sim_setup(&s, &b.o, &observer, &err);
    if (rc == TETRA_OK) {
      rc = simulate(&s, &w, json, &err);
      sim_teardown(&s);
    }
    binding_options_close(&b);
  }
  if (rc != TETRA_OK) snprintf(error, (size_t)size, "%s", err.msg);
  return rc;
}
