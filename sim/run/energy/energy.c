/* Events times prices. */
#include "run/energy/energy.h"

#include <stdlib.h>
#include <string.h>

#include "run/results.h"

int sim_energy_begin(struct sim_results *r, struct tetra_error *err) {
  if (r->o->energy == NULL) return TETRA_OK;
  struct sim_energy *e = calloc(1, sizeof *e);
  if (e == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for an energy table");
  r->energy = e;
  const int rc = sim_energy_table_read(r->o->energy, &e->table, err);
  if (rc != TETRA_OK) return rc;
  e->events = calloc((size_t)r->g->n_ops, sizeof *e->events);
  if (e->events == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the events of %d layers", r->g->n_ops);
  e->mhz = r->o->mhz > 0 ? r->o->mhz : e->table.mhz;
  sim_energy_prices(&e->table, &r->plan->caps, e->mhz, e->price);
  return TETRA_OK;
}

void sim_energy_free(struct sim_energy *e) {
  if (e == NULL) return;
  free(e->events);
  free(e);
}

static void count_cycles(struct sim_results *r) {
  for (int i = 0; i < r->g->n_ops; i++) {
    if (r->layers[i].done) tetra_events_of_cycles(&r->plan->caps, r->layers[i].cycles, r->energy->events[i]);
  }
}

void sim_energy_count(struct sim_results *r) {
  if (r->energy == NULL) return;
  memset(r->energy->events, 0, (size_t)r->g->n_ops * sizeof *r->energy->events);
  tetra_events_of_commands(r->plan, r->energy->events);
  r->energy->from_rtl = 0;
  count_cycles(r);
}

int sim_energy_take(struct sim_results *r, const struct monitor *m, struct tetra_error *err) {
  sim_energy_count(r);
  const int rc = monitor_compare(m, r->energy->events, err);
  if (rc != TETRA_OK) return rc;
  memcpy(r->energy->events, m->events, (size_t)r->g->n_ops * sizeof *r->energy->events);
  r->energy->from_rtl = 1;
  count_cycles(r);
  return TETRA_OK;
}

double sim_energy_pj(const struct sim_energy *e, int layer, int source) {
  double pj = 0;
  for (int k = 0; k < TETRA_EVENTS; k++) {
    if (source == TETRA_SOURCES || (int)tetra_event_source((enum tetra_event)k) == source)
      pj += (double)e->events[layer][k] * e->price[k];
  }
  return pj;
}

double sim_energy_total_pj(const struct sim_results *r, int source) {
  double pj = 0;
  for (int i = 0; i < r->g->n_ops; i++) {
    if (r->layers[i].done) pj += sim_energy_pj(r->energy, i, source);
  }
  return pj;
}
