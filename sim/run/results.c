/* The results of a run: how they begin, what follows from them, and the cycle model's in their place. */
#include "run/results.h"
#include "run/energy/energy.h"
#include "tetra/ceil_div.h"

#include <stdlib.h>
#include <string.h>

int sim_results_init(struct sim_results *r, const struct sim_options *o, const struct sim_source *source,
                     const struct tetra_graph *g, const struct tetra_plan *plan, int first, struct tetra_error *err) {
  *r = (struct sim_results){.o = o, .source = source, .g = g, .plan = plan, .first = first};
  r->layers = calloc((size_t)g->n_ops, sizeof *r->layers);
  r->predictions = calloc((size_t)sim_batch(r), sizeof *r->predictions);
  r->traffic = calloc((size_t)g->n_ops, sizeof *r->traffic);
  if (r->layers == NULL || r->predictions == NULL || r->traffic == NULL)
    return tetra_fail(err, TETRA_ENOMEM, "no memory for the results");
  sim_traffic_count(g, plan, r->traffic);
  sim_results_rewind(r);
  return o->energy == NULL ? TETRA_OK : sim_energy_new(o->energy, o->mhz, plan, g->n_ops, &r->energy, err);
}

void sim_results_free(struct sim_results *r) {
  free(r->layers);
  free(r->predictions);
  free(r->modelled);
  free(r->pieces);
  free(r->traffic);
  sim_energy_free(r->energy);
  r->energy = NULL;
  r->modelled = NULL;
  r->pieces = NULL;
  r->traffic = NULL;
  r->layers = NULL;
  r->predictions = NULL;
}

void sim_results_rewind(struct sim_results *r) {
  for (int i = 0; i < r->g->n_ops; i++) r->layers[i] = (struct sim_layer){.match = SIM_UNCHECKED};
  r->match = SIM_UNCHECKED;
  r->n_done = 0;
  r->top.n = 0;
  r->n_predictions = 0;
  r->has_softmax = 0;
  r->timeline = NULL;
  r->seconds = 0;
}

static void add_energy_of_cycles(struct sim_results *r) {
  for (int i = 0; i < r->g->n_ops; i++) {
    if (r->layers[i].done) sim_energy_add_cycles(r->energy, i, r->layers[i].cycles);
  }
}

static void count_energy(struct sim_results *r) {
  if (r->energy == NULL) return;
  sim_energy_count(r->energy);
  add_energy_of_cycles(r);
}

int sim_results_take_energy(struct sim_results *r, const struct monitor *m, struct tetra_error *err) {
  count_energy(r);
  const int rc = sim_energy_take(r->energy, m, err);
  if (rc == TETRA_OK) add_energy_of_cycles(r);
  return rc;
}

double sim_results_pj(const struct sim_results *r, int source) {
  double pj = 0;
  for (int i = 0; i < r->g->n_ops; i++) {
    if (r->layers[i].done) pj += sim_energy_pj(r->energy, i, source);
  }
  return pj;
}

void sim_results_take_timing(struct sim_results *r, const struct tetra_timing *t) {
  for (int i = 0; i < r->g->n_ops; i++) {
    const struct tetra_timing_layer *l = &t->layers[i];
    r->layers[i] = (struct sim_layer){.done = 1,
                                      .cycles = l->cycles,
                                      .dram_bytes = l->read_bytes + l->write_bytes,
                                      .busy = l->busy,
                                      .match = SIM_UNCHECKED};
  }
  r->from_model = 1;
  r->n_done = r->g->n_ops;
  r->cycles = t->cycles;
  r->after_end = t->total - t->cycles;
  memcpy(&r->counters[TETRA_CNT_BUSY], t->classes, sizeof t->classes);
  r->counters[TETRA_CNT_CYCLES] = t->total;
  r->counters[TETRA_CNT_TAIL] -= r->after_end;
  count_energy(r);
}

