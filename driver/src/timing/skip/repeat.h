/* Networks repeat blocks of layers, and so does the hardware: where the machine looks as it did some layers ago and the
 * commands that follow are those of then, their cycles need not be gone through again. */
#ifndef TETRA_TIMING_REPEAT_H
#define TETRA_TIMING_REPEAT_H

#include "timing/engines/machine.h"

struct repeat;

/* NULL where there is no memory for it: then nothing is recognized. */
struct repeat *repeat_new(const struct tetra_plan *plan);
void repeat_free(struct repeat *r);
/* Commands dispatched when repeat_pass is due next; UINT32_MAX: never. */
uint32_t repeat_next(const struct repeat *r, const struct tetra_plan *plan);
/* Passes all repetitions that there are, if any. */
void repeat_pass(struct repeat *r, struct machine *m);

#endif
