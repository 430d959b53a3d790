/* The energy table of a report. */
#ifndef TETRA_SIM_REPORT_ENERGY_H
#define TETRA_SIM_REPORT_ENERGY_H

#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Prints pJ by layer and source, and what follows of them for the network; nothing without an energy table. */
void sim_energy_print(const struct sim_results *r);
/* Operations a picojoule, two a MAC: TOPS/W. */
double sim_energy_tops_per_watt(const struct sim_results *r);
/* Average power in mW at the clock that energies are given for; 0 where no cycle passed. */
double sim_energy_milliwatts(const struct sim_results *r);

#ifdef __cplusplus
}
#endif
#endif
