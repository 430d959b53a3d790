/* Channels of 4-bit activations made alike. Private to the library. */
#ifndef TETRA_QUANT_EQUALIZE_H
#define TETRA_QUANT_EQUALIZE_H

#include "ptq/quantizer.h"
#include "ptq/spread.h"

/* Changes the weights, biases and known distributions of the plan's network, whose points are placed, so that channels
 * of its 4-bit tensors reach about as far as each other; it stays the same function of the image. Nothing changes where
 * no tensor has 4 bits. TETRA_ENOMEM. */
TETRA_NODISCARD int quant_equalize(struct tetra_arena *arena, struct quant_plan *p, const float *images, int n);
static inline int quant_equalizes(const struct tetra_quantize_options *o) {
  return !o->keep_channels && o->method != TETRA_METHOD_MAX;
}
/* The same from distributions, per value, which are the old network's afterwards. */
TETRA_NODISCARD int quant_equalize_spreads(struct tetra_arena *arena, struct quant_plan *p,
                                           const struct quant_spread *s);

#endif
