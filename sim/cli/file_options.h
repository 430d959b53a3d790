/* Options of networks from files and of runs over many images. */
#ifndef TETRA_SIM_FILE_OPTIONS_H
#define TETRA_SIM_FILE_OPTIONS_H

#include "cli/option.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct sim_option sim_file_options[];

/* As --backend takes it. */
const char *sim_backend_name(enum sim_backend b);
/* Do the options fit together? TETRA_EINVAL. */
TETRA_NODISCARD int sim_file_check(const struct sim_options *o, struct tetra_error *err);
/* Is this name of a network the name of a file? */
TETRA_NODISCARD int sim_is_network_file(const char *name);
/* Of a SCALE-Sim topology? */
TETRA_NODISCARD int sim_is_topology(const char *name);

#ifdef __cplusplus
}
#endif
#endif
