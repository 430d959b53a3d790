/* What ./sim prints of the cycle model: alone, and beside a simulation. */
#ifndef TETRA_SIM_REPORT_CYCLE_MODEL_H
#define TETRA_SIM_REPORT_CYCLE_MODEL_H

#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Results that came from the cycle model (sim_results_take_timing): each layer with its two bounds, which of them holds
 * and by how much, then totals. `seconds` is how long the model took. */
void sim_cycle_model_print(const struct sim_results *r, double seconds);
/* Results of a simulation: each layer's cycles beside the model's `t` and SCALE-Sim's formula. */
void sim_cycle_model_print_compared(const struct sim_results *r, const struct tetra_timing *t);

#ifdef __cplusplus
}
#endif
#endif
