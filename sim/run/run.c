/* One run, from the doorbell to the counters: compares each layer when it completes and tells the observer. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "run/check.h"
#include "run/energy/energy.h"
#include "run/output.h"
#include "run/session.h"
#include "run/softmax.h"
#include "run/timeline/causes.h"

static void stop(struct sim_session *s) { s->hal.abort = 1; }

/* Compares a completed layer at once: the plan may give its region to a later layer. Returns what sim_check_op does. */
static int compare(struct sim_session *s, int op, struct sim_mismatch *m) {
  const int last = s->part.g.n_ops - 1;
  if (s->o->check == SIM_CHECK_NONE || (s->o->check == SIM_CHECK_FINAL && op != last)) return 1;
  const uint8_t *dram = tetra_mem_map(&s->mem, s->plan.base, 1);
  const int same = sim_check_op(&s->part.g, op, &s->plan, s->part.tensors, dram, m);
  s->r.layers[op].match = same == 1 ? SIM_EQUAL : SIM_DIFFERENT;
  if (s->r.match != SIM_DIFFERENT) s->r.match = s->r.layers[op].match;
  return same;
}

static void trace(struct sim_session *s, int completed) {
  if (s->trace_layer < 0) return;
  if (completed == s->trace_layer - 1) s->rtl.trace_begin(s->rtl.self, s->o->trace);
  if (completed == s->trace_layer) s->rtl.trace_end(s->rtl.self);
}

/* A tensor from DRAM into the files that want it: when it is complete, before the plan gives its memory to another. Of
 * a layer in parts the last one's is the whole. */
static int capture_value(struct sim_session *s, int v, struct tetra_error *err) {
  if (s->capture == NULL || !sim_capture_wants(s->capture, v)) return TETRA_OK;
  struct tetra_tensor t;
  int rc = sim_read_value(s, v, &t, err);
  if (rc != TETRA_OK) return rc;
  rc = sim_capture_write(s->capture, v, &t, s->capture_first, s->capture_count, err);
  tetra_tensor_free(&t);
  return rc;
}

/* What the part reads and does not make, before it runs. */
static int capture_inputs(struct sim_session *s, struct tetra_error *err) {
  int rc = TETRA_OK;
  for (int v = 0; v < s->part.g.n_values && rc == TETRA_OK; v++) {
    if (s->part.g.values[v].producer < 0) rc = capture_value(s, v, err);
  }
  return rc;
}

static int capture_outputs(struct sim_session *s, int op, struct tetra_error *err) {
  const struct tetra_op *o = &s->part.g.ops[op];
  int rc = TETRA_OK;
  for (int k = 0; k < o->n_outputs && rc == TETRA_OK; k++) rc = capture_value(s, o->output[k], err);
  return rc;
}

static void on_layer(void *arg, const struct tetra_layer_event *e) {
  struct sim_session *s = arg;
  if (s->hal.abort) return;
  if (e->layer >= (uint32_t)s->part.g.n_ops || s->r.layers[e->layer].done || e->cycle < s->last_cycle) {
    tetra_fail(&s->stop, TETRA_EHW, "the completion log shows layer %u at cycle %llu, after cycle %llu", e->layer,
               (unsigned long long)e->cycle, (unsigned long long)s->last_cycle);
    stop(s);
    return;
  }
  const int op = (int)e->layer;
  struct sim_layer *l = &s->r.layers[op];
  uint32_t busy = 0, reads = 0, writes = 0;
  l->done = 1;
  l->cycles = e->cycle - s->last_cycle;
  s->last_cycle = e->cycle;
  s->r.n_done++;
  trace(s, op);
  struct sim_mismatch m;
  const int same = compare(s, op, &m);
  const int captured = capture_outputs(s, op, &s->stop);
  tetra_device_layer(&s->dev, e->layer, &busy, &reads, &writes);
  l->busy = busy;
  l->dram_bytes = ((uint64_t)reads + writes) * s->dev.caps.n;
  s->r.seconds = sim_now() - s->t0;
  if (s->observer.on_layer != NULL) s->observer.on_layer(s->observer.arg, &s->r, op);
  if (same == 1 && captured == TETRA_OK) return;
  if (same == 0 && s->observer.on_difference != NULL) s->observer.on_difference(s->observer.arg, &s->r, &m);
  if (same < 0) tetra_fail(&s->stop, TETRA_ENOMEM, "no memory to compare layer %s", s->part.g.ops[op].name);
  stop(s);
}

