/* Runs the cycle model: compiles, predicts, has the report printed. */
#include "commands/cycle_model.h"

#include "base/clock.h"
#include "base/status.h"
#include "cli/hardware.h"
#include "cli/outputs.h"
#include "files/source.h"
#include "files/topology.h"
#include "report/cycle_model.h"
#include "report/files.h"
#include "report/timeline_json.h"
#include "run/pieces/part.h"
#include "run/timeline/model.h"
#include "run/unmappable.h"
#include "tetra/network.h"
#include "tetra/timing.h"

static const struct sim_notes kNotes = {sim_note, NULL};

static struct tetra_memory_params memory_of(const struct sim_options *o) {
  return (struct tetra_memory_params){o->bytes_per_cycle, o->latency};
}

/* The prediction, and a timeline of it where one is wanted. */
static int predict(const struct sim_options *o, const struct tetra_graph *g, const struct tetra_plan *plan,
                   struct tetra_timing *t, struct tetra_error *err) {
  const struct tetra_memory_params mem = memory_of(o);
  if (o->timeline == NULL) return tetra_timing_run(plan, &mem, TETRA_TIMING_FAST, t, err);
  struct timeline timeline;
  int rc = timeline_init(&timeline, g, plan, err);
  if (rc == TETRA_OK) rc = timeline_model(&timeline, &mem, t, err);
  if (rc == TETRA_OK) rc = sim_timeline_write(&timeline, o->timeline, err);
  timeline_free(&timeline);
  return rc;
}

/* Predicts the part's cycles and reports. */
static int predict_part(const struct sim_options *o, const struct sim_part *part, const struct sim_source *source,
                        const struct tetra_caps *caps, struct tetra_error *err) {
  struct tetra_compile_options c;
  struct tetra_plan plan;
  struct tetra_timing t = {0};
  tetra_compile_defaults(&c);
  c.timing_only = 1;
  struct sim_results r = {.layers = NULL};
  int rc = tetra_compile(&part->g, caps, &c, &plan, err);
  if (rc != TETRA_OK && o->from_file) sim_list_unmappable(&part->g, caps, o->net.network, &kNotes, err);
  const double start = sim_now();
  if (rc == TETRA_OK) rc = predict(o, &part->g, &plan, &t, err);
  const double seconds = sim_now() - start;
  if (rc == TETRA_OK) rc = sim_results_init(&r, o, source, &part->g, &plan, part->first, err);
  if (rc == TETRA_OK) {
    sim_results_take_timing(&r, &t);
    rc = sim_results_add_model(&r, &t, err);
  }
  if (rc == TETRA_OK) {
    sim_cycle_model_print(&r, seconds);
    rc = sim_reports_write(&r, err);
  }
  sim_results_free(&r);
  tetra_timing_free(&t);
  tetra_plan_free(&plan);
  return rc;
}

static int predict_layers(const struct sim_options *o, const struct tetra_graph *g, const struct sim_source *source,
                          const struct tetra_caps *caps, struct tetra_error *err) {
  struct sim_part part;
  int first = 0, last = g->n_ops - 1;
  int rc = o->layers == NULL ? TETRA_OK : sim_part_parse(g, o->layers, &first, &last, err);
  if (rc == TETRA_OK) rc = sim_part_init(&part, g, first, last, err);
  if (rc != TETRA_OK) return rc;
  rc = predict_part(o, &part, source, caps, err);
  sim_part_free(&part);
  return rc;
}

static int make_shapes(const struct sim_options *o, struct tetra_graph *g, struct tetra_error *err) {
  struct tetra_network_options net;
  if (o->topology) {
    const int read = sim_topology_read(o->net.network, o->net.precision, o->net.batch, g, err);
    if (read != TETRA_OK) return read;
    const int good = tetra_graph_check_cut(g, err);
    if (good != TETRA_OK) tetra_graph_free(g);
    return good;
  }
  const int rc = sim_builtin_options(o, &net, err);
  return rc == TETRA_OK ? tetra_network_build_shapes(&net, g, err) : rc;
}

/* A built-in network needs no weights to be timed, unless they are to be narrowed, and a topology has none. */
static int predict_network(const struct sim_options *o, const struct tetra_caps *caps, struct tetra_error *err) {
  if (o->bits != NULL && o->topology)
    return tetra_fail(err, TETRA_EINVAL, "--bits: '%s' is a topology, which has no weights; --precision has its bits",
                      o->net.network);
  if (o->from_file || o->bits != NULL) {
    struct sim_source source;
    int rc = sim_source_open(&source, o, o->net.batch, &kNotes, err);
    if (rc != TETRA_OK) return rc;
    rc = predict_layers(o, &source.m.graph, &source, caps, err);
    sim_source_close(&source);
    return rc;
  }
  struct tetra_graph g;
  int rc = make_shapes(o, &g, err);
  if (rc != TETRA_OK) return rc;
  rc = predict_layers(o, &g, NULL, caps, err);
  tetra_graph_free(&g);
  return rc;
}

int sim_cycle_model_run(const struct sim_options *o) {
  struct tetra_error err = {0, ""};
  const struct tetra_caps caps = sim_hardware_caps(o);
  int rc = sim_outputs_check(o, &err);
  if (rc == TETRA_OK) rc = predict_network(o, &caps, &err);
  return rc == TETRA_OK ? SIM_EXIT_GOOD : sim_complain(&err);
}

int sim_cycle_model_compare(struct sim_results *r, struct tetra_error *err) {
  const struct tetra_memory_params mem = memory_of(r->o);
  struct tetra_timing t;
  int rc = tetra_timing_run(r->plan, &mem, TETRA_TIMING_FAST, &t, err);
  if (rc == TETRA_OK) rc = sim_results_add_model(r, &t, err);
  if (rc == TETRA_OK && r->o->cycles == SIM_CYCLES_COMPARE) sim_cycle_model_print_compared(r, &t);
  tetra_timing_free(&t);
  return rc;
}
