/* The JSON document of a run as text, for programs that hold it in memory. */
#ifndef TETRA_SIM_JSON_TEXT_H
#define TETRA_SIM_JSON_TEXT_H

#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What sim_json_write puts into a file; *text is the caller's to free. TETRA_ENOMEM. */
TETRA_NODISCARD int sim_json_text_of(const struct sim_results *r, char **text, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
