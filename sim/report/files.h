/* The result files that a command line asks for. */
#ifndef TETRA_SIM_REPORT_FILES_H
#define TETRA_SIM_REPORT_FILES_H

#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes each of r->o->reports. All are tried; the first error is returned. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int sim_reports_write(const struct sim_results *r, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
