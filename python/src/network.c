/* Networks for Python: the C model, the compiler, the cycle model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "cli/hardware.h"
#include "files/source.h"
#include "report/json_text.h"
#include "run/results.h"
#include "tetra/graph.h"
#include "tetra/plan.h"
#include "tetra/timing.h"

struct tetra_py {
  struct binding_options options;
  struct sim_source source;
  struct tetra_tensor *tensors; /* by value */
  struct tetra_plan plan;
  int compiled;
};

static int report(int rc, const struct tetra_error *err, char *error, int size) {
  if (rc != TETRA_OK) snprintf(error, (size_t)size, "%s", err->msg);
  return rc;
}

static const struct tetra_graph *graph_of(const struct tetra_py *h) { return &h->source.m.graph; }

int tetra_py_open(struct tetra_py **out, int argc, const char *const *argv, char *error, int size) {
  struct tetra_error err = {0, ""};
  struct tetra_py *h = calloc(1, sizeof *h);
  *out = NULL;
  if (h == NULL) return report(tetra_fail(&err, TETRA_ENOMEM, "no memory for a network"), &err, error, size);
  int rc = binding_options_open(&h->options, argc, argv, &err);
  const struct sim_notes nobody = {NULL, NULL};
  if (rc == TETRA_OK) rc = sim_source_open(&h->source, &h->options.o, h->options.o.net.batch, &nobody, &err);
  if (rc == TETRA_OK) {
    h->tensors = calloc((size_t)graph_of(h)->n_values, sizeof *h->tensors);
    if (h->tensors == NULL) rc = tetra_fail(&err, TETRA_ENOMEM, "no memory for tensors");
  }
  if (rc == TETRA_OK)
    *out = h;
  else
    tetra_py_close(h);
  return report(rc, &err, error, size);
}

static void forget_tensors(struct tetra_py *h) {
  for (int v = 0; h->tensors != NULL && v < graph_of(h)->n_values; v++) tetra_tensor_free(&h->tensors[v]);
}

void tetra_py_close(struct tetra_py *h) {
  if (h == NULL) return;
  if (h->compiled) tetra_plan_free(&h->plan);
  forget_tensors(h);
  free(h->tensors);
  sim_source_close(&h->source);
  binding_options_close(&h->options);
  free(h);
}

int tetra_py_values(const struct tetra_py *h) { return graph_of(h)->n_values; }
int tetra_py_input(const struct tetra_py *h) { return graph_of(h)->input; }
int tetra_py_output(const struct tetra_py *h) { return graph_of(h)->output; }
const char *tetra_py_value_name(const struct tetra_py *h, int value) { return graph_of(h)->values[value].name; }

void tetra_py_value(const struct tetra_py *h, int value, int numbers[6], double *scale) {
  const struct tetra_desc *d = &graph_of(h)->values[value].d;
  const int n[6] = {d->n, d->h, d->w, d->c, (int)d->fmt, d->zero_point};
  memcpy(numbers, n, sizeof n);
  *scale = d->scale;
}

static size_t elements(const struct tetra_desc *d) { return (size_t)d->n * (size_t)d->h * (size_t)d->w * (size_t)d->c; }

/* Codes that the format does not have would be cut silently. */
static int check_codes(const struct tetra_desc *d, const int16_t *codes, struct tetra_error *err) {
  const int lo = tetra_fmt_min(d->fmt), hi = tetra_fmt_max(d->fmt);
  for (size_t i = 0; i < elements(d); i++) {
    if (codes[i] < lo || codes[i] > hi)
      return tetra_fail(err, TETRA_EINVAL, "code %d at place %zu: %s has %d to %d", codes[i], i, tetra_fmt_name(d->fmt),
                        lo, hi);
  }
  return TETRA_OK;
}

int tetra_py_run(struct tetra_py *h, const int16_t *codes, int reference, char *error, int size) {
  struct tetra_error err = {0, ""};
  const struct tetra_graph *g = graph_of(h);
  struct tetra_tensor *input = &h->tensors[g->input];
  forget_tensors(h);
  memset(h->tensors, 0, (size_t)g->n_values * sizeof *h->tensors);
  int rc = check_codes(&g->values[g->input].d, codes, &err);
  if (rc == TETRA_OK) rc = tetra_tensor_init(input, &g->values[g->input].d, &err);
  if (rc == TETRA_OK) {
    tetra_tensor_pack(input, codes);
    rc = tetra_run_graph(g, h->tensors, reference ? TETRA_REFERENCE : TETRA_FAST, &err);
  }
  return report(rc, &err, error, size);
}

int tetra_py_codes(const struct tetra_py *h, int value, int16_t *codes, char *error, int size) {
  struct tetra_error err = {0, ""};
  if (h->tensors[value].data == NULL) {
    const int rc = tetra_fail(&err, TETRA_EINVAL, "'%s' has no codes before a run", tetra_py_value_name(h, value));
    return report(rc, &err, error, size);
  }
  tetra_tensor_unpack(&h->tensors[value], codes);
  return TETRA_OK;
}

static int compile(struct tetra_py *h, struct tetra_error *err) {
  struct tetra_compile_options c;
  const struct tetra_caps caps = sim_hardware_caps(&h->options.o);
  if (h->compiled) return TETRA_OK;
  tetra_compile_defaults(&c);
  const int rc = tetra_compile(graph_of(h), &caps, &c, &h->plan, err);
  h->compiled = rc == TETRA_OK;
  if (rc != TETRA_OK) tetra_plan_free(&h->plan);
  return rc;
}

int tetra_py_compile(struct tetra_py *h, const uint32_t **commands, uint32_t *n, const uint8_t **constants,
                     uint64_t *bytes, char *error, int size) {
  struct tetra_error err = {0, ""};
  const int rc = compile(h, &err);
  if (rc == TETRA_OK) {
    *commands = h->plan.cmds[0].word;
    *n = h->plan.n_cmds;
    *constants = h->plan.const_data;
    *bytes = h->plan.const_bytes;
  }
  return report(rc, &err, error, size);
}

static int predict(struct tetra_py *h, const struct sim_options *o, char **json, struct tetra_error *err) {
  const struct tetra_memory_params mem = {o->bytes_per_cycle, o->latency};
  struct tetra_timing t = {0};
  struct sim_results r = {.layers = NULL};
  int rc = tetra_timing_run(&h->plan, &mem, TETRA_TIMING_FAST, &t, err);
  if (rc == TETRA_OK) rc = sim_results_init(&r, o, &h->source, graph_of(h), &h->plan, 0, err);
  if (rc == TETRA_OK) {
    sim_results_take_timing(&r, &t);
    rc = sim_results_add_model(&r, &t, err);
  }
  if (rc == TETRA_OK) rc = sim_json_text_of(&r, json, err);
  sim_results_free(&r);
  tetra_timing_free(&t);
  return rc;
}

int tetra_py_model(struct tetra_py *h, int argc, const char *const *argv, char **json, char *error, int size) {
  struct tetra_error err = {0, ""};
  struct binding_options b;
  *json = NULL;
  int rc = compile(h, &err);
  if (rc != TETRA_OK) return report(rc, &err, error, size);
  rc = binding_options_open(&b, argc, argv, &err);
  if (rc != TETRA_OK) return report(rc, &err, error, size);
  rc = predict(h, &b.o, json, &err);
  binding_options_close(&b);
  return report(rc, &err, error, size);
}
