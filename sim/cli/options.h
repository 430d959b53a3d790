/* The command line of ./sim. */
#ifndef TETRA_SIM_OPTIONS_H
#define TETRA_SIM_OPTIONS_H

#include <stdio.h>

#include "cli/settings.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Parses; TETRA_EINVAL with a one-line message that names the value and what is accepted. */
TETRA_NODISCARD int sim_options_parse(int argc, char **argv, struct sim_options *o, struct tetra_error *err);
/* Options of run i of n_networks * n_precisions, networks outermost. */
void sim_options_select(const struct sim_options *all, int i, struct sim_options *one);
void sim_options_help(FILE *out);

#ifdef __cplusplus
}
#endif
#endif
