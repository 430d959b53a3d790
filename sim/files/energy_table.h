/* Energy tables: what each event of tetra/events.def costs in one technology, and where every number is from.
 * docs/silicon.md describes the file. */
#ifndef TETRA_SIM_ENERGY_TABLE_H
#define TETRA_SIM_ENERGY_TABLE_H

#include "tetra/events.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SIM_ENERGY_NAME = 128 };

/* pJ of an access to an SRAM of `words` words of `bits` bits: bits * (per_bit + per_bit_root * sqrt(words * bits)). */
struct sim_energy_access {
  double per_bit, per_bit_root;
};

struct sim_energy_table {
  char name[SIM_ENERGY_NAME];
  double mhz;              /* the clock that leakage is counted at */
  double pj[TETRA_EVENTS]; /* a unit of each event; of SRAM accesses 0 */
  double nw[TETRA_EVENTS]; /* leakage of a unit; of the cycles' events only */
  struct sim_energy_access read, write;
};

/* Reads a table. Every number must be there and say where it is from. TETRA_EIO, TETRA_EINVAL (names file and key),
 * TETRA_ENOMEM. */
TETRA_NODISCARD int sim_energy_table_read(const char *path, struct sim_energy_table *t, struct tetra_error *err);
/* pJ of a unit of each event, leakage included, on this hardware with a clock of `mhz` > 0. */
void sim_energy_prices(const struct sim_energy_table *t, const struct tetra_caps *caps, double mhz,
                       double price[TETRA_EVENTS]);

#ifdef __cplusplus
}
#endif
#endif
