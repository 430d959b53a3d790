/* One file of 8-bit weights that hold a 4-bit network. Private to the library. */
#ifndef TETRA_QUANTIZE_NESTED_H
#define TETRA_QUANTIZE_NESTED_H

#include "ptq/quantizer.h"

/* Gives every layer of 4-bit weights 8-bit ones of which the 4-bit ones are tetra_nested_weight, as near to the float
 * weights as that allows, at a sixteenth of their scale. Behind quant_run. TETRA_ENOMEM, TETRA_EINVAL. */
TETRA_NODISCARD int quant_nest(struct tetra_arena *arena, struct quant_plan *p);

#endif
