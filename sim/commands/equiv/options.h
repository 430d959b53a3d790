/* The command line of `./sim equiv`. */
#ifndef TETRA_SIM_EQUIV_OPTIONS_H
#define TETRA_SIM_EQUIV_OPTIONS_H

#include "cli/settings.h"
#include "tetra/equiv.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define EQUIV_OUT "counterexample.npy" /* where -o is not given */

struct equiv_options {
  const char *networks[2], *input, *out; /* file names, borrowed from argv */
  double radius;                         /* in the units of the input's numbers */
  struct tetra_equiv_options how;
  struct sim_pixels pixels; /* what uint8 pixels mean */
  int limit, skip;          /* images; limit 0: all */
  int help;
};

/* TETRA_EINVAL with a message that names the option, the value and what is accepted. */
TETRA_NODISCARD int equiv_options_parse(int argc, char **argv, struct equiv_options *o, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
