/* Test of a board's memory: every address, every bit both ways. */
#ifndef TETRA_FPGA_MEMTEST_H
#define TETRA_FPGA_MEMTEST_H

#include "board.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Is told how far it is, 0..100; may be NULL. */
typedef void (*memtest_progress)(void *arg, unsigned percent);

/* Twice writes the whole memory and then reads it: words that are different at each address, then their complements.
 * TETRA_EDIFF: words are not what was written, *err says how many and the first; else as link_read. */
TETRA_NODISCARD int memtest_run(const struct board *b, memtest_progress progress, void *arg, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
