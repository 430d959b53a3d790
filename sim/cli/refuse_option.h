/* What every command says of an option that it does not know. */
#ifndef TETRA_SIM_REFUSE_OPTION_H
#define TETRA_SIM_REFUSE_OPTION_H

#include "tetra/status.h"

struct option; /* <getopt.h> */

#ifdef __cplusplus
extern "C" {
#endif

/* After getopt_long has answered '?' for the argument `text`; known[] ends as getopt's does. `command` is "" for ./sim
 * itself, else "quantize" and so on. Tells a missing or superfluous value from an unknown option, and names the known
 * one that is like it. Returns TETRA_EINVAL. */
int sim_refuse_option(const char *command, const char *text, const struct option *known, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
