/* The self-test of a board: identity, memory, networks. */
#ifndef TETRA_FPGA_SELFTEST_H
#define TETRA_FPGA_SELFTEST_H

#include <stdio.h>

#include "port.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum fpga_exit {
  FPGA_EXIT_GOOD = 0,
  FPGA_EXIT_DIFFERENT = 1, /* memory, codes or cycles are not what they must be, bits of the line got lost, or the
                              accelerator stopped */
  FPGA_EXIT_BAD_INPUT = 2  /* no board, or not one of Tetra's, or no resources */
};

/* Runs all of it, as far as it is good: what it finds goes to `out`, progress to `progress` (NULL: nobody wants it),
 * the one line that says why it ends early to *err. Returns an enum fpga_exit. */
TETRA_NODISCARD int fpga_selftest(const struct board_port *port, FILE *out, FILE *progress, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
