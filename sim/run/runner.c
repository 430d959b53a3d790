/* Images through a session on the RTL, or in batches through the C model. */
#include "run/runner.h"

#include <stdlib.h>
#include <string.h>

#include "run/output.h"
#include "run/pool.h"
#include "run/softmax.h"
#include "tetra/threads.h"
#include "tetra/ceil_div.h"

#define FAST_BATCH_BYTES (8u << 20) /* of all values of a batch: a cache holds what an operation reads and writes */
#define FAST_BATCH_IMAGES 64

static uint64_t value_bytes(const struct tetra_graph *g) {
  uint64_t bytes = 0;
  for (int v = 0; v < g->n_values; v++) {
    const struct tetra_desc *d = &g->values[v].d;
    bytes += (uint64_t)d->n * (uint64_t)d->h * (uint64_t)d->w * (uint64_t)d->c;
  }
  return bytes;
}

static int wanted_images(const struct sim_source *s, const struct sim_options *o) {
  return o->limit != 0 && o->limit < s->n ? o->limit : s->n;
}

/* Images at once: as many as keep the tensors small, no more than there are. */
static int choose_batch(const struct sim_source *one, const struct sim_options *o) {
  const int wanted = wanted_images(one, o);
  const uint64_t room = FAST_BATCH_BYTES / (value_bytes(&one->m.graph) + 1);
  int batch = FAST_BATCH_IMAGES;
  if ((uint64_t)batch > room) batch = room < 1 ? 1 : (int)room;
  const int share = tetra_ceil_div(wanted, (int)o->jobs);
  return batch < share ? batch : share;
}

/* Each of the processes has its share of the processors. */
static int threads_of(const struct sim_runner *r) {
  const int all = r->o->net.threads > 0 ? r->o->net.threads : tetra_usable_processors();
  const int blocks = tetra_ceil_div(wanted_images(r->source, r->o), r->batch);
  const int jobs = (int)r->o->jobs < blocks ? (int)r->o->jobs : blocks;
  return all / jobs < 1 ? 1 : all / jobs;
}

