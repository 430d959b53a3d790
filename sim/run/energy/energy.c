/* Events times prices. */
#include "run/energy/energy.h"

#include <stdlib.h>
#include <string.h>

int sim_energy_new(const char *path, double mhz, const struct tetra_plan *plan, int n_layers,
                   struct sim_energy **energy, struct tetra_error *err) {
  struct sim_energy *e = calloc(1, sizeof *e);
  *energy = e;
  if (e == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for an energy table");
  const int rc = sim_energy_table_read(path, &e->table, err);
  if (rc != TETRA_OK) return rc;
  e->events = calloc((size_t)n_layers, sizeof *e->events);
  if (e->events == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the events of %d layers", n_layers);
  e->plan = plan;
  e->n_layers = n_layers;
  e->mhz = mhz > 0 ? mhz : e->table.mhz;
  sim_energy_prices(&e->table, &plan->caps, e->mhz, e->price);
  return TETRA_OK;
}

void sim_energy_free(struct sim_energy *e) {
  if (e == NULL) return;
  free(e->events);
  free(e);
}

void sim_energy_count(struct sim_energy *e) {
  memset(e->events, 0, (size_t)e->n_layers * sizeof *e->events);
  tetra_events_of_commands(e->plan, e->events);
  e->from_rtl = 0;
}

void sim_energy_add_cycles(struct sim_energy *e, int layer, uint64_t cycles) {
  tetra_events_of_cycles(&e->plan->caps, cycles, e->events[layer]);
}

int sim_energy_take(struct sim_energy *e, const struct monitor *m, struct tetra_error *err) {
  const int rc = monitor_compare(m, e->events, err);
  if (rc != TETRA_OK) return rc;
  memcpy(e->events, m->events, (size_t)e->n_layers * sizeof *e->events);
  e->from_rtl = 1;
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
