/* One file of 8-bit weights that hold a 4-bit network. Private to the library. */
#ifndef TETRA_QUANTIZE_NESTED_H
#define TETRA_QUANTIZE_NESTED_H

#include "ptq/quantizer.h"

/* Of one layer, or group of one: 8-bit codes wide[cout][k] that hold the 4-bit codes narrow[cout][k] of scale[cout]
 * (tetra_nested_weight), at a sixteenth of that scale. Each is first the nearest to its float weight w[cout][k] that
 * its 4-bit code allows; then they descend on the mean square error of the sums, one code at a time, which takes back
 * most of what these bounds cost. moments[k][k]: second moments of the inputs, of which the upper half counts; NULL:
 * nearest codes. TETRA_ENOMEM. */
TETRA_NODISCARD int quant_nest_codes(size_t k, int cout, const float *w, const double *moments, const int8_t *narrow,
                                     const float *scale, int8_t *wide);
/* Behind quant_run: the biases of the layers that have such codes; inputs must have 8 bits. TETRA_EINVAL, TETRA_ENOMEM.
 */
TETRA_NODISCARD int quant_nest(struct tetra_arena *arena, struct quant_plan *p);

#endif