static void on_tick(void *arg) {
  struct sim_session *s = arg;
  if (s->observer.on_progress == NULL) return;
  s->r.seconds = sim_now() - s->t0;
  s->observer.on_progress(s->observer.arg, &s->r, s->rtl.cycles(s->rtl.self));
}

static int find_probabilities(struct sim_session *s, struct tetra_tensor *output, const struct sim_reals *reals,
                              struct tetra_error *err) {
  double *p = calloc((size_t)reals->classes, sizeof *p);
  if (p == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the softmax");
  sim_softmax(&s->source.m, s->o->tflite_rounding == TETRA_TFLITE_SINGLE, output, reals, 0, p);
  for (int i = 0; i < s->r.top.n; i++) s->r.probability[i] = p[s->r.top.cls[i]];
  s->r.has_softmax = 1;
  free(p);
  return TETRA_OK;
}

/* The classes that lead, where the whole end of the network ran. */
static int read_result(struct sim_session *s, struct tetra_error *err) {
  if (s->part.first + s->part.g.n_ops != s->net.n_ops || s->r.n_done != s->part.g.n_ops) return TETRA_OK;
  struct tetra_tensor t;
  struct sim_reals reals = {0};
  int rc = sim_read_output(s, &t, err);
  if (rc != TETRA_OK) return rc;
  rc = sim_find_reals(sim_session_tail(s), &t, &reals, err);
  const int images = sim_session_images(s);
  for (int i = 0; rc == TETRA_OK && i < images; i++) {
    struct sim_top top;
    sim_find_top(&reals, i, &top);
    if (i == 0) s->r.top = top;
    s->r.predictions[s->r.n_predictions++] = top.cls[0];
  }
  if (rc == TETRA_OK && s->source.m.host_softmax != TETRA_SOFTMAX_NONE) rc = find_probabilities(s, &t, &reals, err);
  free(reals.v);
  tetra_tensor_free(&t);
  return rc;
}

/* The engine's cycle counter runs until the last SYNC has completed; the total ends at the last write response. */
static int read_counters(struct sim_session *s, struct tetra_error *err) {
  tetra_device_counters(&s->dev, s->r.counters);
  s->r.cycles = s->last_cycle;
  s->r.after_end = s->r.counters[TETRA_CNT_CYCLES] - s->last_cycle;
  if (s->r.counters[TETRA_CNT_CYCLES] < s->last_cycle || s->r.counters[TETRA_CNT_TAIL] < s->r.after_end) {
    return tetra_fail(err, TETRA_EHW, "counters contradict the completion log: %llu cycles, last layer at %llu",
                      (unsigned long long)s->r.counters[TETRA_CNT_CYCLES], (unsigned long long)s->last_cycle);
  }
  s->r.counters[TETRA_CNT_TAIL] -= s->r.after_end;
  return TETRA_OK;
}

/* Names what ended the run. */
static int explain(struct sim_session *s, int rc, const struct tetra_fault *fault, struct tetra_error *err) {
  const struct tetra_error *rtl = s->rtl.error(s->rtl.self);
  if (rtl->code != TETRA_OK) return tetra_fail(err, TETRA_EHW, "%s", rtl->msg);
  if (s->stop.code != TETRA_OK) return tetra_fail(err, s->stop.code, "%s", s->stop.msg);
  if (s->r.match == SIM_DIFFERENT) return tetra_fail(err, TETRA_EDIFF, "RTL and C differ");
  if (rc == TETRA_EHW || rc == TETRA_ETIMEOUT) {
    return tetra_fail(err, rc, "the accelerator stopped after %d of %d layers: %s, command %u, address 0x%08x",
                      s->r.n_done, s->part.g.n_ops, tetra_fault_name(fault->cause), fault->index, fault->addr);
  }
  if (rc != TETRA_OK) return tetra_fail(err, rc, "the driver refused the job (status %d)", rc);
  if (s->r.n_done != s->part.g.n_ops) {
    return tetra_fail(err, TETRA_EHW, "the job ended with %d of %d layers in the completion log", s->r.n_done,
                      s->part.g.n_ops);
  }
  return TETRA_OK;
}

static void take_causes(void *arg, uint32_t layer, const uint64_t causes[TETRA_TIMING_CLASSES]) {
  struct sim_layer *l = &((struct sim_session *)arg)->r.layers[layer];
  memcpy(l->causes, causes, sizeof l->causes);
  l->has_causes = 1;
}

/* What a timeline adds to the results. */
static int read_timeline(struct sim_session *s, struct tetra_error *err) {
  if (s->timeline.g == NULL) return TETRA_OK;
  int rc = timeline_end(&s->timeline, err);
  if (rc == TETRA_OK) rc = timeline_causes(&s->timeline, take_causes, s, err);
  if (rc == TETRA_OK) s->r.timeline = &s->timeline;
  return rc;
}

static int read_energy(struct sim_session *s, struct tetra_error *err) {
  return s->monitor.plan == NULL ? TETRA_OK : sim_results_take_energy(&s->r, &s->monitor, err);
}

static void on_clock(void *arg, const struct rtl_probe *p) {
  struct sim_session *s = arg;
  if (s->timeline.g != NULL) timeline_clock(&s->timeline, p);
  if (s->monitor.plan != NULL) monitor_clock(&s->monitor, p);
}

/* Only who is asked for something looks at every clock. */
static void observe(struct sim_session *s) {
  if (s->timeline.g != NULL) timeline_rewind(&s->timeline);
  if (s->monitor.plan != NULL) monitor_rewind(&s->monitor);
  if (s->timeline.g != NULL || s->monitor.plan != NULL) s->rtl.observe(s->rtl.self, on_clock, s);
}

/* Forgets an earlier run of the same session. */
static void rewind_session(struct sim_session *s) {
  sim_results_rewind(&s->r);
  s->last_cycle = 0;
  s->hal.abort = 0;
  s->stop.code = TETRA_OK;
}

int sim_simulate(struct sim_session *s, struct tetra_error *err) {
  const struct tetra_plan *p = &s->plan;
  const struct tetra_job job = tetra_plan_job(p);
  struct tetra_fault fault = {0, 0, 0};
  rewind_session(s);
  int rc = capture_inputs(s, err);
  if (rc != TETRA_OK) return rc;
  s->hal.tick = on_tick;
  s->hal.arg = s;
  s->t0 = sim_now();
  const uint64_t clock0 = s->rtl.cycles(s->rtl.self);
  if (s->trace_layer == 0) s->rtl.trace_begin(s->rtl.self, s->o->trace);
  observe(s);
  rc = tetra_device_run(&s->dev, &job, on_layer, s, &fault);
  s->r.seconds = sim_now() - s->t0;
  s->r.clocks = s->rtl.cycles(s->rtl.self) - clock0;
  s->rtl.trace_end(s->rtl.self);
  s->rtl.observe(s->rtl.self, NULL, NULL);
  rc = explain(s, rc, &fault, err);
  if (rc == TETRA_OK) rc = read_counters(s, err);
  if (rc == TETRA_OK) rc = read_result(s, err);
  if (rc == TETRA_OK) rc = read_timeline(s, err);
  if (rc == TETRA_OK) rc = read_energy(s, err);
  return rc;
}
