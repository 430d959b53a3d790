/* Steady flow cycle by cycle, with jumps over whole periods once the state is what it was kPeriod cycles ago. */
#ifndef TETRA_TIMING_WALK_H
#define TETRA_TIMING_WALK_H

#include "timing/skip/steady.h"

/* Passes cycles of the stretch, until one that does not belong to it or until words wait in the SRAM. Returns whether
 * any passed. */
int walk_pass(struct machine *m, const struct steady *c);

#endif
