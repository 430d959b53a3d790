/* Bits that keep the answers near images (as CEG4N does): counterexamples of the equivalence checker become
 * constraints of the allocation, until none is left. */
#ifndef TETRA_SIM_ALLOCATE_CEG_H
#define TETRA_SIM_ALLOCATE_CEG_H

#include "commands/allocate/costs.h"
#include "commands/quantize/read.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the allocation is of. */
struct allocate_ceg {
  const struct allocate_options *o;
  struct allocate_costs *costs;
  const struct quantize_file *real;
  const struct quantize_images *images;
};

/* Replaces *best, which keeps o->limit, by bits that keep it and with which the quantized network has the same best
 * class as the one with the dearest choice in every layer, on all counterexamples found: images within o->radius of the
 * first o->ceg ones. A round quantizes, searches and proves; each image that
 * it finds becomes a constraint: what quantizing the layers takes off its class's lead, measured layer by layer, may
 * add up to no more than the lead. Prints a line a round. TETRA_ERANGE: after some rounds counterexamples are left; the
 * message says how many. TETRA_EINVAL, TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int allocate_ceg(const struct allocate_ceg *c, struct allocate_point *best, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
