/* Cycles and energy of a point: from the cycle model, or from the RTL. */
#include "commands/pareto/measure.h"

#include <string.h>

#include "report/text.h"
#include "run/energy/energy.h"
#include "run/session.h"

static int take_energy(const struct tetra_plan *plan, const struct tetra_timing *t, const struct pareto_options *o,
                       struct pareto_run *run, struct tetra_error *err) {
  struct sim_energy *e = NULL;
  int rc = o->energy == NULL ? TETRA_OK : sim_energy_new(o->energy, o->mhz, plan, t->n_layers, &e, err);
  if (rc == TETRA_OK && e != NULL) {
    sim_energy_count(e);
    for (int i = 0; i < t->n_layers; i++) {
      sim_energy_add_cycles(e, i, t->layers[i].cycles);
      run->mj += 1e-9 * sim_energy_pj(e, i, TETRA_SOURCES);
    }
  }
  sim_energy_free(e);
  return rc;
}

int pareto_graph_modelled(const struct tetra_graph *g, const struct tetra_caps *caps, const struct pareto_options *o,
                          struct pareto_run *run, struct tetra_error *err) {
  struct tetra_compile_options c;
  struct tetra_plan plan;
  struct tetra_timing t;
  tetra_compile_defaults(&c);
  c.timing_only = 1;
  memset(run, 0, sizeof *run);
  int rc = tetra_compile(g, caps, &c, &plan, err);
  if (rc == TETRA_OK) {
    rc = tetra_timing_run(&plan, &o->mem, TETRA_TIMING_FAST, &t, err);
    for (int i = 0; rc == TETRA_OK && i < t.n_layers; i++) {
      run->dram_bytes += t.layers[i].read_bytes + t.layers[i].write_bytes;
    }
    if (rc == TETRA_OK) {
      run->cycles = t.cycles;
      rc = take_energy(&plan, &t, o, run, err);
    }
    tetra_timing_free(&t);
  }
  tetra_plan_free(&plan);
  return rc;
}

int pareto_modelled(const struct pareto_point *p, const struct tetra_caps *caps, const struct pareto_options *o,
                    struct pareto_run *run, struct tetra_error *err) {
  struct tetra_network_options net;
  struct tetra_graph g;
  pareto_network(p, &net);
  int rc = tetra_network_build_shapes(&net, &g, err);
  if (rc != TETRA_OK) return rc;
  rc = pareto_graph_modelled(&g, caps, o, run, err);
  tetra_graph_free(&g);
  return rc;
}

int pareto_rtl(const struct pareto_point *p, const struct pareto_options *o, struct pareto_run *run,
               struct tetra_error *err) {
  struct sim_options so;
  struct sim_session s;
  struct sim_text text;
  memset(&so, 0, sizeof so);
  memset(run, 0, sizeof *run);
  pareto_network(p, &so.net);
  so.array = o->array;
  so.latency = o->mem.latency;
  so.bytes_per_cycle = o->mem.bytes_per_cycle;
  so.energy = o->energy;
  so.mhz = o->mhz;
  so.quiet = 1;
  sim_text_begin(&text, &so);
  const struct sim_observer observer = sim_text_observer(&text);
  int rc = sim_setup(&s, &so, &observer, err);
  if (rc != TETRA_OK) return rc;
  rc = sim_simulate(&s, err);
  if (rc == TETRA_OK && s.r.match != SIM_EQUAL) rc = tetra_fail(err, TETRA_EHW, "the RTL was not compared");
  if (rc == TETRA_OK) {
    run->cycles = s.r.cycles;
    for (int i = 0; i < s.r.g->n_ops; i++) run->dram_bytes += s.r.layers[i].dram_bytes;
    if (o->energy != NULL) run->mj = 1e-9 * sim_results_pj(&s.r, TETRA_SOURCES);
  }
  sim_teardown(&s);
  return rc;
}
