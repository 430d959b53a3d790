/* The writers of cli/reports.def: sim_NAME_write puts results into a file that is there as a whole or not at all
 * (base/outfile.h). TETRA_EIO, TETRA_ENOMEM. */
#ifndef TETRA_SIM_WRITERS_H
#define TETRA_SIM_WRITERS_H

#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_REPORT(name, help) \
  TETRA_NODISCARD int sim_##name##_write(const char *path, const struct sim_results *r, struct tetra_error *err);
#include "cli/reports.def"
#undef SIM_REPORT

#ifdef __cplusplus
}
#endif
#endif
