/* ./sim NETWORK: one network, once, on the RTL. */
#ifndef TETRA_SIM_SIMULATE_H
#define TETRA_SIM_SIMULATE_H

#include "cli/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Simulates, compares with the C model, reports. Returns the program's exit code. */
TETRA_NODISCARD int sim_simulate_run(const struct sim_options *o);

#ifdef __cplusplus
}
#endif
#endif
