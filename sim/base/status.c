/* The one line on standard error with which every command fails. */
#include "base/status.h"

#include <stdio.h>

int sim_complain(const struct tetra_error *err) {
  fflush(stdout);
  fprintf(stderr, "sim: %s\n", err->msg);
  return SIM_EXIT_BAD_INPUT;
}
