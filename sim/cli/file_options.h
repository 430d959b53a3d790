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
/* Pixels as they are, / 255. */
void sim_pixels_default(struct sim_pixels *p);
/* The value of --layout. TETRA_EINVAL. */
TETRA_NODISCARD int sim_parse_layout(const char *text, struct sim_pixels *p, struct tetra_error *err);
/* The values of --mean and --std: one number for all channels, or three. TETRA_EINVAL. */
TETRA_NODISCARD int sim_parse_mean(const char *text, struct sim_pixels *p, struct tetra_error *err);
TETRA_NODISCARD int sim_parse_std(const char *text, struct sim_pixels *p, struct tetra_error *err);
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
