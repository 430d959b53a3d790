/* A network in pieces that run apart: all of it (--segments), or a random sample (--sample). */
#ifndef TETRA_SIM_PIECES_COMMAND_H
#define TETRA_SIM_PIECES_COMMAND_H

#include "cli/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs, compares, reports. Returns the exit code; what went wrong has been said. */
int sim_pieces_command(const struct sim_options *o);

#ifdef __cplusplus
}
#endif
#endif
