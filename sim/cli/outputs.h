/* The files that a run writes. */
#ifndef TETRA_SIM_OUTPUTS_H
#define TETRA_SIM_OUTPUTS_H

#include "cli/settings.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Can all of them be written, and is none of them another one or a file that the run reads? Asked before a run, which
 * may take long. TETRA_EIO, TETRA_EINVAL: the message names option and file. */
TETRA_NODISCARD int sim_outputs_check(const struct sim_options *o, struct tetra_error *err);
/* Is none of the outputs called "-", which reports alone write to the standard output? TETRA_EINVAL names the option.
 */
TETRA_NODISCARD int sim_outputs_refuse_dash(const struct sim_options *o, struct tetra_error *err);
/* As sim_outputs_check for a file whose name follows from `option` and not from the command line alone (one of
 * --dump-tensors): is `path` none of the files that the options name? TETRA_EINVAL names both. */
TETRA_NODISCARD int sim_outputs_check_beside(const struct sim_options *o, const char *option, const char *path,
                                             struct tetra_error *err);
/* "--output" or "--output-layer". */
const char *sim_tensor_option(const struct sim_tensor_file *t);
/* "--json": the option of a report. */
const char *sim_report_option(enum sim_report report);

/* Does any output need a timeline of the run? */
TETRA_NODISCARD int sim_wants_timeline(const struct sim_options *o);

#ifdef __cplusplus
}
#endif
#endif
