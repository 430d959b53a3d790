/* Reports on standard output. */
#ifndef TETRA_SIM_ANSWERS_H
#define TETRA_SIM_ANSWERS_H

#include "cli/settings.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* `-` as the file of a report is the standard output: o->reports names its descriptor then, and everything else that
 * this process and its children print goes to standard error. Called before anything is printed. TETRA_EINVAL where
 * more than one report would go there; TETRA_EIO. */
TETRA_NODISCARD int sim_answers_redirect(struct sim_options *o, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
