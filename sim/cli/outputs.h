/* The files that a run writes. */
#ifndef TETRA_SIM_OUTPUTS_H
#define TETRA_SIM_OUTPUTS_H

#include "cli/settings.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Can all of them be written? Asked before a run, which may take long. TETRA_EIO names the option and the file. */
TETRA_NODISCARD int sim_outputs_probe(const struct sim_options *o, struct tetra_error *err);
/* "--json": the option of a report. */
const char *sim_report_option(enum sim_report report);

#ifdef __cplusplus
}
#endif
#endif
