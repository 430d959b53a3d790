/* --segments and --sample: a network in pieces. */
#ifndef TETRA_SIM_CLI_PIECES_H
#define TETRA_SIM_CLI_PIECES_H

#include "cli/settings.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Do the options ask for pieces? --segments 1 is a run as ever. */
TETRA_NODISCARD int sim_wants_pieces(const struct sim_options *o);
/* TETRA_EINVAL names an option that has no meaning for pieces. */
TETRA_NODISCARD int sim_pieces_check(const struct sim_options *o, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
