/* What ./sim prints on standard output. */
#ifndef TETRA_SIM_REPORT_H
#define TETRA_SIM_REPORT_H

#include "run/session.h"

#ifdef __cplusplus
extern "C" {
#endif

void sim_report_header(const struct sim_session *s);
/* One layer, just completed. */
void sim_report_layer(const struct sim_session *s, int op);
/* Rewrites the progress line of a terminal, at most five times a second; nothing elsewhere. */
void sim_report_progress(struct sim_session *s);
/* Removes the progress line before something else is printed. */
void sim_report_clear(const struct sim_session *s);
void sim_report_totals(const struct sim_session *s);

/* "hardware ...": the array, its SRAM and the DRAM; without the end of its line. */
void sim_report_hardware(const struct sim_options *o, const struct tetra_caps *caps);
/* Pieces of a layer's line: 1234567 as "1,234,567"; input and output shape; formats of input, weights and outputs. */
const char *sim_grouped(uint64_t v, char out[32]);
void sim_shape_text(const struct tetra_graph *g, const struct tetra_op *op, char out[80]);
void sim_bits_text(const struct tetra_graph *g, const struct tetra_op *op, char out[40]);

#ifdef __cplusplus
}
#endif
#endif
