/* Steady flow in which the memory takes every word at once: the way from the drain to the bus is then a delay line, and
 * 64 cycles of it are one word of bits. */
#ifndef TETRA_TIMING_STREAM_H
#define TETRA_TIMING_STREAM_H

#include "timing/skip/steady.h"

/* No word waits for another. */
static inline int stream_applies(const struct machine *m) { return m->words <= 1 && m->words_out <= 1; }

/* Passes cycles of the stretch; returns whether any passed. */
int stream_pass(struct machine *m, const struct steady *c);

#endif
