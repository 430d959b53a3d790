/* The energy of a run: events, counted by the cycle model or on the RTL, times an energy table's prices. */
#ifndef TETRA_SIM_ENERGY_H
#define TETRA_SIM_ENERGY_H

#include "files/energy_table.h"
#include "run/energy/monitor.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_results;

struct sim_energy {
  struct sim_energy_table table;
  double mhz;                       /* --mhz, or the table's */
  double price[TETRA_EVENTS];       /* pJ a unit, leakage included */
  uint64_t (*events)[TETRA_EVENTS]; /* one row a layer; owned */
  int from_rtl;                     /* events were counted on the RTL's signals, and are what the cycle model counts */
};

/* Reads the table that the options name; r->energy stays NULL where they name none. Nothing is counted yet. *r is
 * otherwise complete, and owns it. TETRA_EIO, TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int sim_energy_begin(struct sim_results *r, struct tetra_error *err);
void sim_energy_free(struct sim_energy *e);
/* Fills the events from the plan's commands and the layers' cycles; of layers that are done. Nothing without a table.
 */
void sim_energy_count(struct sim_results *r);
/* Fills them from the RTL's; TETRA_EDIFF where the plan's commands should have given others. */
TETRA_NODISCARD int sim_energy_take(struct sim_results *r, const struct monitor *m, struct tetra_error *err);

/* pJ of a layer's events that belong to `source`; of all where it is TETRA_SOURCES. */
double sim_energy_pj(const struct sim_energy *e, int layer, int source);
/* The same of all layers. */
double sim_energy_total_pj(const struct sim_results *r, int source);

#ifdef __cplusplus
}
#endif
#endif
