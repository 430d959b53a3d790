/* The energy of a run: events, counted by the cycle model or on the RTL, times an energy table's prices. */
#ifndef TETRA_SIM_ENERGY_H
#define TETRA_SIM_ENERGY_H

#include "files/energy_table.h"
#include "run/energy/monitor.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_energy {
  const struct tetra_plan *plan; /* what runs; borrowed */
  int n_layers;
  struct sim_energy_table table;
  double mhz;                       /* --mhz, or the table's */
  double price[TETRA_EVENTS];       /* pJ a unit, leakage included */
  uint64_t (*events)[TETRA_EVENTS]; /* one row a layer; owned */
  int from_rtl;                     /* events were counted on the RTL's signals, and are what the cycle model counts */
};

/* Reads the table in the file `path`, for a plan of `n_layers` layers at `mhz`, 0: the table's clock. Nothing is
 * counted yet. *e is to be freed, also after an error. TETRA_EIO, TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int sim_energy_new(const char *path, double mhz, const struct tetra_plan *plan, int n_layers,
                                   struct sim_energy **e, struct tetra_error *err);
void sim_energy_free(struct sim_energy *e);
/* The events of the plan's commands; none of cycles. */
void sim_energy_count(struct sim_energy *e);
/* Those of a layer's cycles, to the others. */
void sim_energy_add_cycles(struct sim_energy *e, int layer, uint64_t cycles);
/* The RTL's in the place of the commands'; TETRA_EDIFF where the commands should have given others. */
TETRA_NODISCARD int sim_energy_take(struct sim_energy *e, const struct monitor *m, struct tetra_error *err);

/* pJ of a layer's events that belong to `source`; of all where it is TETRA_SOURCES. */
double sim_energy_pj(const struct sim_energy *e, int layer, int source);

#ifdef __cplusplus
}
#endif
#endif