int sim_results_add_model(struct sim_results *r, const struct tetra_timing *t, struct tetra_error *err) {
  if (r->modelled == NULL) r->modelled = calloc((size_t)r->g->n_ops, sizeof *r->modelled);
  if (r->modelled == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the results of %d layers", r->g->n_ops);
  for (int i = 0; i < r->g->n_ops; i++) r->modelled[i] = t->layers[i].cycles;
  return TETRA_OK;
}

uint64_t sim_one_run_cycles(const struct sim_results *r, int first, int last) {
  uint64_t cycles = 0;
  for (int i = first; i <= last; i++) cycles += r->modelled[i];
  return cycles;
}

enum sim_match sim_piece_match(const struct sim_results *r, const struct sim_piece *p) {
  enum sim_match match = SIM_UNCHECKED;
  for (int i = p->first; i <= p->last; i++) {
    if (r->layers[i].match == SIM_DIFFERENT) return SIM_DIFFERENT;
    if (p->done && r->layers[i].match == SIM_EQUAL) match = SIM_EQUAL;
  }
  return match;
}

int sim_batch(const struct sim_results *r) { return r->g->values[r->g->input].d.n; }

const char *sim_kind_name(const struct tetra_graph *g, int i) {
  const struct tetra_op *op = &g->ops[i];
  const struct tetra_desc *d = &g->values[op->input].d;
  switch (op->kind) {
    case TETRA_MAXPOOL:
      return "maxpool";
    case TETRA_AVGPOOL:
      return "avgpool";
    case TETRA_ADD:
      return "add";
    default:
      if (op->groups > 1) return op->groups == d->c ? "dwconv" : "gconv";
      return op->win.kh == 1 && op->win.kw == 1 && d->h == 1 && d->w == 1 ? "dense" : "conv";
  }
}

/* Cycles at the mode's peak. */
static double ideal_cycles(const struct sim_results *r, int op) {
  const struct tetra_plan_layer *p = &r->plan->layers[op];
  return p->macs_per_cycle == 0 ? 0 : (double)p->macs / p->macs_per_cycle;
}

double sim_utilization(const struct sim_results *r, int op) {
  return r->layers[op].cycles == 0 ? 0 : ideal_cycles(r, op) / (double)r->layers[op].cycles;
}

static uint64_t bus_cycles(const struct sim_results *r, uint64_t bytes) {
  return tetra_ceil_div64(bytes, r->o->bytes_per_cycle);
}

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

struct sim_bounds sim_bounds(const struct sim_results *r, int op) {
  const uint64_t k_steps = (uint64_t)r->plan->layers[op].compute_bound;
  return (struct sim_bounds){k_steps != 0 ? k_steps : r->layers[op].busy, bus_cycles(r, r->layers[op].dram_bytes)};
}

uint64_t sim_bound(struct sim_bounds b) { return larger(b.array, b.bus); }

uint64_t sim_memory_bound(const struct sim_results *r, int op) {
  return larger((uint64_t)r->plan->layers[op].compute_bound, bus_cycles(r, r->layers[op].dram_bytes));
}

double sim_share_done(const struct sim_results *r) {
  uint64_t done = 0, all = 0;
  for (int i = 0; i < r->g->n_ops; i++) {
    const struct tetra_plan_layer *p = &r->plan->layers[i];
    const uint64_t bound = larger((uint64_t)p->compute_bound, bus_cycles(r, (uint64_t)p->dram_bytes));
    all += bound;
    if (r->layers[i].done) done += bound;
  }
  return all == 0 ? 0 : (double)done / (double)all;
}

struct sim_totals sim_totals(const struct sim_results *r) {
  struct sim_totals t = {0};
  double ideal = 0, grouped_ideal = 0, grouped_bound = 0;
  for (int i = 0; i < r->g->n_ops; i++) {
    if (!r->layers[i].done) continue;
    t.cycles += r->layers[i].cycles;
    t.macs += (uint64_t)r->plan->layers[i].macs;
    t.dram_bytes += r->layers[i].dram_bytes;
    t.compute_bound += (uint64_t)r->plan->layers[i].compute_bound;
    t.memory_bound += sim_memory_bound(r, i);
    t.bound += sim_bound(sim_bounds(r, i));
    ideal += ideal_cycles(r, i);
    if (r->g->ops[i].kind != TETRA_CONV || r->g->ops[i].groups == 1) continue;
    t.grouped++;
    grouped_ideal += ideal_cycles(r, i);
    grouped_bound += (double)r->plan->layers[i].compute_bound;
  }
  t.grouped_best = t.grouped == 0 ? 0 : grouped_ideal / grouped_bound;
  t.utilization = t.cycles == 0 ? 0 : ideal / (double)t.cycles;
  return t;
}

int sim_is_complete(const struct sim_results *r) {
  int complete = r->n_pieces != 0 || r->n_done == r->g->n_ops;
  for (int i = 0; i < r->n_pieces; i++) complete = complete && r->pieces[i].done;
  return complete;
}
