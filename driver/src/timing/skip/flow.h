/* Cycles in which nothing begins or ends. */
#ifndef TETRA_TIMING_SKIP_FLOW_H
#define TETRA_TIMING_SKIP_FLOW_H

#include "timing/engines/machine.h"

/* From m->t to m->stop, which comes closer where something turns out to begin before, or until a command may. */
void flow_pass(struct machine *m);

#endif
