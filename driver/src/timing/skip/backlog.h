/* Steady flow with words waiting in the FIFO's SRAM. The FIFO's end is then always full, so there is a write beat
 * whenever the memory takes one, and what moves on the bus depends on the token bucket alone: 64 cycles of it at once,
 * from a table, or as many times 64 as go on alike. The drain in turn needs to know only when words leave. */
#ifndef TETRA_TIMING_BACKLOG_H
#define TETRA_TIMING_BACKLOG_H

#include "timing/skip/steady.h"

/* Fills m->grants, for a rate that does not pay for all. */
void backlog_tables(struct machine *m);

/* Words wait, and the FIFO's end is full or was until the cycle before. */
static inline int backlog_applies(const struct machine *m) {
  return m->w_valid && m->words != 0 && m->words_out + m->words_rd >= kWordsOut - 1;
}

/* Passes at most 64 cycles of the stretch, up to the one in which the last word may leave the SRAM, and before them as
 * often 64 as all goes on alike. Returns whether any passed. */
int backlog_pass(struct machine *m, const struct steady *c);

#endif
