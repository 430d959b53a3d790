/* The sections of a run's page. */
#ifndef TETRA_SIM_HTML_SECTIONS_H
#define TETRA_SIM_HTML_SECTIONS_H

#include <stdio.h>

#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Cycles by cause: of the run, and layer by layer where that is known. */
void page_causes(FILE *f, const struct sim_results *r);
/* MACs a cycle over MACs a byte, under the array's and the memory's roofs. */
void page_roofline(FILE *f, const struct sim_results *r);
/* Bytes by what they are, and utilization, layer by layer. */
void page_traffic(FILE *f, const struct sim_results *r);
void page_utilization(FILE *f, const struct sim_results *r);
/* All of it as a table to sort. */
void page_layers(FILE *f, const struct sim_results *r);

#ifdef __cplusplus
}
#endif
#endif
