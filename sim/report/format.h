/* Pieces of lines that more than one report prints. */
#ifndef TETRA_SIM_FORMAT_H
#define TETRA_SIM_FORMAT_H

#include <stdint.h>
#include <stdio.h>

#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 1234567 as "1,234,567". */
const char *sim_thousands(uint64_t v, char out[32]);
/* "3x3/2", with several channels in each of 32 groups "3x3/2g32"; "-" where there is no window. */
void sim_window_text(const struct tetra_op *op, char out[24]);
/* Input and output: "56x56x64>28x28x128". */
void sim_shape_text(const struct tetra_graph *g, const struct tetra_op *op, char out[80]);
/* Formats of input and weights, then of the outputs: "u4*s4>u4,u8". */
void sim_bits_text(const struct tetra_graph *g, const struct tetra_op *op, char out[40]);
/* Share of the mode's peak: "87.5%"; "-" where a layer does no multiplications. */
void sim_utilization_text(const struct sim_results *r, int op, char out[16]);
/* Of the column of layer names: at least `least`, at most 40, because names from files may be long. */
TETRA_NODISCARD int sim_name_width(const struct tetra_graph *g, int least);
/* Prints "hardware ...": the array, its SRAM and the DRAM; without the end of its line. */
void sim_print_hardware(const struct sim_results *r);
/* Prints how far the array can get in convolutions in groups; nothing where there are none. */
void sim_print_groups(const struct sim_totals *t);
/* Prints why some layers are above their peak; nothing where none is. */
void sim_print_above_peak(const struct sim_results *r);
/* What the array did in each cycle, by the hardware's counters or the cycle model's, and that they add up to the total.
 */
void sim_print_causes(const struct sim_results *r);
/* `text` between two marks, those inside it doubled: a field of comma-separated values with '"'. */
void sim_print_quoted(const char *text, char mark, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