static int open_graph(struct sim_runner *r, const struct sim_notes *notes, struct tetra_error *err) {
  r->source = &r->own_source;
  int rc = sim_source_open(r->source, r->o, r->o->net.batch, notes, err);
  if (rc != TETRA_OK) return rc;
  r->batch = sim_source_batch(r->source); /* a file's own, or the user's */
  const int chosen = r->o->backend == SIM_BACKEND_FAST && r->batch == 1 && !r->o->batch_given
                         ? choose_batch(r->source, r->o)
                         : r->batch;
  if (chosen != r->batch) {
    sim_source_close(r->source);
    rc = sim_source_open(r->source, r->o, chosen, &(struct sim_notes){NULL, NULL}, err); /* they were said */
    if (rc != TETRA_OK) return rc;
    r->batch = sim_source_batch(r->source);
  }
  const struct tetra_graph *g = &r->source->m.graph;
  r->tensors = calloc((size_t)g->n_values, sizeof *r->tensors);
  if (r->tensors == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d tensors", g->n_values);
  rc = tetra_tensor_init(&r->tensors[g->input], &g->values[g->input].d, err);
  const struct tetra_exec_options how = {.threads = threads_of(r)};
  if (rc == TETRA_OK && r->o->backend == SIM_BACKEND_FAST) rc = tetra_exec_open(&r->exec, g, &how, err);
  return rc;
}

int sim_runner_open(struct sim_runner *r, const struct sim_options *o, const struct sim_observer *observer,
                    struct tetra_error *err) {
  memset(r, 0, sizeof *r);
  r->o = o;
  r->batch = 1;
  int rc;
  if (o->backend == SIM_BACKEND_RTL) {
    rc = sim_setup(&r->session, o, observer, err);
    r->source = &r->session.source;
    if (rc == TETRA_OK) r->batch = sim_source_batch(r->source);
  } else {
    const struct sim_notes notes = {observer == NULL ? NULL : observer->on_refusal,
                                    observer == NULL ? NULL : observer->arg};
    rc = open_graph(r, &notes, err);
    if (rc != TETRA_OK) sim_runner_close(r);
  }
  return rc;
}

static const struct tetra_model *tail_of(const struct sim_source *s) { return s->m.tail == NULL ? NULL : &s->m; }

int sim_runner_capture(struct sim_runner *r, int images, struct tetra_error *err) {
  const int rtl = r->o->backend == SIM_BACKEND_RTL;
  const struct tetra_graph *g = rtl ? &r->session.part.g : &r->source->m.graph;
  const struct tetra_model *tail = rtl ? sim_session_tail(&r->session) : tail_of(r->source);
  const struct sim_captured of = {g, rtl ? &r->session.plan : NULL, &r->source->m, tail};
  return sim_capture_open(&r->capture, r->o, &of, images, err);
}

void sim_runner_close(struct sim_runner *r) {
  sim_capture_close(&r->capture);
  if (r->o->backend == SIM_BACKEND_RTL) {
    sim_teardown(&r->session);
    return;
  }
  for (int v = 0; r->tensors != NULL && v < r->source->m.graph.n_values; v++) tetra_tensor_free(&r->tensors[v]);
  free(r->tensors);
  tetra_exec_close(r->exec);
  r->exec = NULL;
  r->tensors = NULL;
  sim_source_close(&r->own_source);
}

static int capture_all(struct sim_runner *r, int first, int count, struct tetra_error *err) {
  int rc = TETRA_OK;
  for (int v = 0; v < r->source->m.graph.n_values && rc == TETRA_OK; v++) {
    rc = sim_capture_write(&r->capture, v, &r->tensors[v], first, count, err);
  }
  return rc;
}

/* What an image's outcome says of its classes. `output` and `reals` are those of the batch. */
static int find_classes(const struct sim_runner *r, struct tetra_tensor *output, const struct sim_reals *reals, int i,
                        struct sim_outcome *out, struct tetra_error *err) {
  const struct tetra_model *m = &r->source->m;
  sim_find_top(reals, i, &out->top);
  if (m->host_softmax == TETRA_SOFTMAX_NONE) return TETRA_OK;
  double *p = calloc((size_t)reals->classes, sizeof *p);
  if (p == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the softmax");
  sim_softmax(m, r->o->tflite_rounding == TETRA_TFLITE_SINGLE, output, reals, i, p);
  for (int k = 0; k < out->top.n; k++) out->probability[k] = p[out->top.cls[k]];
  out->has_softmax = 1;
  free(p);
  return TETRA_OK;
}

static int run_graph(struct sim_runner *r, int first, int count, struct sim_outcome *out, struct tetra_error *err) {
  const struct tetra_graph *g = &r->source->m.graph;
  int rc = sim_source_fill(r->source, first, &r->tensors[g->input], err);
  if (rc == TETRA_OK) {
    rc = r->exec != NULL ? tetra_exec_run(r->exec, r->tensors, err)
                         : tetra_run_graph(g, r->tensors, TETRA_REFERENCE, err);
  }
  struct sim_reals reals = {0};
  if (rc == TETRA_OK) rc = capture_all(r, first, count, err);
  if (rc == TETRA_OK) rc = sim_find_reals(tail_of(r->source), &r->tensors[g->output], &reals, err);
  for (int i = 0; i < count && rc == TETRA_OK; i++) {
    out[i] = (struct sim_outcome){.image = first + i};
    rc = find_classes(r, &r->tensors[g->output], &reals, i, &out[i], err);
  }
  free(reals.v);
  return rc;
}

static int run_rtl(struct sim_runner *r, int first, int count, struct sim_outcome *out, struct tetra_error *err) {
  struct sim_session *s = &r->session;
  struct tetra_tensor result;
  struct sim_reals reals = {0};
  s->capture = &r->capture;
  s->capture_first = first;
  s->capture_count = count;
  int rc = sim_feed(s, first, err);
  if (rc == TETRA_OK) rc = sim_simulate(s, err);
  if (rc == TETRA_OK) rc = sim_read_output(s, &result, err);
  if (rc != TETRA_OK) return rc;
  rc = sim_find_reals(sim_session_tail(s), &result, &reals, err);
  const uint64_t batch = (uint64_t)r->batch, cycles = s->r.cycles;
  for (int i = 0; i < count && rc == TETRA_OK; i++) {
    const uint64_t k = (uint64_t)i;
    out[i] = (struct sim_outcome){.image = first + i, .compared = s->r.match == SIM_EQUAL};
    out[i].cycles = cycles * (k + 1) / batch - cycles * k / batch; /* shares that add up to the batch's */
    rc = find_classes(r, &result, &reals, i, &out[i], err);
  }
  free(reals.v);
  tetra_tensor_free(&result);
  return rc;
}

int sim_runner_run(struct sim_runner *r, int first, int count, struct sim_outcome *out, struct tetra_error *err) {
  return r->o->backend == SIM_BACKEND_RTL ? run_rtl(r, first, count, out, err) : run_graph(r, first, count, out, err);
}
