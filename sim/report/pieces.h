/* What is said of a network that ran in pieces. */
#ifndef TETRA_SIM_REPORT_PIECES_H
#define TETRA_SIM_REPORT_PIECES_H

#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The pieces, what one run of the whole would have taken by the cycle model, and what did not run. */
void sim_pieces_print(const struct sim_results *r);

#ifdef __cplusplus
}
#endif
#endif
